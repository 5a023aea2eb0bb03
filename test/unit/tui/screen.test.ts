import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sourcePath } from "../../../src/engine/build-sources.ts";
import type { Progress } from "../../../src/engine/engine.ts";
import { failureOf } from "../../support/debug-driver.ts";
import { digestOf, FX_TEXT, fxProgram } from "../../support/graphs.ts";
import { ScreenFixture } from "../../support/screen-fixture.ts";

type VertexReport = Extract<Progress, { kind: "vertex" }>;

function ran(id: string, seconds: number, name = id): VertexReport {
  return {
    kind: "vertex",
    vertex: digestOf(id),
    name,
    startedMs: 1000,
    completedMs: 1000 + seconds * 1000,
    cached: false,
    error: "",
  };
}

function cached(id: string): VertexReport {
  return { ...ran(id, 0), cached: true };
}

function begun(id: string): VertexReport {
  return { ...ran(id, 0), completedMs: undefined };
}

function loaded(): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT);
  screen.launch();
  return screen.opened(fxProgram());
}

/** Stopped at the failure of line 10. */
function failed(facts: Parameters<typeof failureOf>[1] = {}): ScreenFixture {
  const screen = loaded().type("c");
  screen.report(
    cached("add"),
    cached("install"),
    cached("src"),
    cached("one"),
    cached("dir"),
    cached("copy"),
  );
  screen.report({ ...ran("two", 14.9), error: "exit 1" });
  const done = ["add", "install", "src", "one", "dir", "copy"].map(digestOf);
  return screen.answer({
    kind: "solve-failed",
    token: screen.token,
    failure: failureOf("two", facts),
    completed: done,
  });
}

test("after loading the first instruction that runs is marked and nothing asks anything", async () => {
  await using screen = loaded();
  expect(
    screen.rows().join("\n"),
  ).toBe(` bktui Dockerfile:app · dockerd 28.5               LOADED · nothing has run yet
─[ 1 Source ]─────────────────────────────────────────────────────── line 2/11 ─
     1   FROM scratch AS base
 >   2 · ADD busybox /bin/busybox                                          next
     3   RUN ["/bin/busybox","--install","-s","/bin"]
         ┄ end of stage base ┄
     4   FROM base AS lib
     5   WORKDIR /src
     6   RUN echo one > a.txt
         ┄ end of stage lib ┄
     7   FROM base AS app
─[ 3 Log ]─ 4 Shell ─ 5 Files ─ 6 Breaks ─ 7 Graph ─ 8 Info ────────────────────











 n next  s into  f finish  c continue  t to cursor  b break  ! shell  ? help`);
});

test("a key typed before the file is loaded is not lost", async () => {
  await using screen = new ScreenFixture(FX_TEXT);
  screen.type("n");
  screen.launch();
  expect(screen.row(1)).toContain("LOADING Dockerfile");
  screen.opened(fxProgram());
  expect(screen.row(1)).toContain("RUNNING step 1/8");
  screen.solved(["add"]);
  expect(screen.row(1)).toMatch(/PAUSED before step 2\/8 · line 3$/);
});

test("keys that waited are dropped when the file is refused", async () => {
  await using screen = new ScreenFixture(FX_TEXT);
  screen.launch();
  screen.type("nn").opened(fxProgram());
  const failure = failureOf("add");
  screen.answer({ kind: "solve-failed", token: screen.token, failure });
  expect(screen.row(1)).toMatch(/FAILED step 1\/8 · exit code 1 · line 2$/);
});

test("a failure shows its line, what is kept, and what can be done", async () => {
  await using screen = failed();
  const rows = screen.rows();
  expect(rows[0]).toBe(" bktui Dockerfile:app · dockerd 28.5    FAILED step 7/8 · exit code 1 · line 10");
  expect(rows).toContain(" >  10 ✗ RUN echo two >> a.txt && echo junk > b.txt && false             exit 1");
  expect(rows.join("\n")).toMatch(/✗ step 7\/8 failed: exit code 1 after 14\.9s +RUN echo two >> a\.txt/);
  expect(rows).toContain("Kept: FAILED (what the command left) and BASE (before it). Both open at once.");
  expect(rows).toContain("  !  shell on FAILED      x  switch to BASE       d  files it changed");
  expect(rows.at(-1)).toBe(" ! shell  x base/failed  d files  e edit  r rerun  E export  q quit  ? help");
});

test("x shows the other state by name, and again the first", async () => {
  await using screen = failed();
  screen.type("x");
  expect(screen.rows().join("\n")).toContain("!  shell on BASE        x  switch to FAILED");
  screen.type("x");
  expect(screen.rows().join("\n")).toContain("!  shell on FAILED      x  switch to BASE");
});

test("an engine that keeps no failed state is said to keep none, and offers to make it again", async () => {
  await using screen = failed({ states: undefined });
  const text = screen.rows().join("\n");
  expect(text).toContain("This engine keeps no FAILED state");
  expect(text).toContain("! runs the command again");
  expect(text).toContain("!  shell on FAILED      x  switch to BASE");
});

test("n at a failure says why it cannot and changes nothing", async () => {
  await using screen = failed();
  const before = screen.debug.state;
  screen.type("n");
  expect(screen.debug.state).toBe(before);
  expect(screen.controller.ui.toast?.text).toBe("n: step 7 failed; r runs it again");
});

test("a running step counts its time, and p is offered", async () => {
  await using screen = loaded().type("c");
  screen.report(begun("add"));
  expect(screen.row(1)).toMatch(/RUNNING step 1\/8 · 0s · line 2$/);
  expect(screen.rows().join("\n")).toMatch(/ > {3}2 [/|\\-] ADD busybox \/bin\/busybox +0s/);
  expect(screen.rows().at(-1)).toBe(
    " p pause at next step  Ctrl-C pause/cancel  b break  3 log  / search  ? help",
  );
});

test("Ctrl-C pauses, cancels, and the third one leaves with 130", async () => {
  await using screen = loaded().type("c");
  screen.report(begun("add"));
  screen.type("\u0003");
  expect(screen.row(1)).toContain("PAUSING after step 1");
  screen.type("\u0003");
  expect(screen.row(1)).toContain("CANCELLING step 1");
  expect(screen.quitWith).toBeUndefined();
  screen.type("\u0003");
  expect(screen.quitWith).toBe(130);
});

test("interrupt by its name does what Ctrl-C does", async () => {
  await using screen = loaded().type("c");
  screen.report(begun("add"));
  screen.type(":interrupt\r");
  expect(screen.row(1)).toContain("PAUSING after step 1");
  screen.type(":interrupt\r");
  expect(screen.row(1)).toContain("CANCELLING step 1");
});

test("Ctrl-C cancels what cannot be paused: the loading of the file", async () => {
  await using screen = new ScreenFixture(FX_TEXT);
  screen.launch();
  screen.type("\u0003");
  expect(screen.controller.ui.toast?.text).toBe("cancelling");
});

test("Ctrl-C pauses also as the very first key", async () => {
  await using screen = new ScreenFixture(FX_TEXT);
  screen.launch({ run: true });
  screen.opened(fxProgram()).report(begun("add"));
  screen.type("\u0003");
  expect(screen.row(1)).toContain("PAUSING after step 1");
});

test("Esc never quits, whatever it is pressed on", async () => {
  await using screen = loaded();
  for (const key of ["\u001b", "?", "\u001b", ":", "\u001b", "/", "\u001b", "6", "\u001b", "z", "\u001b"])
    screen.type(key);
  expect(screen.quitWith).toBeUndefined();
  expect(screen.controller.ui).toMatchObject({ focus: "source", zoomed: false, overlay: { kind: "none" } });
});

test("a paste runs nothing and is counted", async () => {
  await using screen = loaded();
  const before = screen.debug.state;
  screen.controller.onEvent({ type: "paste", text: "q\ny\n" });
  expect(screen.quitWith).toBeUndefined();
  expect(screen.debug.state).toBe(before);
  expect(screen.rows()[11]).toContain("paste ignored (4 characters) ─");
});

test("quitting asks while a step runs; Enter stays, only y leaves", async () => {
  await using screen = loaded().type("c");
  screen.report(begun("add"));
  screen.type("q");
  await expect.poll(() => screen.rows().join("\n")).toContain("Step 1/8 is running and will be cancelled.");
  screen.nowMs += 200;
  screen.type("\r");
  await expect.poll(() => screen.controller.ui.overlay.kind).toBe("none");
  expect(screen.quitWith).toBeUndefined();
  screen.type("q");
  await expect.poll(() => screen.controller.ui.overlay.kind).toBe("question");
  // Typed into what was there before the dialog.
  screen.type("y");
  expect(screen.quitWith).toBeUndefined();
  screen.nowMs += 200;
  screen.type("y");
  await expect.poll(() => screen.quitWith).toBe(1);
});

test("quitting asks nothing when nothing is lost, with 1 before the target is built and 0 after", async () => {
  await using screen = loaded().type("q");
  await expect.poll(() => screen.quitWith).toBe(1);
  screen.type("c").solved();
  screen.answer({ kind: "outputs-made", token: screen.token, imageId: undefined });
  expect(screen.row(1)).toContain("FINISHED in ");
  screen.type("q");
  await expect.poll(() => screen.quitWith).toBe(0);
});

test("a breakpoint on a line that runs nothing moves, and says so in a toast and in the list", async () => {
  await using screen = loaded();
  screen.type(":4\rb");
  expect(screen.rows()).toContain("●    5   WORKDIR /src");
  expect(screen.row(12)).toContain("line 4 runs nothing: breakpoint moved to line 5 ─");
  screen.type("6");
  expect(screen.rows().join("\n")).toMatch(/Dockerfile:4 -> line 5 +moved/);
  screen.type(" ");
  expect(screen.rows()).toContain("○    5   WORKDIR /src");
  screen.type("D");
  expect(screen.debug.state.breakpoints).toEqual([]);
});

test("b on an end-of-stage row stops at the end of that stage", async () => {
  await using screen = loaded();
  screen.type("jjb");
  expect(screen.debug.state.breakpoints[0]?.spec).toEqual({ kind: "stage-end", stage: "base" });
  screen.type("c").solved(["add", "install"]);
  expect(screen.row(1)).toMatch(/PAUSED end of stage base$/);
  expect(screen.rows()).toContain("●>       ┄ end of stage base ┄");
});

test("a saved change is announced, and r comes back to the same instruction", async () => {
  await using screen = failed();
  writeFileSync(sourcePath(screen.request) ?? "", FX_TEXT.replace("false", "true"));
  await expect.poll(() => screen.row(1)).toContain("file changed, r to rerun");
  screen.type("r");
  expect(screen.row(1)).toMatch(/RERUN 2: checking cache$/);
  expect(screen.row(1)).not.toContain("file changed");
  screen.opened(fxProgram());
  screen.solved(["add", "install", "src", "one", "dir", "copy"]);
  expect(screen.row(1)).toMatch(/PAUSED before step 7\/8 · line 10$/);
});

test("e opens the editor at the cursor's line", async () => {
  await using screen = loaded();
  screen.type("]e");
  await expect.poll(() => screen.done).toEqual(["edit 3"]);
});

test("y copies the line under the cursor", async () => {
  await using screen = loaded();
  screen.type("y");
  expect(screen.done).toEqual(["copy ADD busybox /bin/busybox"]);
});

test("T offers the stages with the current target chosen", async () => {
  await using screen = loaded();
  screen.type("T");
  expect(screen.controller.ui.overlay).toMatchObject({ kind: "menu", initial: 2 });
  screen.controller.overlays.chosen("lib");
  expect(screen.debug.state.request?.target).toBe("lib");
  expect(screen.row(1)).toContain("bktui Dockerfile:lib");
});

test("a search moves while it is typed, and Esc goes back to where it began", async () => {
  await using screen = loaded();
  screen.type("/two");
  expect(screen.row(2)).toContain("line 10/11");
  screen.type("\u001b");
  expect(screen.row(2)).toContain("line 2/11");
  screen.type("/echo\r.");
  expect(screen.row(2)).toContain("line 10/11");
  screen.type(",");
  expect(screen.row(2)).toContain("line 6/11");
});

test("a search for what is not there says so, once it is accepted", async () => {
  await using screen = loaded();
  screen.type("/nowhere");
  expect(screen.controller.ui.toast).toBeUndefined();
  screen.type("\r");
  expect(screen.controller.ui.toast?.text).toBe("not found: nowhere");
});

test("the palette finds a command by a few letters and shows its key", async () => {
  await using screen = loaded();
  screen.type(":zo");
  expect(screen.rows().join("\n")).toMatch(/zoom +zoom the pane +z/);
  screen.type("\t\r");
  expect(screen.controller.ui.zoomed).toBe(true);
});

test("help runs the chosen entry", async () => {
  await using screen = loaded();
  screen.type("?");
  expect(screen.rows().join("\n")).toContain("Help: LOADED, Source pane");
  screen.type("zoom\r");
  expect(screen.controller.ui).toMatchObject({ zoomed: true, overlay: { kind: "none" } });
});

test("hostile text in the file and in names never leaves a control character on the screen", async () => {
  const hostile = FX_TEXT.replace("RUN echo one", "RUN echo \u001b]52;c;aGk=\u0007\u202e\u009b2J one");
  await using screen = new ScreenFixture(hostile);
  screen.launch();
  screen.opened({ ...fxProgram(), text: hostile });
  screen.type("c").report(ran("add", 1, "[base] \u001b]0;title\u0007\u001b[2J"));
  const characters = [...screen.rows().join("")];
  const isForbidden = (code: number): boolean =>
    code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x202a && code <= 0x202e);
  expect(characters.filter((character) => isForbidden(character.codePointAt(0) ?? 0))).toEqual([]);
  expect(characters.join("")).toContain("52;c;aGk=");
});

test("every size shows the state and the line where the build stands", async () => {
  await using screen = failed();
  for (const [columns, rows] of [
    [200, 60],
    [120, 40],
    [80, 24],
    [40, 10],
    [250, 70],
  ] as const) {
    screen.size = { columns, rows };
    screen.controller.changed();
    const text = screen.rows();
    expect(text).toHaveLength(rows);
    expect(text[0]).toContain("FAILED step 7/8 · exit code 1 · line 10");
    expect(text.some((row) => row.startsWith(" >  10 ✗"))).toBe(true);
  }
  screen.size = { columns: 20, rows: 5 };
  screen.controller.changed();
  expect(screen.row(1)).toContain("FAILED");
});
