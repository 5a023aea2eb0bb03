/** The one table of keys: what each key does where, and the words that the hint row and the help show for it. */

import { FOCUS_COMMANDS, type PaneCommand, type PaneId } from "./pane-words.ts";

/** Everything the debugger's keyboard can do. */
export type CommandId =
  | PaneCommand
  | "next"
  | "into"
  | "finish"
  | "continue"
  | "run-to"
  | "pause"
  | "rerun"
  | "rerun-start"
  | "rerun-no-cache"
  | "rerun-options"
  | "attempts"
  | "break-line"
  | "break-stage-end"
  | "break-toggle"
  | "break-go"
  | "break-add"
  | "break-delete"
  | "break-undo"
  | "shell"
  | "shell-enter"
  | "shell-new"
  | "shell-retry"
  | "shell-next"
  | "shell-previous"
  | "shell-restart"
  | "shell-end"
  | "changes"
  | "files"
  | "file-open"
  | "file-fold"
  | "files-all"
  | "files-sort"
  | "file-write"
  | "run-program"
  | "graph-input"
  | "graph-consumer"
  | "graph-go"
  | "graph-op"
  | "debug-shell"
  | "swap"
  | "target"
  | "copy"
  | "select"
  | "select-swap"
  | "here"
  | "step-previous"
  | "step-next"
  | "stage-previous"
  | "stage-next"
  | "pane-next"
  | "pane-previous"
  | "down"
  | "up"
  | "left"
  | "right"
  | "top"
  | "bottom"
  | "page-down"
  | "page-up"
  | "half-down"
  | "half-up"
  | "search"
  | "hit-next"
  | "hit-previous"
  | "open-sought"
  | "failure-next"
  | "failure-previous"
  | "log-full"
  | "log-one-step"
  | "log-raw"
  | "zoom"
  | "grow"
  | "shrink"
  | "layout-reset"
  | "mouse"
  | "error"
  | "warnings"
  | "settings"
  | "palette"
  | "help"
  | "keyboard"
  | "redraw"
  | "suspend"
  | "interrupt"
  | "quit"
  | "back";

export type CommandGroup = "Run" | "Look" | "Break" | "Move" | "Tool";

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
  readonly name?: string;
}

function bind(
  command: CommandId,
  keys: string,
  group: CommandGroup,
  label: string,
  words: Words = {},
): Binding {
  const hint = words.hint ?? label;
  return {
    command,
    keys: keys === "" ? [] : keys.split(" "),
    panes: words.panes,
    group,
    label,
    hint,
    longHint: words.long ?? hint,
    name: words.name ?? command,
  };
}

/** In the order of the help. */
export const KEYMAP: readonly Binding[] = [
  bind("continue", "c F5", "Run", "to a breakpoint or error", { hint: "continue" }),
  bind("next", "n F10", "Run", "next step in this stage", { hint: "next" }),
  bind("into", "s F11", "Run", "into the stage it needs", { hint: "into" }),
  bind("finish", "f S-F11", "Run", "finish this stage", { hint: "finish", long: "finish stage" }),
  bind("run-to", "t", "Run", "run to the cursor", { hint: "to cursor", long: "run to cursor", name: "to" }),
  bind("pause", "p F6", "Run", "pause while running", { hint: "pause at next step" }),
  bind("rerun", "r", "Run", "rerun, stop here again", { hint: "rerun" }),
  bind("rerun-options", "R", "Run", "rerun with options", { hint: "rerun with options", name: "options" }),
  bind("rerun-start", "", "Run", "rerun from the start", { name: "restart" }),
  bind("rerun-no-cache", "", "Run", "rerun without the cache", { name: "no-cache" }),
  bind("attempts", "", "Run", "how each run went"),
  bind("break-line", "b F9", "Break", "breakpoint at the cursor", {
    hint: "break",
    name: "break",
  }),
  bind("break-stage-end", "B", "Break", "at the end of this stage", {
    hint: "break at stage end",
    name: "break-end",
  }),
  bind("break-toggle", "Space", "Break", "switch on/off", { hint: "on/off", panes: ["breaks"] }),
  bind("break-go", "Enter", "Break", "go to the line", {
    hint: "go to",
    long: "go to line",
    panes: ["breaks"],
  }),
  bind("break-add", "a", "Break", "add one by name", { hint: "add", panes: ["breaks"] }),
  bind("break-delete", "D", "Break", "delete", { hint: "delete", panes: ["breaks"] }),
  bind("break-undo", "u", "Break", "undo a delete", { hint: "undo", name: "undo" }),
  bind("shell", "!", "Look", "shell in this state", { hint: "shell" }),
  bind("shell-enter", "Enter", "Look", "shell in this state", {
    hint: "shell",
    panes: ["source", "steps", "shell"],
  }),
  bind("swap", "x", "Look", "BASE <-> FAILED/AFTER", { hint: "base/failed" }),
  bind("keyboard", "Ctrl-] F12", "Look", "shell <-> debugger", { hint: "to the shell" }),
  bind("shell-retry", "C", "Look", "type the step's command", {
    hint: "type the command",
    panes: ["shell"],
    name: "retry",
  }),
  bind("shell-new", "N", "Look", "another shell in this state", { hint: "new shell", panes: ["shell"] }),
  bind("shell-next", ">", "Look", "next shell of this state", { hint: "next shell", panes: ["shell"] }),
  bind("shell-previous", "<", "Look", "previous shell of this state", {
    hint: "previous shell",
    panes: ["shell"],
  }),
  bind("shell-restart", "K", "Look", "restart the shell, clean state", {
    hint: "restart shell",
    panes: ["shell"],
  }),
  bind("shell-end", "X", "Look", "end the shell", { hint: "end shell", panes: ["shell"] }),
  bind("changes", "d", "Look", "files the step changed", { hint: "files" }),
  bind("files", "", "Look", "all files of this state"),
  bind("file-open", "Enter", "Look", "diff, or unfold", { hint: "diff", panes: ["files"] }),
  bind("file-fold", "Space", "Look", "fold, unfold", { hint: "fold", panes: ["files"] }),
  bind("files-all", "a", "Look", "changed <-> all files", { hint: "all/changed", panes: ["files"] }),
  bind("files-sort", "S", "Look", "by path <-> by size", { hint: "sort", panes: ["files"] }),
  bind("file-write", "w", "Look", "write a copy to the host", {
    hint: "write to host",
    long: "write file to host",
    panes: ["files"],
  }),
  bind("run-program", "", "Look", "a program in this state, without a shell", { name: "exec" }),
  bind("debug-shell", "", "Look", "shell with other programs, state at /target"),
  ...FOCUS_COMMANDS.map(({ command, key, title, hint, name }) =>
    bind(command, key, "Look", `${title} pane`, { hint, name }),
  ),
  bind("pane-next", "Tab", "Look", "next pane"),
  bind("pane-previous", "S-Tab", "Look", "previous pane"),
  bind("zoom", "z", "Look", "zoom the pane", { hint: "zoom" }),
  bind("grow", "+", "Look", "larger lower pane"),
  bind("shrink", "-", "Look", "smaller lower pane"),
  bind("layout-reset", "=", "Look", "sizes as they were"),
  bind("mouse", "m", "Look", "mouse on/off"),
  bind("open-sought", "O", "Look", "where COPY --from sought", { hint: "open", name: "sought" }),
  bind("failure-next", "Tab", "Look", "next step that failed", {
    hint: "next failure",
    panes: ["log"],
    name: "failure",
  }),
  bind("failure-previous", "S-Tab", "Look", "previous step that failed", { panes: ["log"] }),
  bind("log-full", "Enter", "Look", "summary <-> full log", { hint: "full log", panes: ["log"] }),
  bind("log-one-step", "o", "Look", "one step <-> all steps", { hint: "one step", panes: ["log"] }),
  bind("log-raw", "v", "Look", "what lines wrote over", { hint: "raw lines", panes: ["log"] }),
  bind("graph-go", "Enter", "Look", "go to the source line", {
    hint: "go to source",
    long: "go to source line",
    panes: ["graph"],
  }),
  bind("graph-input", "h Left", "Move", "to the step it builds on", { hint: "parent", panes: ["graph"] }),
  bind("graph-consumer", "l Right", "Move", "to the step that uses it", { hint: "child", panes: ["graph"] }),
  bind("graph-op", "v", "Look", "the step's raw LLB", {
    hint: "raw LLB",
    long: "raw LLB view",
    panes: ["graph"],
  }),
  bind("select", "v", "Move", "select lines, characters", { hint: "select", panes: ["shell"] }),
  bind("select-swap", "o", "Move", "other end of the selection", { hint: "other end", panes: ["shell"] }),
  bind("search", "/", "Move", "search this pane", { hint: "search" }),
  bind("hit-next", ". F3", "Move", "next hit"),
  bind("hit-previous", ", S-F3", "Move", "previous hit"),
  bind("here", "H", "Move", "back to the position", { hint: "position" }),
  bind("step-previous", "[", "Move", "previous step"),
  bind("step-next", "]", "Move", "next step"),
  bind("stage-previous", "{", "Move", "previous stage"),
  bind("stage-next", "}", "Move", "next stage"),
  bind("down", "j Down", "Move", "down"),
  bind("up", "k Up", "Move", "up"),
  bind("left", "h Left", "Move", "left"),
  bind("right", "l Right", "Move", "right"),
  bind("top", "g Home", "Move", "to the top"),
  bind("bottom", "G End", "Move", "to the end; log follows"),
  bind("page-down", "PgDn Ctrl-f", "Move", "page down"),
  bind("page-up", "PgUp Ctrl-b", "Move", "page up", { hint: "scroll" }),
  bind("half-down", "Ctrl-d", "Move", "half a page down"),
  bind("half-up", "Ctrl-u", "Move", "half a page up"),
  bind("edit", "e", "Tool", "edit in $EDITOR", { hint: "edit" }),
  bind("target", "T", "Tool", "choose the target stage", { hint: "target" }),
  bind("copy", "y", "Tool", "copy line or selection", { hint: "copy" }),
  bind("messages", "", "Tool", "everything bktui said"),
  bind("error", "", "Tool", "the last error with its causes"),
  bind("warnings", "", "Tool", "what is warned of, by rule and line"),
  bind("settings", "", "Tool", "settings and their values", { name: "set" }),
  bind("palette", ": Ctrl-p", "Tool", "any command by name", { hint: "command" }),
  bind("help", "? F1", "Tool", "this help", { hint: "help" }),
  bind("redraw", "Ctrl-l", "Tool", "redraw everything"),
  bind("suspend", "Ctrl-z", "Tool", "suspend bktui"),
  bind("interrupt", "Ctrl-c", "Tool", "pause, twice to cancel", {
    hint: "pause/cancel",
    long: "pause, twice to cancel",
  }),
  bind("quit", "q", "Tool", "quit", { hint: "quit" }),
  bind("back", "Esc", "Tool", "close, clear, one level back", { hint: "back" }),
];

/** `Ctrl-c` is printed `Ctrl-C`, as people write it. */
export function printedKey(chord: string): string {
  return chord.startsWith("Ctrl-") ? `Ctrl-${chord.slice(5).toUpperCase()}` : chord;
}

/** A command by the name typed after `:`; exact names first, then unambiguous beginnings. */
export function commandNamed(name: string): CommandId | undefined {
  const exact = KEYMAP.find((binding) => binding.name === name);
  if (exact !== undefined) return exact.command;
  const starting = KEYMAP.filter((binding) => binding.name.startsWith(name));
  return starting.length === 1 ? starting[0]?.command : undefined;
}
