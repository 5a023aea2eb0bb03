import fc from "fast-check";
import { expect, test } from "vitest";
import type { BuildStatus } from "../../../../src/console/build-status.ts";
import { COMMANDS, commandNamed } from "../../../../src/console/command-table.ts";
import { textWidth } from "../../../../src/tui/cells/width.ts";
import { defaultKeys } from "../../../../src/tui/commands/key-bindings.ts";
import { KEYMAP } from "../../../../src/tui/commands/keymap.ts";
import type { PaneId } from "../../../../src/tui/commands/pane-words.ts";
import { hintRow } from "../../../../src/tui/drawing/hint-row.ts";
import { makeLook } from "../../../../src/tui/drawing/look.ts";
import { helpCommands } from "../../../../src/tui/overlays/help.ts";
import { hintModel } from "../../../../src/tui/screen/hints.ts";
import { type Availability, whyUnavailable } from "../../../../src/tui/state/availability.ts";
import { withoutStyle } from "../../../support/screen-fixture.ts";

const PANES: readonly PaneId[] = ["source", "steps", "log", "shell", "breaks", "info", "messages"];
const MOMENTS: readonly BuildStatus[] = [
  "connecting",
  "loading",
  "broken",
  "loaded",
  "running",
  "paused",
  "failed",
  "finished",
  "lost",
];
const look = makeLook({ env: { LANG: "C.UTF-8", NO_COLOR: "1" } });

function availability(changes: Partial<Availability>): Availability {
  return {
    keys: defaultKeys,
    status: "paused",
    pane: "source",
    keyboard: "debugger",
    overlay: "none",
    states: 1,
    failures: 0,
    shellOpen: false,
    // A build for one platform.
    whyNot: (command) => (command === "thread" ? { why: "there is one platform" } : undefined),
    ...changes,
  };
}

test("no chord means two things in one pane", () => {
  for (const pane of PANES) {
    const chords = KEYMAP.filter(({ panes }) => panes?.includes(pane) === true).flatMap(({ keys }) => keys);
    expect(chords).toEqual([...new Set(chords)]);
  }
  const everywhere = KEYMAP.filter(({ panes }) => panes === undefined).flatMap(({ keys }) => keys);
  expect(everywhere).toEqual([...new Set(everywhere)]);
});

test("every command has a label and a name of its own, and is found by it and by its keys", () => {
  for (const { command, keys, label, name, panes } of KEYMAP) {
    expect(label).not.toBe("");
    expect(commandNamed(name, COMMANDS)?.id).toBe(command);
    for (const key of keys) expect(defaultKeys.commandFor(key, panes?.[0] ?? "messages")).toBe(command);
  }
});

test("run keys mean the same in every pane", () => {
  for (const pane of PANES) {
    expect(["n", "s", "f", "c", "t", "p", "r", "q"].map((key) => defaultKeys.commandFor(key, pane))).toEqual([
      "next",
      "into",
      "finish",
      "continue",
      "run-to",
      "pause",
      "rerun",
      "quit",
    ]);
  }
});

test("the help lists every command of its pane once a filter asks for it", () => {
  for (const { command, name, panes } of KEYMAP) {
    expect(helpCommands(panes?.[0] ?? "source", name)).toContain(command);
  }
});

test("at 80 columns the hints are those of the pictures", () => {
  const row = (changes: Partial<Availability>): string =>
    withoutStyle(hintRow(hintModel(availability(changes), 80), 80, look)).trimEnd();
  expect(row({})).toBe(" n next  s into  f finish  c continue  t to cursor  b break  ! shell  ? help");
  expect(row({ status: "running", states: 0 })).toBe(
    " p pause at next step  Ctrl-C pause/cancel  b break  3 log  / search  ? help",
  );
  expect(row({ status: "failed", states: 2 })).toBe(
    " ! shell  x base/failed  d files  e edit  r rerun  E export  q quit  ? help",
  );
  expect(row({ keyboard: "shell", pane: "shell" })).toBe(
    " SHELL: every key goes to the shell  Ctrl-] or F12 returns to the debugger",
  );
  expect(row({ pane: "files" })).toBe(
    " Enter diff  Space fold  a all  y copy path  w write to host  / search  ? help",
  );
  expect(row({ pane: "files", files: { lists: "all", isReading: true } })).toBe(
    " Esc close  PgDn scroll  Space fold  a changed  y copy path  ? help",
  );
  expect(row({ pane: "breaks" })).toBe(
    " Space on/off  Enter go to  a add  w rule  D delete  Esc back  ? help",
  );
});

test("a build for several platforms offers another one, at 80 columns too", () => {
  const row = (changes: Partial<Availability>): string =>
    withoutStyle(
      hintRow(hintModel(availability({ whyNot: () => undefined, ...changes }), 80), 80, look),
    ).trimEnd();
  expect(row({})).toBe(" n next  s into  f finish  c continue  P platform  b break  ! shell  ? help");
  expect(row({ status: "running", states: 0 })).toBe(
    " p pause at next step  Ctrl-C pause/cancel  P platform  b break  3 log  ? help",
  );
  expect(row({ status: "failed", states: 2 })).toBe(
    " ! shell  x base/failed  d files  P platform  e edit  r rerun  E export  ? help",
  );
  expect(row({ status: "finished", states: 1 })).toContain("  P platform  ");
});

test("hints never exceed the row, are never cut within a hint, and keep the help", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...MOMENTS),
      fc.constantFrom(...PANES),
      fc.integer({ min: 20, max: 250 }),
      fc.integer({ min: 0, max: 2 }),
      (status, pane, columns, sides) => {
        const model = hintModel(availability({ status, pane, states: sides, shellOpen: sides > 1 }), columns);
        const row = withoutStyle(hintRow(model, columns, look));
        expect(textWidth(row)).toBeLessThanOrEqual(columns);
        expect(row.trimEnd().endsWith("? help")).toBe(true);
        const known = new Set([...model.hints, model.last].map((hint) => `${hint?.keys} ${hint?.label}`));
        for (const shown of row.trim().split(/ {2,}/)) expect(known).toContain(shown);
      },
    ),
  );
});

test("the other state is not asked for where making BASE would give the only one", () => {
  const early = availability({ status: "failed", states: 0, makesBase: true, makesOnlyBase: true });
  expect(whyUnavailable("swap", early)).toBe(
    "BASE will be its only state; ! runs the steps above and opens it",
  );
  expect(hintModel(early, 250).hints.map(({ keys }) => keys)).not.toContain("x");
  for (const command of ["shell", "changes", "files"] as const)
    expect(whyUnavailable(command, early)).toBeUndefined();
  expect(whyUnavailable("swap", { ...early, makesOnlyBase: false })).toBeUndefined();
});

test("a key that is hinted can act", () => {
  for (const status of MOMENTS) {
    const now = availability({ status, states: 0, whyNot: (command) => ({ why: `${command} is refused` }) });
    const hinted = new Set(hintModel(now, 250).hints.map(({ keys }) => keys));
    for (const { command } of KEYMAP) {
      if (whyUnavailable(command, now) !== undefined)
        expect(hinted).not.toContain(defaultKeys.keyOf(command));
    }
  }
});
