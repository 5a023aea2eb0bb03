/** Which commands are not in both front ends, and why. */
import { expect, test } from "vitest";
import { COMMANDS, type ScreenCommandId } from "../../../src/console/command-table.ts";

const CURSOR = "acts on what the cursor is at; the line mode names it: ";
const PANE = "about panes and their sizes";
const MOVE = "moves a cursor";

/** Of the full screen alone: the line mode has none of its own. */
const REASONS: Readonly<Record<ScreenCommandId, string>> = {
  "break-toggle": `${CURSOR}on NUMBER, off NUMBER`,
  "break-go": `${CURSOR}list LINE`,
  "break-add": "asks for what `break PLACE` is given",
  "shell-enter": "a second key for shell",
  keyboard: "gives the keyboard to a pane; in the line mode a shell has the whole terminal",
  "shell-next": "which shell a pane shows; the line mode returns to the one that was left last",
  "shell-previous": "which shell a pane shows; the line mode returns to the one that was left last",
  "shell-end": "ends the shell of a pane; in the line mode exit does, and shell-restart",
  "shell-send": "a key that returns from the pane; the line mode's keys go to the shell as they are",
  "file-open": `${CURSOR}diff PATH, files PATH`,
  "file-fold": `${CURSOR}files PATH`,
  "files-all": "what a pane lists; the line mode has changes and files",
  "files-sort": "the order in a pane",
  "file-write": `${CURSOR}not there yet, a shell or diff shows what is in a file`,
  "pane-shell": PANE,
  "pane-files": PANE,
  "pane-next": PANE,
  "pane-previous": PANE,
  zoom: PANE,
  grow: PANE,
  shrink: PANE,
  "layout-reset": PANE,
  mouse: "about the mouse",
  "log-full": "what a pane shows; the line mode has log STEP",
  "log-one-step": "what a pane shows; the line mode has log STEP",
  "log-raw": "what a pane shows; the line mode has log raw",
  "graph-go": `${CURSOR}list LINE`,
  "warning-go": `${CURSOR}list LINE`,
  "graph-input": MOVE,
  "graph-consumer": MOVE,
  select: "about the selection in a pane",
  "select-swap": "about the selection in a pane",
  search: "searches a pane; lines are searched by the terminal",
  "hit-next": "searches a pane; lines are searched by the terminal",
  "hit-previous": "searches a pane; lines are searched by the terminal",
  "step-previous": MOVE,
  "step-next": MOVE,
  "stage-previous": MOVE,
  "stage-next": MOVE,
  down: MOVE,
  up: MOVE,
  left: MOVE,
  right: MOVE,
  top: MOVE,
  bottom: MOVE,
  "page-down": MOVE,
  "page-up": MOVE,
  "half-down": MOVE,
  "half-up": MOVE,
  edit: "an editor needs the terminal that the lines are written to",
  copy: "copies from a pane; lines are copied by the terminal",
  messages: "what was said stays on the terminal",
  settings: "about the screen's colours, mouse, notices and questions",
  palette: "every line is a command",
  redraw: "nothing is drawn",
  suspend: "the terminal does it",
  detach: "leaves a screen of a debugger that is elsewhere",
  interrupt: "a key: Ctrl-C pauses and cancels in the line mode, too",
  back: "closes what lies over the panes",
};

test("every command is in both front ends unless it is about the screen itself, for a reason", () => {
  const alone = COMMANDS.filter(({ where }) => where === "screen").map(({ id }) => id);
  expect(Object.keys(REASONS).sort()).toEqual([...alone].sort());
});
