import { expect, test } from "vitest";
import { lineOf } from "../../../../src/graph/graph.ts";
import { ScreenNews } from "../../../../src/tui/attached/screen-news.ts";
import { keysWith } from "../../../../src/tui/commands/key-bindings.ts";
import { FX_TEXT, fxProgram } from "../../../support/graphs.ts";
import { HandDebugger, ScreenFixture } from "../../../support/screen-fixture.ts";

const ENGINE = { kind: "dockerd", version: "28.5.2", address: "unix:///x.sock", origin: "test" } as const;

test("the log says why the build stopped, the row of messages what a file's edit did to a breakpoint", async () => {
  await using screen = new ScreenFixture(FX_TEXT, { columns: 120, rows: 40 });
  screen.debug.dispatch({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(3) } });
  screen.debug.dispatch({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(99) } });
  screen.launch();
  screen.opened(fxProgram());
  expect(screen.controller.ui.messages.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^breakpoint at line 99 cannot stop: /),
  ]);
  screen.type("c");
  screen.solved(["add"]);
  expect(screen.rows().join("\n")).toContain(
    '── paused before step 2/8 · line 3: RUN ["/bin/busybox","--install","-s","/bin"] (breakpoint at line 3)',
  );
});

test("what helps is named by the key that does it", () => {
  const said: string[] = [];
  const say = (text: string): void => {
    said.push(text);
  };
  const { keys } = keysWith([{ command: "rerun", keys: ["F9"], from: "config" }]);
  const news = new ScreenNews({
    app: { keys, say, announce: say },
    debug: new HandDebugger(),
    note: () => undefined,
  });
  news.tell([
    {
      kind: "engine-silent",
      engine: ENGINE,
      words: "engine not answering: dockerd 28.5",
      remedy: "reconnect",
    },
    { kind: "cannot-show", step: undefined, words: "step 4 cannot be shown", remedy: "rerun" },
  ]);
  expect(said).toEqual([
    "engine not answering: dockerd 28.5; F9 connects anew",
    "step 4 cannot be shown; F9 runs it again",
  ]);
});

test("of warnings that come at once one is said, and all are in the log", () => {
  const said: string[] = [];
  const noted: string[] = [];
  const { keys } = keysWith([]);
  const debug = new HandDebugger();
  const say = (text: string): void => {
    said.push(text);
  };
  const news = new ScreenNews({
    app: { keys, say, announce: say },
    debug,
    note: (text) => noted.push(text),
  });
  const general = { text: "an old frontend", ranges: [] };
  const atLine = { text: "FromAsCasing: casing", ranges: [{ source: 0, start: lineOf(2), end: lineOf(2) }] };
  news.tell([
    { kind: "warning", warning: general, words: "warning: an old frontend" },
    { kind: "warning", warning: atLine, words: "warning: FromAsCasing: casing (line 2)" },
  ]);
  expect(noted).toEqual(["warning: an old frontend", "warning: FromAsCasing: casing (line 2)"]);
  expect(said).toEqual(["warning: an old frontend"]);
});
