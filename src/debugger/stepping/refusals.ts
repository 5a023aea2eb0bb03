/** Why a command cannot be given in a phase, in words for the user, and what helps. Pure. */
import { unreachable } from "../../base/errors.ts";
import type { Command, DebugState, Phase } from "../debugger.ts";
import type { Refusal, Remedy } from "../remedies.ts";
import { livePhase } from "../state/live.ts";
import { lacksBase, stepOfStop } from "../state/reached.ts";
import { edgesBeside } from "./keep-going.ts";
import { isStanding, stepBefore } from "./travel.ts";

const ENDED: Refusal = { why: "the debugger has ended" };
const NOTHING_LOADED: Refusal = { why: "nothing is loaded yet" };
const NOTHING_RUNS: Refusal = { why: "nothing is running" };

const OTHER_THREAD: Remedy = { command: "thread", does: "shows another platform" };

function runsAgain(does: string): Remedy {
  return { command: "rerun", does };
}

/** undefined when the command can be given; its details may still be refused (run-to a line that has run). */
export function whyNot({ phase }: DebugState, kind: Command["kind"]): Refusal | undefined {
  if (phase.kind === "ended") return ENDED;
  switch (kind) {
    case "launch":
      return phase.kind === "idle"
        ? undefined
        : { why: "the build is loaded already", remedy: runsAgain("runs it again") };
    case "next":
    case "into":
    case "finish":
    case "run-to":
      return whyNotMove(phase);
    case "back":
    case "reverse-continue":
      return whyNotBack(phase);
    case "goto":
      return whyNotTravel(phase);
    case "show-failure":
      return whyNotShow(livePhase(phase));
    case "keep-going":
      return whyNotKeepGoing(livePhase(phase));
    case "make-base":
      return whyNotMakeBase(livePhase(phase));
    case "continue":
      if (phase.kind === "finished" && phase.problem !== undefined) return undefined;
      return phase.kind === "running" && phase.asked === "pause" ? undefined : whyNotMove(phase);
    case "pause":
      return whyNotPause(phase);
    case "cancel":
      return whyNotCancel(phase);
    case "rerun":
      return phase.kind === "idle" ? NOTHING_LOADED : undefined;
    case "thread":
      return { why: "the build is for one platform: it has no other thread" };
    case "quit":
    case "add-breakpoint":
    case "remove-breakpoint":
    case "enable-breakpoint":
    case "catch":
      return undefined;
    default:
      return unreachable(kind);
  }
}

function whyNotMove(phase: Phase): Refusal | undefined {
  switch (phase.kind) {
    case "paused": {
      if (phase.reason.kind !== "exception") return undefined;
      const step = stepOfStop(phase.execution.program, phase.at);
      return { why: `step ${step.id + 1} failed`, remedy: runsAgain("runs it again") };
    }
    case "running":
      return runningWords(phase);
    default:
      return notRunning(phase);
  }
}

function whyNotBack(phase: Phase): Refusal | undefined {
  const refusal = whyNotTravel(phase);
  if (refusal !== undefined || !isStanding(phase)) return refusal;
  if (phase.execution.done.size === 0) return { why: "nothing has run yet" };
  return stepBefore(phase) === undefined ? { why: "this is the first step" } : undefined;
}

function whyNotTravel(phase: Phase): Refusal | undefined {
  if (isStanding(phase)) return undefined;
  return phase.kind === "running" ? runningWords(phase) : notRunning(phase);
}

function whyNotShow(phase: Phase): Refusal | undefined {
  if (phase.kind !== "paused") return phase.kind === "running" ? runningWords(phase) : notRunning(phase);
  return phase.execution.failures.size === 0 ? { why: "no step has failed" } : undefined;
}

function whyNotKeepGoing(phase: Phase): Refusal | undefined {
  if (phase.kind !== "paused") return phase.kind === "running" ? runningWords(phase) : notRunning(phase);
  if (phase.reason.kind !== "exception") return { why: "no step has failed" };
  return edgesBeside(phase.execution).length > 0
    ? undefined
    : { why: "everything that needs no failed step has run" };
}

function whyNotMakeBase(phase: Phase): Refusal | undefined {
  if (phase.kind !== "paused") return phase.kind === "running" ? runningWords(phase) : notRunning(phase);
  return lacksBase(phase) ? undefined : { why: "no state is missing here that could be made" };
}

function whyNotPause(phase: Phase): Refusal | undefined {
  if (phase.kind === "running") return phase.asked === "nothing" ? undefined : runningWords(phase);
  return phase.kind === "paused" ? NOTHING_RUNS : notRunning(phase);
}

function whyNotCancel(phase: Phase): Refusal | undefined {
  if (phase.kind === "opening" || phase.kind === "finishing") return undefined;
  if (phase.kind === "running") return phase.asked === "cancel" ? runningWords(phase) : undefined;
  return phase.kind === "paused" ? NOTHING_RUNS : notRunning(phase);
}

function runningWords({ asked }: Extract<Phase, { kind: "running" }>): Refusal {
  switch (asked) {
    case "nothing":
      return { why: "a step is running", remedy: { command: "pause", does: "pauses it" } };
    case "pause":
      return { why: "already pausing after the running step" };
    case "cancel":
      return { why: "already cancelling the running step" };
    default:
      return unreachable(asked);
  }
}

function notRunning(phase: Exclude<Phase, { kind: "paused" | "running" }>): Refusal {
  switch (phase.kind) {
    case "idle":
      return NOTHING_LOADED;
    case "opening":
      return { why: "the build is being loaded" };
    case "broken":
      return { why: "the build could not go on", remedy: runsAgain("loads it again") };
    case "built":
      return { why: "the target is built for this platform", remedy: OTHER_THREAD };
    case "finishing":
      return { why: "the target is built; its outputs are being made" };
    case "finished":
      return { why: "the build has finished", remedy: runsAgain("runs it again") };
    case "lost":
      return { why: "the connection to the engine was lost", remedy: runsAgain("connects again") };
    case "ended":
      return ENDED;
    default:
      return unreachable(phase);
  }
}
