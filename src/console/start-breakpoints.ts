/** The breakpoints that a debugger begins with, and what is kept of them for the next run. */

import type { BreakpointOrder } from "../debugger/breakpoint.ts";
import { sameSpec } from "../debugger/breakpoints/break-spec.ts";
import { breakpointOf } from "../debugger/breakpoints/breakpoints.ts";
import type { Debugger, DebugState } from "../debugger/debugger.ts";
import { orderOf } from "./breakpoint-commands.ts";
import type { RememberedBreakpoint } from "./remembered-breakpoints.ts";

/** Sets those that were asked for, and those of earlier runs at other places. */
export function setBreakpoints(
  debug: Pick<Debugger, "state" | "dispatch">,
  asked: readonly BreakpointOrder[],
  earlier: readonly RememberedBreakpoint[],
): void {
  const others = earlier.filter(({ spec }) => !asked.some((each) => sameSpec(each.spec, spec)));
  const all: readonly RememberedBreakpoint[] = [
    ...asked.map((order) => ({ ...order, enabled: true })),
    ...others,
  ];
  for (const { spec, rule, enabled, on } of all) {
    const order = rule === undefined ? { spec } : { spec, rule };
    debug.dispatch({ kind: "add-breakpoint", ...order, ...(on === undefined ? {} : { on }) });
    const added = breakpointOf(debug.state.breakpoints, spec);
    if (!enabled && added !== undefined)
      debug.dispatch({ kind: "enable-breakpoint", id: added.id, enabled: false });
  }
}

/** What the next run begins with. */
export function breakpointsToKeep({ breakpoints }: DebugState): readonly RememberedBreakpoint[] {
  return breakpoints.map((breakpoint) => {
    const { enabled, anchor, place } = breakpoint;
    // Tomorrow the text may be another one, or the definition that it is made from.
    const on = anchor === undefined || place === undefined ? {} : { on: { text: anchor, ...place } };
    return { ...orderOf(breakpoint), enabled, ...on };
  });
}
