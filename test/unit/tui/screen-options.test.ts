import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../../../src/console/settings.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import { keysWith } from "../../../src/tui/commands/key-bindings.ts";
import { parseSet } from "../../../src/tui/commands/set-command.ts";
import { screenSettings } from "../../../src/tui/commands/settings.ts";
import { makeLook, type Role } from "../../../src/tui/drawing/look.ts";
import { leaveSequences } from "../../../src/tui/input/leave-keys.ts";
import { ScreenMemory } from "../../../src/tui/state/screen-memory.ts";
import { initialUiState, NO_SPLITS } from "../../../src/tui/state/ui-state.ts";
import { failureOf } from "../../support/debug-driver.ts";
import { FX_TEXT, fxProgram } from "../../support/graphs.ts";
import { ScreenFixture } from "../../support/screen-fixture.ts";

function loaded(): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT);
  screen.launch();
  return screen.opened(fxProgram());
}

test("R offers how to rerun; --no-cache holds for that rerun only", async () => {
  await using screen = loaded();
  screen.type("R");
  expect(screen.controller.ui.overlay).toMatchObject({ kind: "menu", title: "Rerun", initial: 0 });
  screen.controller.overlays.chosen("no-cache");
  expect(screen.debug.state.request?.noCache).toBe(true);
  screen.opened(fxProgram()).type("r");
  expect(screen.debug.state.request?.noCache).toBe(false);
});

test("a build argument is set by R or by name, and taken back", async () => {
  await using screen = loaded();
  screen.type("R");
  screen.controller.overlays.chosen("argument");
  screen.type("VERSION=a=b c\r");
  expect(screen.debug.state.request?.buildArgs).toEqual({ VERSION: "a=b c" });
  screen.opened(fxProgram()).type(":arg EMPTY=\r");
  expect(screen.debug.state.request?.buildArgs).toEqual({ VERSION: "a=b c", EMPTY: "" });
  screen.opened(fxProgram()).type(":arg VERSION\r");
  expect(screen.debug.state.request?.buildArgs).toEqual({ EMPTY: "" });
});

test(":attempts tells how each run went, the newest first", async () => {
  await using screen = loaded().type("c");
  screen.answer({ kind: "solve-failed", token: screen.token, failure: failureOf("add") });
  screen.type("r").opened(fxProgram()).type(":attempts\r");
  const shown = screen.rows().join("\n");
  expect(shown).toMatch(/2 +\S+ +LOADED[\s\S]*1 +\S+ +FAILED step 1\/8 · exit code 1 · line 2/);
});

test("u brings back the breakpoint that was deleted last, switched off when it was", async () => {
  await using screen = loaded();
  screen.type("b6").type(" D");
  expect(screen.debug.state.breakpoints).toEqual([]);
  screen.type("u");
  expect(screen.debug.state.breakpoints).toMatchObject([
    { spec: { kind: "line", line: lineOf(2) }, enabled: false },
  ]);
  screen.type("u");
  expect(screen.controller.ui.toast?.text).toBe("u: no breakpoint was deleted");
});

test("the mouse does nothing until m turns it on; then it focuses, moves the cursor and sets breakpoints", async () => {
  await using screen = loaded();
  const press = (x: number, y: number, action: "press" | "wheel-down" = "press"): void => {
    screen.controller.onEvent({
      type: "mouse",
      action,
      button: action === "press" ? "left" : "none",
      x,
      y: y - 1,
      ctrl: false,
      alt: false,
      shift: false,
    });
  };
  press(0, 5);
  expect(screen.debug.state.breakpoints).toEqual([]);
  screen.type("m");
  press(0, 5);
  expect(screen.row(5)).toMatch(/^● {4}3/);
  press(20, 15);
  expect(screen.controller.ui.focus).toBe("log");
  press(20, 9);
  expect(screen.row(2)).toContain("line 6/11");
  press(20, 9, "wheel-down");
  expect(screen.row(2)).not.toContain("line 6/11");
});

test("a stop after a long run calls back a user who looks elsewhere, once, in the ways that were chosen", async () => {
  await using screen = loaded();
  screen.type(":set notify title bell osc9\r");
  const run = (ms: number): void => {
    screen.type("n");
    screen.nowMs += ms;
    screen.solved();
  };
  run(20_000);
  screen.controller.onEvent({ type: "focus", focused: false });
  run(5_000);
  expect(screen.done).toEqual([]);
  // Over the end of the stage, where nothing runs.
  screen.type("n");
  run(20_000);
  expect(screen.done).toEqual([
    "bell bktui: PAUSED before step 4/8 · line 6",
    "osc9 bktui: PAUSED before step 4/8 · line 6",
  ]);
  expect(screen.controller.ui.terminal).toBe("wanted");
  screen.controller.onEvent({ type: "focus", focused: true });
  expect(screen.controller.ui.terminal).toBe("focused");
});

test(":set takes what it knows and says what it would take", () => {
  expect(parseSet(["theme", "mono"])).toEqual({ kind: "change", change: { theme: "mono" } });
  expect(parseSet(["clipboard", "deny"])).toEqual({ kind: "change", change: { clipboard: "deny" } });
  expect(parseSet(["notify", "bell,", "osc9"])).toEqual({
    kind: "change",
    change: { notify: ["bell", "osc9"] },
  });
  expect(parseSet(["notify-after", "30s"])).toEqual({ kind: "change", change: { notifyAfterMs: 30_000 } });
  expect(parseSet(["mouse"])).toEqual({ kind: "change", change: { mouse: true } });
  expect(parseSet(["theme", "pink"])).toMatchObject({ why: ":set theme terminal | high-contrast | mono" });
  expect(parseSet(["nonsense"])).toMatchObject({ kind: "unknown" });
});

test("keys can be changed: hints and help follow, and what a chosen key meant before it means no more", () => {
  const { keys, problems } = keysWith([
    { command: "next", keys: ["ctrl-N", "x"], from: "c.json:3" },
    { command: "quit", keys: [], from: "c.json:4" },
  ]);
  expect(problems).toEqual([]);
  expect(keys.commandFor("Ctrl-n", "source")).toBe("next");
  expect(keys.commandFor("x", "source")).toBe("next");
  expect(keys.commandFor("n", "source")).toBeUndefined();
  expect([keys.keyOf("next"), keys.keyOf("swap"), keys.keyOf("quit")]).toEqual(["Ctrl-N", ":swap", ":quit"]);
});

test("bindings that cannot be are named with their place, and the rest holds", () => {
  const { keys, problems } = keysWith([
    { command: "nxt", keys: ["n"], from: "c.json:1" },
    { command: "next", keys: ["Hyper-q", "w"], from: "c.json:2" },
    { command: "into", keys: ["w"], from: "c.json:3" },
  ]);
  expect(problems).toEqual([
    'c.json:1: there is no command "nxt"; ? lists them',
    'c.json:2: "Hyper-q" is no key; write n, F10, Ctrl-x, Enter, Space',
    "key w is set for next and into: the first has it",
  ]);
  expect(keys.commandFor("w", "log")).toBe("next");
});

test("the key that leaves a shell is the one that goes back, and is known as terminals send it", () => {
  const settings = screenSettings({
    ...DEFAULT_SETTINGS,
    shell: { ...DEFAULT_SETTINGS.shell, leave: ["Ctrl-g", "F12"] },
  });
  const { keys } = keysWith(settings.keys);
  expect(keys.commandFor("Ctrl-g", "source")).toBe("keyboard");
  expect(leaveSequences(keys.bindingOf("keyboard")?.keys ?? [])).toEqual(["\u0007", "\u001b[24~"]);
  expect(leaveSequences(["Ctrl-]", "F1"])).toEqual(["\u001d", "\u001b[11~", "\u001bOP"]);
});

test("high contrast shows nothing dim or grey, mono no colour at all", () => {
  const roles: readonly Role[] = ["dim", "rule", "waiting", "comment", "failed", "running", "key"];
  const codes = (name: "high-contrast" | "mono"): string =>
    roles.map((role) => makeLook({ env: {}, color: "always", name }).paint(role, "x")).join("");
  expect(codes("high-contrast")).not.toMatch(/\[(?:[\d;]*;)?(?:2|90)[;m]/);
  expect(codes("high-contrast")).toMatch(/91m/);
  expect(codes("mono")).not.toMatch(/[;[](?:3|9)\d/);
});

test("sizes and typed commands are remembered, values that may be secret and damaged files are not", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bktui-memory-"));
  try {
    const memory = new ScreenMemory(directory);
    const before = await memory.load();
    expect(before).toEqual({ splits: NO_SPLITS, history: [] });
    const splits = { ...NO_SPLITS, wide: { lowerRows: 4, sideColumns: -8 } };
    const history = ["next", "arg TOKEN=geheim", "set theme mono"];
    await memory.keep({ ...initialUiState(), splits, history });
    expect(await readFile(join(directory, "history.json"), "utf8")).not.toContain("geheim");
    expect(await new ScreenMemory(directory).load()).toEqual({ splits, history: ["next", "set theme mono"] });
    await writeFile(join(directory, "layout.json"), '{"splits":{"wide":{"lowerRows":1e9,"sideColumns":"x"}}');
    expect((await new ScreenMemory(directory).load()).splits).toEqual(NO_SPLITS);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("build.on_error decides what happens at a failure: a shell at once, or the end", async () => {
  for (const onError of ["shell", "exit"] as const) {
    await using screen = loaded();
    screen.controller.act({ kind: "settings", change: { onError } });
    screen.type("c");
    screen.answer({ kind: "solve-failed", token: screen.token, failure: failureOf("add") });
    expect(screen.quitWith).toBe(onError === "exit" ? 1 : undefined);
    expect(screen.controller.ui.focus).toBe(onError === "shell" ? "shell" : "source");
  }
});
