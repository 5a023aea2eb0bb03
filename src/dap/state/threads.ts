/** Threads of the protocol: one for each platform, or one. Pure. Numbers count from 1 there, from 0 here. */
import { BktuiError } from "../../base/errors.ts";
import type { DebugState, ThreadId } from "../../debugger/debugger.ts";

/** A thread as if it were the one that is shown. */
export interface ThreadView {
  readonly id: ThreadId;
  /** Of the protocol. */
  readonly number: number;
  /** Untrusted text. */
  readonly platform: string | undefined;
  readonly state: DebugState;
  /** Its own stops so far. */
  readonly stops: number;
}

export function threadViews(state: DebugState): readonly ThreadView[] {
  if (state.threads.length === 0)
    return [{ id: 0, number: 1, platform: undefined, state, stops: state.stops }];
  return state.threads.map(({ id, platform, phase, breakpoints, stops }) => ({
    id,
    number: id + 1,
    platform,
    state: id === state.shown ? state : { ...state, phase, breakpoints, shown: id },
    stops,
  }));
}

/** @throws {BktuiError} "not-found". */
export function threadNumbered(state: DebugState, number: number): ThreadView {
  const views = threadViews(state);
  const view = views.find((each) => each.number === number);
  if (view !== undefined) return view;
  const numbers = views.map((each) => each.number).join(", ");
  throw new BktuiError("not-found", `there is no thread ${number}; there is ${numbers}`);
}
