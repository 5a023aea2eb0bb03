/** The state machine: commands and outcomes -> next state and effects. No I/O, no clock, no randomness. */

import { BktuiError, unreachable } from "../../base/errors.ts";
import type { Breakpoint } from "../breakpoint.ts";
import { checkOrder } from "../breakpoints/break-order.ts";
import { unbound, withBreakpoint, withEnabled, withoutBreakpoint } from "../breakpoints/breakpoints.ts";
import { checkCatches } from "../breakpoints/catches.ts";
import type { Command, DebugState, Effect, Outcome, Phase, Reduce } from "../debugger.ts";
import { refusedFor } from "../remedies.ts";
import { programOf } from "../state/inspect.ts";
import { isInThePast, livePhase } from "../state/live.ts";
import { keepGoing } from "./keep-going.ts";
import { baseMotion, leadOf } from "./motions.ts";
import { applyOutcome } from "./outcomes.ts";
import { whyNot } from "./refusals.ts";
import { showFailure } from "./show-failure.ts";
import { arrive, type Change, leaving, resumePoint, setOut, solving } from "./transitions.ts";
import { back, goTo, moveOn, reverseContinue } from "./travel.ts";

export const initialState: DebugState = {
  phase: { kind: "idle" },
  threads: [],
  shown: 0,
  request: undefined,
  attempt: 0,
  breakpoints: [],
  catches: [{ kind: "all" }],
  said: [],
  token: 0,
  engineSilent: false,
  stops: 0,
};

/**
 * For one thread, see threads.ts.
 * @throws {BktuiError} "not-now" or "not-found" for a command that cannot be given; outcomes never throw.
 */
export const reduce: Reduce = (state, input) => {
  switch (input.kind) {
    case "opened":
    case "open-failed":
    case "solved":
    case "solve-failed":
    case "cancelled":
    case "solve-broken":
    case "outputs-made":
    case "asked":
    case "answering":
    case "lost":
      return applyOutcome(state, input satisfies Outcome);
    default:
      return applyCommand(state, input satisfies Command);
  }
};

function applyCommand(state: DebugState, command: Command): Change {
  const refusal = whyNot(state, command.kind);
  if (refusal !== undefined) throw refusedFor(refusal);
  switch (command.kind) {
    case "launch": {
      const { request, stopOnEntry } = command;
      return open({ ...state, request }, [], {
        resume: undefined,
        ...(stopOnEntry ? {} : { thenRun: true }),
      });
    }
    case "next":
    case "into":
    case "finish":
    case "run-to":
      return move(state, command);
    case "continue":
      // Its outputs could not be made: once more.
      if (state.phase.kind === "finished") return arrive(state, state.phase.execution, undefined);
      return state.phase.kind === "running" ? runOn(state, state.phase) : move(state, command);
    case "back":
      return back(state);
    case "reverse-continue":
      return reverseContinue(state, command);
    case "goto":
      return goTo(state, command.line, command.nth);
    case "make-base":
      return makeBase(atLive(state));
    case "keep-going":
      return keepGoing(atLive(state));
    case "show-failure":
      return showFailure(atLive(state), command.step);
    case "pause":
      return pause(state, command.running);
    case "cancel":
      return cancel(state);
    case "rerun": {
      const resume = command.here ? resumePoint(state) : undefined;
      const request = command.request ?? state.request;
      const thenRun = command.run === true && resume === undefined ? { thenRun: true as const } : {};
      return open({ ...state, request }, leaving(state), { resume, ...thenRun });
    }
    case "thread":
      return { state, effects: [] };
    case "quit":
      return { state: { ...state, phase: { kind: "ended" }, engineSilent: false }, effects: leaving(state) };
    case "add-breakpoint":
      checkOrder(command);
      return withList(state, withBreakpoint(state.breakpoints, command, programOf(state)));
    case "remove-breakpoint":
      return withList(state, withoutBreakpoint(state.breakpoints, command.id));
    case "enable-breakpoint":
      return withList(state, withEnabled(state.breakpoints, command.id, command.enabled));
    case "catch":
      checkCatches(command.filters);
      return { state: { ...state, catches: command.filters }, effects: [] };
    default:
      return unreachable(command);
  }
}

function open(
  state: DebugState,
  first: readonly Effect[],
  then: Pick<Extract<Phase, { kind: "opening" }>, "resume" | "thenRun">,
): Change {
  const { request } = state;
  if (request === undefined) throw new BktuiError("internal", "there is no build to open");
  const token = state.token + 1;
  return {
    state: {
      ...state,
      phase: { kind: "opening", token, ...then },
      attempt: state.attempt + 1,
      breakpoints: unbound(state.breakpoints),
      engineSilent: false,
      token,
    },
    effects: [...first, { kind: "open", token, request }],
  };
}

/** What is about the failure that the build is really stopped at. */
function atLive(state: DebugState): DebugState {
  return { ...state, phase: livePhase(state.phase) };
}

function move(state: DebugState, command: Command): Change {
  const { phase, breakpoints } = state;
  if (isInThePast(phase)) return moveOn(state, command);
  const lead = leadOf(command);
  if (lead === undefined) throw new BktuiError("internal", `${command.kind} is no motion`);
  if (phase.kind !== "paused") throw new BktuiError("internal", `a motion while ${phase.kind}`);
  const { execution, at } = phase;
  return setOut(state, execution, at, lead({ execution, at, breakpoints }));
}

function makeBase(state: DebugState): Change {
  const { phase, breakpoints } = state;
  if (phase.kind !== "paused") throw new BktuiError("internal", `a base is wanted while ${phase.kind}`);
  const { execution, at, reason } = phase;
  return setOut(state, execution, at, baseMotion({ execution, at, breakpoints }, reason));
}

/** What runs goes on, nothing new begins: solve what has begun, then give up the larger solve. */
function pause(state: DebugState, running: Extract<Command, { kind: "pause" }>["running"]): Change {
  const { phase } = state;
  if (phase.kind !== "running") throw new BktuiError("internal", `a pause while ${phase.kind}`);
  if (phase.asking !== undefined)
    return {
      state: { ...state, phase: { ...phase, asked: "pause" } },
      effects: [{ kind: "cancel", token: phase.token }],
    };
  const held = running.filter(({ vertex }) => phase.execution.program.graph.vertices.has(vertex));
  if (held.length === 0) {
    const asked: Phase = { ...phase, asked: "pause" };
    return { state: { ...state, phase: asked }, effects: [{ kind: "cancel", token: phase.token }] };
  }
  const token = state.token + 1;
  const asked: Phase = { ...phase, token, asked: "pause", holding: held };
  return {
    state: { ...state, phase: asked, token },
    effects: [solving(state, token, held), { kind: "cancel", token: phase.token, after: token }],
  };
}

/** Takes a pause back: the goal is solved again, what runs is part of it. */
function runOn(state: DebugState, phase: Extract<Phase, { kind: "running" }>): Change {
  const token = state.token + 1;
  const { holding: _, asking, ...rest } = phase;
  const ask: Effect =
    asking === undefined
      ? solving(state, token, phase.goal.edges)
      : { kind: "ask", token, questions: asking };
  return {
    state: {
      ...state,
      phase: { ...rest, token, asked: "nothing", ...(asking === undefined ? {} : { asking }) },
      token,
    },
    effects: [ask, { kind: "cancel", token: phase.token, after: token }],
  };
}

function cancel(state: DebugState): Change {
  const { phase } = state;
  if (!("token" in phase)) throw new BktuiError("internal", `a cancel while ${phase.kind}`);
  const effects: readonly Effect[] = [{ kind: "cancel", token: phase.token }];
  if (phase.kind !== "running") return { state, effects };
  return { state: { ...state, phase: { ...phase, asked: "cancel" } }, effects };
}

function withList(state: DebugState, breakpoints: readonly Breakpoint[]): Change {
  return { state: breakpoints === state.breakpoints ? state : { ...state, breakpoints }, effects: [] };
}
