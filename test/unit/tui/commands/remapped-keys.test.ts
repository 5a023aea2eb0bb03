/** Every sentence of the screen follows the key table: with all keys changed, none names an old one. */
import { describe, expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { Scope } from "../../../../src/base/scope.ts";
import type { CommandId } from "../../../../src/console/command-table.ts";
import { type Keys, keysWith } from "../../../../src/tui/commands/key-bindings.ts";
import { KEYMAP } from "../../../../src/tui/commands/keymap.ts";
import type { PaneId } from "../../../../src/tui/commands/pane-words.ts";
import { failureOf } from "../../../support/debug-driver.ts";
import { digestOf, FX_TEXT, fxProgram } from "../../../support/graphs.ts";
import { namesKey } from "../../../support/key-names.ts";
import { OTHER_KEYS, withoutFixedKeys } from "../../../support/other-keys.ts";
import { ScreenFixture } from "../../../support/screen-fixture.ts";

/** Nothing moves, and every Latin key on the screen is an old one. */
function remapped(): Keys {
  const { keys, problems } = keysWith(
    OTHER_KEYS.map(({ command, key }) => ({ command, keys: [key], from: "test" })),
  );
  expect(problems).toEqual([]);
  return keys;
}

const KEYS = remapped();

/** The rows that name an old key. */
function oldKeysIn(rows: readonly string[]): readonly string[] {
  return [...new Set(rows)].map(withoutFixedKeys).filter(namesKey);
}

function said(screen: ScreenFixture): readonly string[] {
  return screen.controller.ui.messages.map(({ text }) => text);
}

/** On the first page and on a later one. */
const HELPS = [
  { filter: "", selected: 0 },
  { filter: "", selected: 40 },
];
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 140, rows: 44 },
];
const PANES: readonly PaneId[] = [
  "source",
  "steps",
  "log",
  "shell",
  "files",
  "breaks",
  "graph",
  "info",
  "messages",
  "warnings",
];

function opened(): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT, { columns: 140, rows: 44 }, KEYS);
  screen.launch();
  return screen;
}

function loaded(): ScreenFixture {
  return opened().opened(fxProgram());
}

function failed(facts: Parameters<typeof failureOf>[1] = {}): ScreenFixture {
  const screen = loaded();
  screen.controller.run("continue");
  return screen.answer({
    kind: "solve-failed",
    token: screen.token,
    failure: failureOf("two", facts),
    completed: ["add", "install", "src", "one", "dir", "copy"].map(digestOf),
  });
}

function lost(): ScreenFixture {
  return failed().answer({ kind: "lost", error: new BktuiError("engine-unreachable", "the engine is gone") });
}

const SCENES: readonly (readonly [string, () => ScreenFixture])[] = [
  ["loading", opened],
  ["loaded", loaded],
  ["running", () => ran(loaded(), "continue")],
  ["pausing", () => ran(loaded(), "continue", "pause")],
  ["paused", () => ran(loaded(), "next").solved(["add"])],
  ["failed", failed],
  ["failed, and nothing kept", () => failed({ states: undefined })],
  ["failed for want of a secret", () => failed({ exitCode: undefined, message: "secret token: not found" })],
  ["finished", finished],
  [
    "refused",
    () => opened().answer({ kind: "open-failed", token: 1, error: new BktuiError("engine", "no") }),
  ],
  ["lost", lost],
  ["silent", () => failed().answer({ kind: "answering", answering: false })],
  ["without an engine", withoutEngine],
];

function ran(screen: ScreenFixture, ...commands: readonly CommandId[]): ScreenFixture {
  for (const command of commands) screen.controller.run(command);
  return screen;
}

function finished(): ScreenFixture {
  const screen = ran(loaded(), "continue").solved();
  return screen.answer({ kind: "outputs-made", token: screen.token, imageId: undefined });
}

function withoutEngine(): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT, { columns: 140, rows: 44 }, KEYS);
  screen.connectError = new BktuiError("no-engine", "no BuildKit was found", { hint: "install docker" });
  return screen;
}

describe.each(SCENES)("%s", (_name, make) => {
  test("no pane names an old key, in any size, with the file changed on disk", async () => {
    await using screen = make();
    screen.controller.act({ kind: "file-changed", changed: true });
    const rows = SIZES.flatMap((size) => {
      screen.size = size;
      return PANES.flatMap((pane) => {
        screen.controller.act({ kind: "focus", pane });
        return screen.rows();
      });
    });
    expect(oldKeysIn(rows)).toEqual([]);
  });

  test("nor does the help, folded or not, or the list of commands", async () => {
    await using screen = make();
    const rows = PANES.flatMap((pane) => {
      screen.controller.act({ kind: "focus", pane });
      return HELPS.flatMap((help) => {
        screen.controller.act({ kind: "overlay", overlay: { kind: "help", ...help } });
        return screen.rows();
      });
    });
    screen.controller.overlays.close();
    screen.controller.run("palette");
    expect(oldKeysIn([...rows, ...screen.rows()])).toEqual([]);
  });

  test("nor does what a command answers, in any pane", async () => {
    await using scope = new Scope();
    let screen = scope.own(make());
    const rows: string[] = [];
    for (const { command, panes } of KEYMAP) {
      for (const pane of panes ?? ["source", "shell"]) {
        const { state } = screen.debug;
        screen.controller.act({ kind: "focus", pane });
        screen.controller.run(command);
        await Promise.resolve();
        if (screen.controller.ui.overlay.kind !== "none") rows.push(...screen.rows());
        screen.controller.overlays.close();
        if (screen.debug.state === state) continue;
        rows.push(...said(screen));
        screen = scope.own(make());
      }
    }
    expect(oldKeysIn([...rows, ...said(screen)])).toEqual([]);
  });
});
