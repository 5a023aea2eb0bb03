/** The panes: the one place that lists them. */
import type { PaneId } from "../commands/pane-words.ts";
import type { Slot } from "../state/layout.ts";
import type { LowerPane } from "../state/ui-state.ts";
import { BREAKS_PANE } from "./breaks/pane.ts";
import { EDITOR_PANE } from "./editor/pane.ts";
import { FILES_PANE } from "./files/pane.ts";
import { GRAPH_PANE } from "./graph/pane.ts";
import { INFO_PANE } from "./info/pane.ts";
import { LOG_PANE } from "./log/pane.ts";
import { MESSAGES_PANE } from "./messages/pane.ts";
import type { Pane } from "./pane.ts";
import { SHELL_PANE } from "./shell/pane.ts";
import { SOURCE_PANE } from "./source/pane.ts";
import { STEPS_PANE } from "./steps/pane.ts";
import { WARNINGS_PANE } from "./warnings/pane.ts";

/** In the order of their keys; Tab and the tabs follow it. */
export const PANES: Readonly<Record<PaneId, Pane>> = {
  source: SOURCE_PANE,
  steps: STEPS_PANE,
  log: LOG_PANE,
  shell: SHELL_PANE,
  files: FILES_PANE,
  breaks: BREAKS_PANE,
  graph: GRAPH_PANE,
  info: INFO_PANE,
  warnings: WARNINGS_PANE,
  editor: EDITOR_PANE,
  messages: MESSAGES_PANE,
};

export const ALL_PANES: readonly Pane[] = Object.values(PANES);

/** The pane that is in a place of the layout. */
export function paneIn(slot: Slot, lower: LowerPane): Pane {
  if (slot === "lower") return PANES[lower];
  // Below the steps: the end of the log, or the breakpoints while the log is in the lower pane already.
  if (slot === "log" && lower === "log") return PANES.breaks;
  return PANES[slot];
}
