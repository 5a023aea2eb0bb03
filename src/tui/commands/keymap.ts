/** The one table of keys: the chords of each command, the panes in which they hold, and the words of the hint row. */
import { type CommandGroup, type CommandId, commandsOf } from "../../console/command-table.ts";
import { FOCUS_COMMANDS, LEAD_COMMANDS, type PaneId } from "./pane-words.ts";

export interface Binding {
  readonly command: CommandId;
  /** Chords, the first is the one that is shown (see input/events.ts for their spelling); none = by name only. */
  readonly keys: readonly string[];
  /** Panes in which the keys hold; undefined = all. */
  readonly panes: readonly PaneId[] | undefined;
  readonly group: CommandGroup;
  /** What it does, as the help says it. */
  readonly label: string;
  /** Short and long words for the hint row. */
  readonly hint: string;
  readonly longHint: string;
  /** Also by name on the command line: `:next`. */
  readonly name: string;
}

interface Words {
  readonly hint?: string;
  readonly long?: string;
  readonly panes?: readonly PaneId[];
}

type Entry = readonly [command: CommandId, keys: string, words?: Words];

/** The commands that have keys or words for the hint row; all others are given by name only. */
const KEYS: readonly Entry[] = [
  ...FOCUS_COMMANDS.map(({ command, key, hint }): Entry => [command, key, { hint }]),
  ["continue", "c F5", { hint: "continue" }],
  ["next", "n F10", { hint: "next" }],
  ["into", "s F11", { hint: "into" }],
  ["finish", "f S-F11", { hint: "finish", long: "finish stage" }],
  ["run-to", "t", { hint: "to cursor", long: "run to cursor" }],
  ["step-back", "< S-F10", { hint: "back" }],
  ["reverse-continue", "( S-F5", { hint: "reverse" }],
  ["goto", "J", { hint: "go to", long: "go to the cursor" }],
  ["pause", "p F6", { hint: "pause at next step" }],
  ["keep-going", "F", { hint: "keep going" }],
  ["rerun", "r", { hint: "rerun" }],
  ["rerun-options", "R", { hint: "rerun with options" }],
  ["break-line", "b F9", { hint: "break" }],
  ["break-stage-end", "B", { hint: "break at stage end" }],
  ["break-toggle", "Space", { hint: "on/off", panes: ["breaks"] }],
  ["break-go", "Enter", { hint: "go to", long: "go to line", panes: ["breaks"] }],
  ["break-add", "a", { hint: "add", panes: ["breaks"] }],
  ["break-rule", "w", { hint: "rule", long: "change its rule", panes: ["breaks"] }],
  ["break-delete", "D", { hint: "delete", panes: ["breaks"] }],
  ["break-undo", "u", { hint: "undo" }],
  ["shell", "!", { hint: "shell" }],
  ["shell-enter", "Enter", { hint: "shell", panes: ["source", "steps", "shell"] }],
  ["swap", "x", { hint: "base/failed" }],
  ["keyboard", "Ctrl-] F12", { hint: "to the shell" }],
  ["shell-retry", "C", { hint: "type the command", panes: ["shell"] }],
  ["shell-new", "N", { hint: "new shell", panes: ["shell"] }],
  ["shell-next", ">", { hint: "next shell", panes: ["shell"] }],
  ["shell-previous", "<", { hint: "previous shell", panes: ["shell"] }],
  ["shell-restart", "K", { hint: "restart shell", panes: ["shell"] }],
  ["shell-end", "X", { hint: "end shell", panes: ["shell"] }],
  ["changes", "d", { hint: "files" }],
  ["file-open", "Enter", { hint: "diff", panes: ["files"] }],
  ["file-fold", "Space", { hint: "fold", panes: ["files"] }],
  ["files-all", "a", { hint: "all/changed", panes: ["files"] }],
  ["files-sort", "S", { hint: "sort", panes: ["files"] }],
  ["file-write", "w", { hint: "write to host", long: "write file to host", panes: ["files"] }],
  ["export", "E", { hint: "export", long: "export as image" }],
  ["pane-next", "Tab"],
  ["pane-previous", "S-Tab"],
  ["zoom", "z", { hint: "zoom" }],
  ["grow", "+"],
  ["shrink", "-"],
  ["layout-reset", "="],
  ["mouse", "m"],
  ["open-sought", "O", { hint: "open" }],
  ["thread", "P", { hint: "platform" }],
  ["failure-next", "Tab", { hint: "next failure", panes: ["log"] }],
  ["failure-previous", "S-Tab", { panes: ["log"] }],
  ["log-full", "Enter", { hint: "full log", panes: ["log"] }],
  ["log-one-step", "o", { hint: "one step", panes: ["log"] }],
  ["log-raw", "v", { hint: "raw lines", panes: ["log"] }],
  ...LEAD_COMMANDS.map(
    ({ command, pane }): Entry => [
      command,
      "Enter",
      { hint: "go to source", long: "go to source line", panes: [pane] },
    ],
  ),
  ["graph-input", "h Left", { hint: "parent", panes: ["graph"] }],
  ["graph-consumer", "l Right", { hint: "child", panes: ["graph"] }],
  ["graph-op", "v", { hint: "raw LLB", long: "raw LLB view", panes: ["graph"] }],
  ["select", "v", { hint: "select", panes: ["shell"] }],
  ["select-swap", "o", { hint: "other end", panes: ["shell"] }],
  ["search", "/", { hint: "search" }],
  ["hit-next", ". F3"],
  ["hit-previous", ", S-F3"],
  ["here", "H", { hint: "position" }],
  ["step-previous", "["],
  ["step-next", "]"],
  ["stage-previous", "{"],
  ["stage-next", "}"],
  ["down", "j Down"],
  ["up", "k Up"],
  ["left", "h Left"],
  ["right", "l Right"],
  ["top", "g Home"],
  ["bottom", "G End"],
  ["page-down", "PgDn Ctrl-f"],
  ["page-up", "PgUp Ctrl-b", { hint: "scroll" }],
  ["half-down", "Ctrl-d"],
  ["half-up", "Ctrl-u"],
  ["edit", "e", { hint: "edit" }],
  ["target", "T", { hint: "target" }],
  ["copy", "y", { hint: "copy" }],
  ["palette", ": Ctrl-p", { hint: "command" }],
  ["help", "? F1", { hint: "help" }],
  ["redraw", "Ctrl-l"],
  ["suspend", "Ctrl-z"],
  ["interrupt", "Ctrl-c", { hint: "pause/cancel", long: "pause, twice to cancel" }],
  ["detach", "Ctrl-\\", { hint: "leave" }],
  ["quit", "q", { hint: "quit" }],
  ["back", "Esc", { hint: "back" }],
];

const KEYS_BY_COMMAND: ReadonlyMap<CommandId, Entry> = new Map(KEYS.map((entry) => [entry[0], entry]));

/** In the order of the help. */
export const KEYMAP: readonly Binding[] = commandsOf("screen").map(({ id, name, group, label }) => {
  const [, keys = "", words = {}] = KEYS_BY_COMMAND.get(id) ?? [];
  const hint = words.hint ?? label;
  return {
    command: id,
    keys: keys === "" ? [] : keys.split(" "),
    panes: words.panes,
    group,
    label,
    hint,
    longHint: words.long ?? hint,
    name,
  };
});

/** `Ctrl-c` is printed `Ctrl-C`, as people write it. */
export function printedKey(chord: string): string {
  return chord.startsWith("Ctrl-") ? `Ctrl-${chord.slice(5).toUpperCase()}` : chord;
}
