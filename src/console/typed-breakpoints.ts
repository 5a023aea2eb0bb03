/** Breakpoints as they are set, switched and deleted by typed commands: what was done, as data. */
import { BktuiError, unreachable } from "../base/errors.ts";
import type { Breakpoint, BreakpointSpec, CatchFilter } from "../debugger/breakpoint.ts";
import { placeWords } from "../debugger/breakpoints/break-spec.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { programOf, stopOf } from "../debugger/state/inspect.ts";
import { specAt } from "../debugger/state/line-steps.ts";
import type { BreakpointCommands } from "./breakpoint-commands.ts";
import { doubtfulBreakpoint, whyWords } from "./phrases/breakpoint-why.ts";
import type { LineCommand } from "./read-command.ts";

const BREAKS = [
  "break-line",
  "log-point",
  "break-rule",
  "break-why",
  "catch",
  "break-stage-end",
  "break-delete",
  "break-on",
  "break-off",
  "break-undo",
] as const;

export type BreakCommand = Extract<LineCommand, { readonly id: (typeof BREAKS)[number] }>;

export function isBreak(command: LineCommand): command is BreakCommand {
  return BREAKS.some((id) => id === command.id);
}

/** `breakpoint`: as it is now, or was before it was deleted. */
export type BreakOutcome =
  | { readonly kind: "set" | "deleted" | "on" | "off"; readonly breakpoint: Breakpoint }
  | { readonly kind: "all-deleted"; readonly count: number }
  /** Sentences; untrusted text. */
  | { readonly kind: "why"; readonly breakpoint: Breakpoint; readonly why: readonly string[] }
  /** Which failures stop now. */
  | { readonly kind: "catch"; readonly filters: readonly CatchFilter[] }
  /** Nothing was there to be undone, or the build has ended. */
  | { readonly kind: "nothing" };

/** @throws {BktuiError} "not-found", "not-now", "usage". */
export function performBreak(
  breakpoints: BreakpointCommands,
  debug: Pick<Debugger, "state" | "dispatch" | "masked">,
  command: BreakCommand,
): BreakOutcome {
  const numbered = (number: number | undefined): Breakpoint => {
    if (number === undefined) throw new BktuiError("usage", "a number is missing; breaks lists them");
    return breakpoints.numbered(number);
  };
  switch (command.id) {
    case "break-line": {
      const added = breakpoints.addTyped(command.place ?? { spec: specHere(debug) });
      return typeof added === "number" ? { kind: "all-deleted", count: added } : outcomeOf(added);
    }
    case "log-point":
      return outcomeOf(breakpoints.add(command.order));
    case "break-rule":
      return outcomeOf(breakpoints.changeRule(numbered(command.number), command.rule));
    case "break-why": {
      const { number } = command;
      const breakpoint =
        number === undefined ? doubtfulBreakpoint(debug.state) : breakpoints.numbered(number);
      if (breakpoint === undefined)
        throw new BktuiError("not-found", "there are no breakpoints", { hint: "break PLACE sets one." });
      const which =
        number === undefined ? [`Breakpoint ${breakpoint.id}: ${placeWords(breakpoint.spec)}.`] : [];
      const sentences = [...which, ...whyWords(breakpoint, debug.state)];
      return { kind: "why", breakpoint, why: sentences.map(debug.masked) };
    }
    case "catch": {
      const { filters } = command;
      if (filters !== undefined) debug.dispatch({ kind: "catch", filters });
      return { kind: "catch", filters: debug.state.catches };
    }
    case "break-stage-end":
      return toggleStageEnd(breakpoints, debug);
    case "break-delete": {
      const breakpoint = numbered(command.number);
      breakpoints.remove(breakpoint);
      return { kind: "deleted", breakpoint };
    }
    case "break-on":
    case "break-off": {
      const enabled = command.id === "break-on";
      breakpoints.enable(numbered(command.number), enabled);
      return { kind: enabled ? "on" : "off", breakpoint: numbered(command.number) };
    }
    case "break-undo":
      return outcomeOf(breakpoints.undo());
    default:
      return unreachable(command);
  }
}

function toggleStageEnd(breakpoints: BreakpointCommands, debug: Pick<Debugger, "state">): BreakOutcome {
  const { stage } = stopOf(debug.state) ?? {};
  if (stage === undefined) throw new BktuiError("not-now", "nothing is loaded");
  const former = debug.state.breakpoints.find(
    ({ spec }) => spec.kind === "stage-end" && spec.stage === stage,
  );
  const added = breakpoints.toggleStageEnd(stage);
  return former === undefined ? outcomeOf(added) : { kind: "deleted", breakpoint: former };
}

function outcomeOf(breakpoint: Breakpoint | undefined): BreakOutcome {
  return breakpoint === undefined ? { kind: "nothing" } : { kind: "set", breakpoint };
}

function specHere({ state }: Pick<Debugger, "state">): BreakpointSpec {
  const stop = stopOf(state);
  const program = programOf(state);
  if (stop === undefined || program === undefined) throw new BktuiError("not-now", "nothing is loaded");
  return specAt(program, stop);
}
