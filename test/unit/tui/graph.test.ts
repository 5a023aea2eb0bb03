import { expect, test } from "vitest";
import { GRAPH_PANE } from "../../../src/tui/panes/graph/pane.ts";
import { failureOf } from "../../support/debug-driver.ts";
import {
  digestOf,
  FX_TEXT,
  FX_VERTICES,
  fxProgram,
  makeProgram,
  type VertexSpec,
} from "../../support/graphs.ts";
import { ScreenFixture } from "../../support/screen-fixture.ts";

function loaded(columns = 80, rows = 24): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT, { columns, rows });
  screen.launch();
  return screen.opened(fxProgram());
}

function paneOf(screen: ScreenFixture): string {
  const rows = screen.rows();
  return rows
    .slice(
      rows.findIndex((row) => /\[ 7( Graph)? \]/.test(row)),
      -1,
    )
    .join("\n");
}

test("stages, steps, marks, what feeds a step, what could run and breakpoints are on one page", async () => {
  await using screen = loaded();
  screen.type(":break 10\r:break end lib\r:6\rt").solved(["context", "add", "install", "src"]).type("7");
  expect(paneOf(screen)).toMatch(
    new RegExp(
      [
        /^─3─4─5─6─\[ 7 Graph \]─8─+ 8 steps · 3 stages · 1 runnable ─$/,
        /^base {3}= ADD busybox \/bin\/busybox +<── context \.$/,
        /^ {7}= RUN \["\/bin\/busybox","--install","-s","\/bin"\]$/,
        /^lib {6}= WORKDIR \/src +<── base$/,
        /^ {8}>· RUN echo one > a\.txt +● end of stage$/,
        /^app {6}· WORKDIR \/app +<── base {2}\(can run now\)$/,
        /^ {9}· COPY --from=lib \/src\/a\.txt \. +<── lib, app$/,
        /^ {9}· RUN echo two >> a\.txt && echo junk… +● breakpoint$/,
        /^ {9}· COPY Dockerfile \. +<── context \.$/,
      ]
        .map(({ source }) => source.slice(1, -1))
        .join("\n"),
    ),
  );
});

test("the cursor begins where the build stands, h and l follow the edges, and what is not there is said", async () => {
  await using screen = loaded();
  const at = (): number | undefined => screen.controller.view().selected?.id;
  screen.type(":9\rt").solved(["context", "add", "install", "src", "one", "dir"]).type("7");
  expect(at()).toBe(5);
  screen.type("h");
  expect(at()).toBe(4);
  screen.type("h");
  expect(at()).toBe(1);
  screen.type("l");
  expect(at()).toBe(2);
  screen.type("gh");
  expect(screen.rows().join("\n")).toContain("step 1 is built on no other step");
  screen.type("Gl");
  expect(screen.rows().join("\n")).toContain("no step uses step 8");
});

test("keys act on the step under the cursor: source, breakpoint, run to here, digest, raw op, search", async () => {
  await using screen = loaded();
  screen.type("7/COPY --from\r").type("b");
  expect(screen.debug.state.breakpoints.map(({ spec }) => spec)).toEqual([{ kind: "line", line: 9 }]);
  screen.type("b");
  expect(screen.debug.state.breakpoints).toEqual([]);
  screen.type("y");
  expect(screen.done).toContain(`copy ${digestOf("copy")}`);
  screen.type("v");
  expect(screen.controller.ui.overlay).toMatchObject({ kind: "text", title: "LLB of step 6/8" });
  expect(screen.rows().join("\n")).toContain(digestOf("copy"));
  expect(screen.rows().join("\n")).toMatch(/│ \{ .*\n.*│ {3}"name": ""/);
  screen.type("\u001b").type("\r");
  expect(screen.controller.ui.focus).toBe("source");
  expect(screen.rows()[1]).toContain("line 9/11");
  screen.type("7t");
  expect(screen.debug.state.phase).toMatchObject({
    kind: "running",
    goal: { stop: { reason: { kind: "cursor" } } },
  });
  expect(screen.solved(["context", "add", "install", "src", "one", "dir"]).row(1)).toMatch(
    /step 6\/8 · line 9$/,
  );
});

test("a failed step keeps the keyboard's pane of old and is followed in the graph", async () => {
  await using screen = loaded();
  screen.type("7gc").answer({ kind: "solve-failed", token: screen.token, failure: failureOf("two") });
  expect(screen.controller.ui.focus).toBe("source");
  screen.type("7");
  expect(screen.controller.view().selected?.id).toBe(6);
  expect(paneOf(screen)).toMatch(/>✗ RUN echo two.* exit 1$/m);
});

test("a stage that the target does not need is there, and leads to its line", async () => {
  const text = FX_TEXT.replace("FROM base AS app", "FROM base AS app2\nFROM base AS app");
  await using screen = new ScreenFixture(text);
  screen.launch();
  screen.opened(
    makeProgram(
      text,
      FX_VERTICES.map((spec) => ({
        ...spec,
        at: spec.at?.map((at) => (typeof at === "number" && at > 6 ? at + 1 : at)) ?? [],
      })),
    ),
  );
  screen.type("7/app2\r");
  expect(paneOf(screen)).toContain("· 1 not built");
  expect(paneOf(screen)).toMatch(/^app2 +\(not built: the target does not need it\)$/m);
  screen.type("l");
  expect(screen.rows().join("\n")).toContain("stage app2 not built");
  screen.type("\r");
  expect(screen.rows()[1]).toContain("line 7/12");
});

test("five thousand vertices on forty columns: the rows on the screen are made, and no others", async () => {
  const lines = ["FROM scratch AS a-stage-with-a-long-name"];
  const specs: VertexSpec[] = [];
  for (let index = 0; index < 5000; index += 1) {
    lines.push(`RUN command ${index}`);
    specs.push({ id: `v${index}`, at: [index + 2], ...(index === 0 ? {} : { on: `v${index - 1}` }) });
  }
  const text = `${lines.join("\n")}\n`;
  await using screen = new ScreenFixture(text, { columns: 40, rows: 12 });
  screen.launch();
  screen.opened(makeProgram(text, specs)).type("7G");
  expect(screen.rows().join("\n")).toMatch(/^ +· RUN command 4999$/m);
  for (const row of screen.rows()) expect([...row].length).toBeLessThanOrEqual(40);
  const view = screen.controller.view();
  if (view.graph === undefined) throw new Error("no graph is shown");
  let read = 0;
  const rows = new Proxy(view.graph.outline.rows, {
    get: (list, key) => {
      if (/^\d+$/.test(String(key))) read += 1;
      return Reflect.get(list, key);
    },
  });
  const graph = { ...view.graph, outline: { ...view.graph.outline, rows } };
  GRAPH_PANE.draw({ ...view, graph }, { columns: 40, rows: 5 }, "lower");
  expect(read).toBe(5);
});
