import { expect, test } from "vitest";
import { FrontendFailed } from "../../../src/engine/failures.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import { failureOf } from "../../support/debug-driver.ts";
import { digestOf, FX_TEXT, fxProgram } from "../../support/graphs.ts";
import { ScreenFixture } from "../../support/screen-fixture.ts";

function loaded(columns = 80, rows = 24): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT, { columns, rows });
  screen.launch();
  return screen.opened(fxProgram());
}

test("without a right column the steps are in the lower pane, and Tab goes between it and the source", async () => {
  await using screen = loaded();
  screen.type("2");
  expect(screen.rows().join("\n")).toMatch(/─\[ 2 Steps \]─ 3 Log ─.* 8 left ─/);
  expect(screen.rows().join("\n")).toMatch(/1\/8 ADD busybox/);
  screen.type("jj");
  expect(screen.controller.view().selected?.id).toBe(1);
  screen.type("\t");
  expect(screen.controller.ui.focus).toBe("source");
  expect(screen.rows().join("\n")).toContain("[ 2 Steps ]");
  screen.type("\t");
  expect(screen.controller.ui.focus).toBe("steps");
});

test("a screen that grows shows the steps in their column and the log below again, and the other way round", async () => {
  await using screen = loaded();
  screen.type("2");
  screen.size = { columns: 120, rows: 40 };
  screen.controller.changed();
  const wide = screen.rows().join("\n");
  expect(wide).toMatch(/─┬─\[ 2 Steps \]/);
  expect(wide).toMatch(/^─\[ 3 Log \]/m);
  expect(wide.match(/1\/8 ADD busybox/g)).toHaveLength(1);
  screen.size = { columns: 80, rows: 24 };
  screen.controller.changed();
  expect(screen.rows().join("\n")).toContain("[ 2 Steps ]");
});

test("each pane can be searched and zoomed", async () => {
  await using screen = loaded();
  screen.type("2/WORKDIR\r");
  expect(screen.controller.view().selected?.text).toBe("WORKDIR /src");
  screen.type(".");
  expect(screen.controller.view().selected?.text).toBe("WORKDIR /app");
  screen.type("\u001b").type(":break 3\r:break 10\r");
  screen.type("6/echo two\r");
  expect(screen.controller.ui.breaks.cursor).toBe(1);
  screen.type("z");
  expect(screen.rows().slice(1, 4).join("\n")).toMatch(/on +where[\s\S]*Dockerfile:10/);
  screen.type("z").type("\u001b").type("8/digest\r");
  expect(screen.rows().join("\n")).toMatch(/digest +sha256:/);
});

test("a search that is given up leaves every pane as it was", async () => {
  await using screen = loaded();
  screen.type("2j");
  const before = screen.controller.ui.steps;
  screen.type("/COPY\u001b");
  expect(screen.controller.ui.steps).toEqual(before);
  expect(screen.controller.ui.search).toBeUndefined();
});

test("messages show the newest first, can be scrolled to the oldest and searched", async () => {
  await using screen = loaded();
  for (let index = 0; index < 30; index += 1) screen.controller.say(`message ${index}`);
  screen.type(":messages\r");
  expect(screen.rows().join("\n")).toContain("message 29");
  screen.type("g");
  expect(screen.rows().join("\n")).toContain("message 0");
  expect(screen.rows().slice(12).join("\n")).not.toContain("message 29");
  screen.type("/message 17\r");
  expect(screen.rows().slice(12).join("\n")).toContain("message 17");
});

test.each([
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
])(
  "what is warned of is listed by line and rule, and Enter goes to the line ($columns columns)",
  async (size) => {
    await using screen = loaded(size.columns, size.rows);
    const warned = (line: number, text: string, detail: readonly string[]): void => {
      const ranges = [{ source: 0, start: lineOf(line), end: lineOf(line) }];
      screen.report({
        kind: "warning",
        vertex: undefined,
        text,
        detail,
        url: `https://rules/${line}`,
        ranges,
      });
    };
    screen.type("9");
    expect(screen.rows().join("\n")).toMatch(/\[ 9 Warnings \]─.* 0 warnings ─\n {2}nothing is warned of/);
    warned(5, "SecretsUsed: Do not use ARG (line 5)", ["Asked of secrets"]);
    warned(3, "FromAsCasing: no \u001b[2Jmatch (line 3)", ["Asked of casing"]);
    screen.report({ kind: "warning", vertex: undefined, text: "about no line", ranges: [] });
    screen.type("g");
    const pane = (): string =>
      screen
        .rows()
        .slice(screen.rows().findIndex((row) => row.includes("[ 9 Warnings ]")))
        .join("\n");
    expect(pane()).toMatch(
      /3 warnings ─\n {2}line {2}rule {10}what is warned of\n> {21}about no line\n {5}3 {2}FromAsCasing {2}no .*match\n {5}5 {2}SecretsUsed {3}Do not use ARG\n/,
    );
    expect(pane()).not.toContain("\u001b");
    screen.type("j");
    expect(pane()).toMatch(/\n {2}Asked of casing\n {2}https:\/\/rules\/3\n/);
    screen.type("/do not\r");
    expect(pane()).toMatch(/\n>.*SecretsUsed[\s\S]*Asked of secrets/);
    screen.type("y");
    expect(screen.done).toContain("copy SecretsUsed: Do not use ARG (line 5)");
    screen.type("\r");
    expect(screen.controller.ui.focus).toBe("source");
    expect(screen.controller.view().document.layout.rowAt(screen.controller.ui.source.cursor)).toMatchObject({
      line: 5,
    });
    screen.type(":warnings\rg\r");
    expect(screen.controller.ui.focus).toBe("warnings");
    expect(screen.controller.ui.toast?.text).toBe("Enter: no line of the file belongs to it");
  },
);

test("sizes are moved for one class of screens and do not change the others", async () => {
  await using screen = loaded();
  const rowsOf = (): number => screen.controller.view().layout.lower?.rows ?? 0;
  const before = rowsOf();
  screen.type("++");
  expect(rowsOf()).toBe(Math.min(before + 4, 16));
  screen.size = { columns: 120, rows: 24 };
  screen.controller.changed();
  expect(rowsOf()).toBe(before);
  screen.type("2+");
  expect(screen.controller.view().layout.steps?.columns).toBe(44);
  screen.type("=");
  expect(screen.controller.view().layout.steps?.columns).toBe(40);
});

test("T chooses a stage of a file that could not be loaded, and loads again", async () => {
  await using screen = new ScreenFixture(FX_TEXT);
  screen.launch();
  const error = new FrontendFailed('target stage "ap" could not be found', []);
  screen.answer({ kind: "open-failed", token: screen.token, error });
  expect(screen.row(1)).toContain("ERROR");
  screen.type("T");
  expect(screen.controller.ui.overlay).toMatchObject({
    kind: "menu",
    items: [{ value: "base" }, { value: "lib" }, { value: "app" }],
  });
  screen.controller.overlays.chosen("lib");
  expect(screen.debug.state.request?.target).toBe("lib");
  expect(screen.debug.state.phase.kind).toBe("opening");
});

test("the log of a cached step is there when it was seen running before, and says in which attempt", async () => {
  await using screen = loaded();
  const report = (cached: boolean): void => {
    const vertex = digestOf("one");
    const times = { startedMs: 1000, completedMs: 1500 };
    if (!cached)
      screen.report({
        kind: "log",
        vertex,
        stream: "stdout",
        atMs: 1200,
        data: Buffer.from("printed once\n"),
      });
    screen.report({ kind: "vertex", vertex, name: "[lib 2/2] RUN", ...times, cached, error: "" });
  };
  screen.type("c");
  report(false);
  screen.answer({ kind: "solve-failed", token: screen.token, failure: failureOf("two") });
  screen.type("r");
  screen.debug.progress.reset();
  screen.opened(fxProgram());
  report(true);
  screen.type(":6\r").type("3o");
  const shown = screen.rows().join("\n");
  expect(shown).toMatch(/── from attempt 1\n +0\.200 printed once\n/);
});

test("output that the engine dropped is said to be dropped", async () => {
  await using screen = loaded();
  screen.type("c");
  const data = Buffer.from("last words[output clipped, log limit 200KiB/s reached]\n");
  screen.report({ kind: "log", vertex: digestOf("one"), stream: "stdout", atMs: 1200, data });
  screen.type("3");
  expect(screen.rows().join("\n")).toContain("last words clipped by the engine: it keeps 200KiB/s of output");
});
