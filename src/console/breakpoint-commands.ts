/** Breakpoints as people set, number and delete them, and the undoing of that. */
import { BktuiError } from "../base/errors.ts";
import type { Breakpoint, BreakpointOrder, BreakpointRule } from "../debugger/breakpoint.ts";
import type { TypedOrder } from "../debugger/breakpoints/break-order.ts";
import { breakpointOf } from "../debugger/breakpoints/breakpoints.ts";
import type { Debugger } from "../debugger/debugger.ts";

const MAX_DELETED = 100;

/** Breakpoints stand in nobody's way: they are changed at once, in every phase. */
export class BreakpointCommands {
  readonly #debug: Pick<Debugger, "state" | "dispatch">;
  /** What undoing brings back, the latest last. */
  #deleted: readonly (BreakpointOrder & { readonly enabled: boolean })[] = [];

  constructor(debug: Pick<Debugger, "state" | "dispatch">) {
    this.#debug = debug;
  }

  /** Answers it as it is now; undefined when the build has ended. */
  add(order: BreakpointOrder): Breakpoint | undefined {
    this.#debug.dispatch({ kind: "add-breakpoint", ...order });
    return breakpointOf(this.#debug.state.breakpoints, order.spec);
  }

  /** What was typed: a breakpoint, or none at all; answers with the one that was added, or how many were deleted. */
  addTyped(typed: TypedOrder): Breakpoint | number | undefined {
    if ("spec" in typed) return this.add(typed);
    const all = this.#debug.state.breakpoints;
    for (const breakpoint of all) this.remove(breakpoint);
    return all.length;
  }

  remove(breakpoint: Breakpoint): void {
    this.#debug.dispatch({ kind: "remove-breakpoint", id: breakpoint.id });
    const { enabled } = breakpoint;
    this.#deleted = [...this.#deleted, { ...orderOf(breakpoint), enabled }].slice(-MAX_DELETED);
  }

  /** Undefined: none. Answers it as it is now. @throws {BktuiError} "usage" for a wrong rule. */
  changeRule({ spec, enabled }: Breakpoint, rule: BreakpointRule | undefined): Breakpoint | undefined {
    const changed = this.add({ spec, ...(rule === undefined ? {} : { rule }) });
    if (!enabled && changed !== undefined) this.enable(changed, false);
    return changed;
  }

  enable({ id }: Breakpoint, enabled: boolean): void {
    this.#debug.dispatch({ kind: "enable-breakpoint", id, enabled });
  }

  /** Sets the one again that was deleted last; undefined when none was. */
  undo(): Breakpoint | undefined {
    const last = this.#deleted.at(-1);
    if (last === undefined) return undefined;
    this.#deleted = this.#deleted.slice(0, -1);
    const added = this.add(last);
    if (added !== undefined && !last.enabled) this.enable(added, false);
    return added;
  }

  /** Sets one at the end of a stage, or deletes the one that is there; undefined when it was deleted. */
  toggleStageEnd(stage: string): Breakpoint | undefined {
    const existing = this.#debug.state.breakpoints.find(
      ({ spec }) => spec.kind === "stage-end" && spec.stage === stage,
    );
    if (existing === undefined) return this.add({ spec: { kind: "stage-end", stage } });
    this.remove(existing);
    return undefined;
  }

  /** @throws {BktuiError} "not-found" */
  numbered(number: number): Breakpoint {
    const found = this.#debug.state.breakpoints.find(({ id }) => id === number);
    if (found !== undefined) return found;
    throw new BktuiError("not-found", `no breakpoint ${number}; breaks lists them`);
  }
}

/** A line follows its instruction: where it is now counts. */
export function orderOf({ spec, rule, bound }: Breakpoint): BreakpointOrder {
  const place = bound.kind === "verified" && spec.kind === "line" ? { ...spec, line: bound.line } : spec;
  return { spec: place, ...(rule === undefined ? {} : { rule }) };
}
