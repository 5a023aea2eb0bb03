/** Why a command cannot be given in a phase, in words for the user. Pure. */
import { unreachable } from "../../base/errors.ts";
import type { Command, DebugState, Phase } from "../debugger.ts";
import { lacksBase, stepOfStop } from "../state/reached.ts";

/** undefined when the command can be given; its details may still be refused (run-to a line that has run). */
export function whyNot({ phase }: DebugState, kind: Command["kind"]): string | undefined {
  if (phase.kind === "ended") return "the session has ended";
  switch (kind) {
    case "launch":
      return phase.kind === "idle" ? undefined : "the build is loaded already; r reruns it";
    case "next":
    case "into":
    case "finish":
    case "run-to":
      return whyNotMove(phase);
    case "show-failure":
      return whyNotShow(phase);
    case "make-base":
      return whyNotMakeBase(phase);
    case "continue":
      return phase.kind === "running" && phase.asked === "pause" ? undefined : whyNotMove(phase);
    case "pause":
      return whyNotPause(phase);
    case "cancel":
      return whyNotCancel(phase);
    case "rerun":
      return phase.kind === "idle" ? "nothing is loaded yet" : undefined;
    case "quit":
    case "add-breakpoint":
    case "remove-breakpoint":
    case "enable-breakpoint":
      return undefined;
    default:
      return unreachable(kind);
  }
}

function whyNotMove(phase: Phase): string | undefined {
  switch (phase.kind) {
    case "paused": {
      if (phase.reason.kind !== "exception") return undefined;
      const step = stepOfStop(phase.session.program, phase.at);
      return `step ${step.id + 1} failed; r reruns it`;
    }
    case "running":
      return runningWords(phase);
    default:
      return notRunning(phase);
  }
}

function whyNotShow(phase: Phase): string | undefined {
  if (phase.kind !== "paused") return phase.kind === "running" ? runningWords(phase) : notRunning(phase);
  return phase.session.failures.size === 0 ? "no step has failed" : undefined;
}

function whyNotMakeBase(phase: Phase): string | undefined {
  if (phase.kind !== "paused") return phase.kind === "running" ? runningWords(phase) : notRunning(phase);
  return lacksBase(phase) ? undefined : "no state is missing here that could be made";
}

function whyNotPause(phase: Phase): string | undefined {
  if (phase.kind === "running") return phase.asked === "nothing" ? undefined : runningWords(phase);
  return phase.kind === "paused" ? "nothing is running" : notRunning(phase);
}

function whyNotCancel(phase: Phase): string | undefined {
  if (phase.kind === "opening" || phase.kind === "finishing") return undefined;
  if (phase.kind === "running") return phase.asked === "cancel" ? runningWords(phase) : undefined;
  return phase.kind === "paused" ? "nothing is running" : notRunning(phase);
}

function runningWords({ asked }: Extract<Phase, { kind: "running" }>): string {
  switch (asked) {
    case "nothing":
      return "a step is running; p pauses it";
    case "pause":
      return "already pausing after the running step";
    case "cancel":
      return "already cancelling the running step";
    default:
      return unreachable(asked);
  }
}

function notRunning(phase: Exclude<Phase, { kind: "paused" | "running" }>): string {
  switch (phase.kind) {
    case "idle":
      return "nothing is loaded yet";
    case "opening":
      return "the Dockerfile is being loaded";
    case "broken":
      return "the build could not go on; r loads it again";
    case "finishing":
      return "the target is built; its outputs are being made";
    case "finished":
      return "the build has finished; r runs it again";
    case "lost":
      return "the connection to the engine was lost; r connects again";
    case "ended":
      return "the session has ended";
    default:
      return unreachable(phase);
  }
}
