/** The first row: what is being debugged at the left, how it stands at the right. */
import type { Look, Role } from "../drawing/look.ts";
import { row, type Span, spansWidth } from "../drawing/row.ts";

export interface StatusModel {
  /** E.g. "bktui Dockerfile:app". */
  readonly subject: string;
  /** E.g. "dockerd 28.5"; shown where it fits. */
  readonly engine: string | undefined;
  /** E.g. "file changed, r to rerun"; stands before the state, the subject gives way to it. */
  readonly notice: string | undefined;
  readonly state: StatusState;
}
export interface StatusState {
  /** E.g. "RUNNING"; never cut. */
  readonly word: string;
  /** Follows after a blank: "step 6/9 · 12s · line 11", "· nothing has run yet"; "" when there is nothing to add. */
  readonly detail: string;
  readonly tone: StatusTone;
}
export type StatusTone = "plain" | "running" | "paused" | "failed" | "good";

const toneRoles: Readonly<Record<StatusTone, Role>> = {
  plain: "bold",
  running: "running",
  paused: "current",
  failed: "failed",
  good: "done",
};

/** One row, exactly `columns` cells. The state is whole as long as the terminal is as wide as it is. */
export function statusRow(model: StatusModel, columns: number, look: Look): string {
  const state = stateSpans(model.state);
  const notice = noticeSpans(model.notice);
  // The state needs its margin and a gap; the notice is left out when it does not fit beside it.
  const withNotice = spansWidth([...notice, ...state], look) + 2 <= columns;
  const right = withNotice ? [...notice, ...state] : state;
  const room = columns - spansWidth(right, look) - 2;
  const subject: Span[] = [{ text: ` ${model.subject}` }];
  const engine: Span[] = model.engine === undefined ? [] : [{ text: ` · ${model.engine}`, role: "dim" }];
  const left = spansWidth([...subject, ...engine], look) <= room ? [...subject, ...engine] : subject;
  return row(room < 4 ? [] : left, columns, look, { right });
}

export function stateSpans(state: StatusState): readonly Span[] {
  const word: Span = { text: state.word, role: toneRoles[state.tone] };
  return state.detail === "" ? [word] : [word, { text: ` ${state.detail}` }];
}

function noticeSpans(notice: string | undefined): readonly Span[] {
  return notice === undefined ? [] : [{ text: notice, role: "warning" }, { text: "  " }];
}
