/** Why a thread stands, in the protocol's words and ours. Pure; texts are untrusted. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { failedWords, stepPlace, stopWords } from "../../console/phrases/stop-words.ts";
import type { BreakpointSpec } from "../../debugger/breakpoint.ts";
import type { DebugState, Phase } from "../../debugger/debugger.ts";
import { stepOfStop } from "../../debugger/state/reached.ts";
import type { SolveFailed } from "../../engine/failures.ts";

type Stopped = DebugProtocol.StoppedEvent["body"];
type Paused = Extract<Phase, { kind: "paused" }>;

/** Undefined: the thread does not stand. `breakpoints`: ids of the debugger. */
export function whyStopped(
  state: DebugState,
):
  | (Pick<Stopped, "reason" | "description" | "text"> & { readonly breakpoints: readonly number[] })
  | undefined {
  const { phase } = state;
  switch (phase.kind) {
    case "paused":
      return whyPaused(phase, state);
    case "broken":
    case "lost":
      return {
        reason: "exception",
        description: phase.kind === "lost" ? "The engine was lost" : "The build cannot begin",
        text: phase.error.message,
        breakpoints: [],
      };
    default:
      return undefined;
  }
}

function whyPaused(phase: Paused, state: DebugState): NonNullable<ReturnType<typeof whyStopped>> {
  const { reason } = phase;
  const words = stopWords(phase, state);
  const said = (name: string, description: string) => ({
    reason: name,
    description,
    text: words,
    breakpoints: [],
  });
  switch (reason.kind) {
    case "entry":
      return said("entry", "Stopped at the first step");
    case "step":
      return said("step", "Stopped after a step");
    case "travel":
      return said("step", "At a step that has run");
    case "cursor":
      return said("goto", "Stopped at the line that was run to");
    case "pause":
      return said("pause", "Paused");
    case "cancelled":
      return said("pause", "The running step was cancelled");
    case "rerun":
      return said("restart", "Stopped at the same step again");
    case "breakpoint": {
      const spec = state.breakpoints.find(({ id }) => id === reason.id)?.spec;
      const name = breakpointReason(spec);
      return { ...said(name, `Stopped at a ${name}`), breakpoints: [reason.id] };
    }
    case "exception": {
      const { exitCode } = reason.failure;
      const description =
        exitCode === undefined ? "The step failed" : `The step failed: exit code ${exitCode}`;
      return { reason: "exception", description, text: failureWords(phase, reason.failure), breakpoints: [] };
    }
    default:
      return said("step", "Stopped");
  }
}

/** "step 7/8 failed: exit code 2 · line 10: RUN make". */
function failureWords({ execution: { program }, at }: Paused, failure: SolveFailed): string {
  const step = stepOfStop(program, at);
  return `${failedWords(failure, step, program)} · ${stepPlace(step, program)}: ${step.text}`;
}

function breakpointReason(spec: BreakpointSpec | undefined): string {
  switch (spec?.kind) {
    case "stage":
    case "stage-end":
    case "pattern":
    case "instruction":
      return "function breakpoint";
    case "data":
      return "data breakpoint";
    default:
      return "breakpoint";
  }
}
