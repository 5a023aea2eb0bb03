/** The breakpoints that a debugger begins with, and what is kept of them for the next run. */
import { sameSpec } from "../debugger/breakpoints/break-spec.ts";
import { breakpointOf } from "../debugger/breakpoints/breakpoints.ts";
import type { BreakpointSpec, Debugger, DebugState } from "../debugger/debugger.ts";
import type { RememberedBreakpoint } from "./remembered-breakpoints.ts";

/** Sets those that were asked for, and those of earlier runs at other places. */
export function setBreakpoints(
  debug: Pick<Debugger, "state" | "dispatch">,
  asked: readonly BreakpointSpec[],
  earlier: readonly RememberedBreakpoint[],
): void {
  const others = earlier.filter(({ spec }) => !asked.some((each) => sameSpec(each, spec)));
  const all: readonly RememberedBreakpoint[] = [...asked.map((spec) => ({ spec, enabled: true })), ...others];
  for (const { spec, enabled, on } of all) {
    debug.dispatch({ kind: "add-breakpoint", spec, ...(on === undefined ? {} : { on }) });
    const added = breakpointOf(debug.state.breakpoints, spec);
    if (!enabled && added !== undefined)
      debug.dispatch({ kind: "enable-breakpoint", id: added.id, enabled: false });
  }
}

/** What the next run begins with. */
export function breakpointsToKeep({ breakpoints }: DebugState): readonly RememberedBreakpoint[] {
  return breakpoints.map(({ spec, enabled, bound, anchor, place }) => ({
    // A line follows its instruction, so what counts tomorrow is where it is now.
    spec: spec.kind === "line" && bound.kind === "verified" ? { ...spec, line: bound.line } : spec,
    enabled,
    // Tomorrow the text may be another one, or the definition that it is made from.
    ...(anchor === undefined || place === undefined ? {} : { on: { text: anchor, ...place } }),
  }));
}
