/** What a screen may do that only watches: look around. What is not listed is refused. */
import { type CommandId, rowOf } from "../../console/command-table.ts";

export const WATCHING_WORDS = "this screen only watches (--read-only)";

const LOOKING: ReadonlySet<CommandId> = new Set<CommandId>([
  "attempts",
  "break-go",
  "swap",
  "changes",
  "files",
  "file-diff",
  "file-show",
  "environment",
  "file-open",
  "file-fold",
  "files-all",
  "files-sort",
  "pane-source",
  "pane-steps",
  "pane-log",
  "pane-shell",
  "pane-files",
  "pane-breaks",
  "pane-graph",
  "pane-info",
  "pane-next",
  "pane-previous",
  "shell-next",
  "shell-previous",
  "zoom",
  "grow",
  "shrink",
  "layout-reset",
  "mouse",
  "log-full",
  "log-one-step",
  "log-raw",
  "graph-go",
  "graph-op",
  "warning-go",
  "copy",
  "messages",
  "error",
  "warnings",
  "settings",
  "palette",
  "help",
  "redraw",
  "suspend",
  "interrupt",
  "detach",
  "quit",
  "back",
]);

/** Whether a screen that only watches has the command. */
export function isLooking(command: CommandId): boolean {
  return LOOKING.has(command) || rowOf(command)?.group === "Move";
}
