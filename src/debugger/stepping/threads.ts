/**
 * The state machine of a build for several platforms: `reduce` for each of its threads, and what concerns all of them. Pure.
 * A build for one platform has no threads, and goes straight to `reduce`.
 */

import { BktuiError } from "../../base/errors.ts";
import type { Said } from "../breakpoint.ts";
import { unbound } from "../breakpoints/breakpoints.ts";
import type {
  Command,
  DebugState,
  Effect,
  Execution,
  Outcome,
  Phase,
  Reduce,
  Thread,
  ThreadId,
} from "../debugger.ts";
import { type Refusal, refusedFor } from "../remedies.ts";
import { isBusy } from "../state/at-rest.ts";
import { isInThePast } from "../state/live.ts";
import { withDone, withRan } from "../state/reached.ts";
import { isAtEnd } from "../state/threads.ts";
import { reduce } from "./reduce.ts";
import { whyNot } from "./refusals.ts";
import { type Change, resumePoint } from "./transitions.ts";

type Input = Command | Outcome;

/** @throws {BktuiError} as `reduce`. */
export const reduceThreads: Reduce = (state, input) => {
  if (input.kind === "opened" && input.threads !== undefined) return opened(state, input, input.threads);
  if (state.threads.length === 0) return reduce(state, input);
  switch (input.kind) {
    case "thread":
      return { state: show(state, threadOf(state, input.id).id), effects: [] };
    case "continue":
      // Over what has run: the others stand where they do.
      if (isInThePast(state.phase)) return ofEach(state, [threadOf(state, state.shown)], input);
      return ofAllThatCan(state, input);
    case "pause":
    case "cancel":
      return ofAllThatCan(state, input);
    case "add-breakpoint":
    case "remove-breakpoint":
    case "enable-breakpoint":
      return ofEach(state, state.threads, input);
    case "rerun":
      return reopened(state, input);
    case "quit":
    case "launch":
    case "opened":
      return { ...alone(reduce(state, input)) };
    case "open-failed":
    case "lost":
      return wholly(state, reduce(state, input));
    case "answering":
    case "catch":
      return reduce(state, input);
    case "solved":
    case "solve-failed":
    case "cancelled":
    case "solve-broken":
    case "outputs-made":
    case "asked":
      return ofEach(state, waitingFor(state, input.token), input);
    default:
      return ofEach(state, [threadOf(state, state.shown)], input);
  }
};

/** As `whyNot` of one thread; what is asked of all can be asked when one of them can do it. */
export function whyNotThreads(state: DebugState, kind: Command["kind"]): Refusal | undefined {
  const refusal = whyNot(state, kind);
  if (refusal === undefined || state.threads.length === 0) return refusal;
  if (kind === "thread") return state.phase.kind === "ended" ? refusal : undefined;
  const isOfAll = kind === "continue" || kind === "pause" || kind === "cancel";
  return isOfAll && state.threads.some((each) => whyNot(viewOf(state, each), kind) === undefined)
    ? undefined
    : refusal;
}

/** All threads begin where one would, or where they stood. */
function opened(
  state: DebugState,
  outcome: Extract<Outcome, { kind: "opened" }>,
  programs: NonNullable<Extract<Outcome, { kind: "opened" }>["threads"]>,
): Change {
  const { phase, breakpoints } = state;
  if (phase.kind !== "opening" || phase.token !== outcome.token) return { state, effects: [] };
  const threads = programs.map(({ platform }, id): Thread => {
    const former = state.threads.find((each) => each.platform === platform);
    const resume = former?.phase.kind === "opening" ? former.phase.resume : phase.resume;
    return { id, platform, phase: { ...phase, resume }, breakpoints, stops: former?.stops ?? 0 };
  });
  const platform = state.threads[state.shown]?.platform;
  const shown = threads.find((each) => each.platform === platform)?.id ?? 0;
  let change: Change = { state: show({ ...state, threads }, shown), effects: [] };
  for (const [id, { program }] of programs.entries())
    change = joined(change, id, inThread(change, id, { kind: "opened", token: outcome.token, program }));
  return { ...change, state: withCommon(change.state) };
}

/** Each comes back to where it stands itself. */
function reopened(state: DebugState, command: Extract<Command, { kind: "rerun" }>): Change {
  const { state: next, effects } = reduce(state, command);
  const { phase, breakpoints } = next;
  if (phase.kind !== "opening") return { state: next, effects };
  const threads = state.threads.map((thread) => {
    const resume = command.here ? resumePoint(viewOf(state, thread)) : undefined;
    return { ...thread, phase: { ...phase, resume }, breakpoints };
  });
  return { state: { ...next, threads }, effects };
}

/** The build is left: no thread goes on. */
function alone({ state, effects }: Change): Change {
  return { state: { ...state, threads: [], shown: 0 }, effects };
}

/** What ends the build ends all of its threads; each knows where it stood. */
function wholly(before: DebugState, { state, effects }: Change): Change {
  const { phase } = state;
  if (phase.kind !== "broken" && phase.kind !== "lost") return { state, effects };
  const threads = before.threads.map((thread) => ({
    ...thread,
    phase: { ...phase, resume: resumePoint(viewOf(before, thread)) },
    breakpoints: unbound(thread.breakpoints),
    stops: thread.stops + 1,
  }));
  return { state: show({ ...state, threads }, state.shown), effects };
}

/** @throws {Refused} when none can. */
function ofAllThatCan(state: DebugState, command: Command): Change {
  const refusal = whyNotThreads(state, command.kind);
  if (refusal !== undefined) throw refusedFor(refusal);
  let change: Change = { state, effects: [] };
  for (const { id } of state.threads) {
    const thread = threadOf(change.state, id);
    // What the one before has begun may have taken this one along.
    if (whyNot(viewOf(change.state, thread), command.kind) !== undefined) continue;
    change = joined(change, id, inThread(change, id, command));
  }
  return settled(state, change);
}

function ofEach(state: DebugState, threads: readonly Thread[], input: Input): Change {
  let change: Change = { state, effects: [] };
  for (const { id } of threads) {
    const before = change;
    const next = inThread(before, id, input);
    const { kind } = threadOf(next.state, id).phase;
    if (kind === "broken" || kind === "lost") return wholly(state, { ...next, state: show(next.state, id) });
    change = joined(before, id, next);
  }
  return settled(state, change);
}

/** Those that an effect of that token was begun for. */
function waitingFor({ threads }: DebugState, token: number): readonly Thread[] {
  return threads.filter(({ phase }) =>
    phase.kind === "paused" ? phase.switchingTo?.token === token : "token" in phase && phase.token === token,
  );
}

/** What one thread does with the input. Effects are added to those that there are. */
function inThread({ state, effects }: Change, id: ThreadId, input: Input): Change {
  const thread = threadOf(state, id);
  const { state: own, effects: more } = reduce(viewOf(state, thread), input);
  const { phase, breakpoints } = own;
  const stops = thread.stops + own.stops - state.stops;
  const threads = state.threads.map((each) =>
    each === thread ? { ...each, phase, breakpoints, stops } : each,
  );
  const said = withPlatform(own.said, state.said, thread.platform);
  return { state: show({ ...own, threads, said }, state.shown), effects: [...effects, ...more] };
}

/** Of what log points say it is told for which platform. */
function withPlatform(said: readonly Said[], before: readonly Said[], platform: string): readonly Said[] {
  const known = before.at(-1)?.number ?? 0;
  return said === before ? said : said.map((each) => (each.number > known ? { ...each, platform } : each));
}

/** A thread that has reached the target waits until all have; then the outputs are made once, for all. */
function joined(before: Change, id: ThreadId, { state, effects }: Change): Change {
  const { phase } = threadOf(state, id);
  const known = before.effects.length;
  const isNew = ({ kind }: Effect, index: number): boolean => index >= known && kind === "make-outputs";
  if (phase.kind !== "finishing" || !effects.some(isNew)) return { state, effects: onceEach(effects) };
  const { token } = phase;
  const isLast = state.threads.every(isAtEnd);
  const threads = state.threads.map((thread): Thread => {
    if (isLast && "execution" in thread.phase) {
      const { execution } = thread.phase;
      return { ...thread, phase: { kind: "finishing", execution, token } };
    }
    return thread.id === id ? { ...thread, phase: { kind: "built", execution: phase.execution } } : thread;
  });
  return {
    state: show({ ...state, threads }, state.shown),
    effects: isLast ? effects : effects.filter((effect, index) => !isNew(effect, index)),
  };
}

/** Outputs are made for all by one effect, and given up by one. */
function onceEach(effects: readonly Effect[]): readonly Effect[] {
  const isSame = (one: Effect, other: Effect): boolean =>
    one.kind === "cancel" &&
    other.kind === "cancel" &&
    one.token === other.token &&
    one.after === other.after;
  return effects.filter(
    (effect, index) => effects.findIndex((each) => each === effect || isSame(each, effect)) === index,
  );
}

/** What one thread has made is made for all. */
function settled(before: DebugState, { state, effects }: Change): Change {
  const spread = withCommon(state);
  const arrived = spread.threads.find((thread) => isToBeShown(before, spread, thread));
  const next = arrived === undefined ? spread : show(spread, arrived.id);
  return { state: isAlike(before, next) ? before : next, effects };
}

/**
 * A thread that comes to rest is shown where the shown one has nothing to show: it runs and may do so for long, or is built
 * and waits. One that is stood at stays shown.
 */
function isToBeShown(before: DebugState, { phase: shown }: DebugState, { id, phase }: Thread): boolean {
  const former = before.threads[id]?.phase;
  if (phase.kind !== "paused" || former === undefined || !isBusy({ threads: [], phase: former }))
    return false;
  const { kind } = phase.reason;
  return (
    shown.kind === "built" ||
    (shown.kind === "running" &&
      (kind === "breakpoint" || (kind === "exception" && phase.reason.uncaught === undefined)))
  );
}

function isAlike(before: DebugState, next: DebugState): boolean {
  const isSame = ({ id, phase, breakpoints }: Thread): boolean =>
    before.threads[id]?.phase === phase && before.threads[id]?.breakpoints === breakpoints;
  return (
    before.threads.length === next.threads.length &&
    next.threads.every(isSame) &&
    before.shown === next.shown &&
    before.token === next.token &&
    before.stops === next.stops &&
    before.said === next.said &&
    before.engineSilent === next.engineSilent
  );
}

/** Vertices have one digest in all threads that they are part of: what exists for one exists for the others. */
function withCommon(state: DebugState): DebugState {
  const executions = state.threads.flatMap(({ phase }) => ("execution" in phase ? [phase.execution] : []));
  const threads = state.threads.map((thread) => {
    const { phase } = thread;
    if (!("execution" in phase)) return thread;
    const execution = executions.reduce(withThoseOf, phase.execution);
    return execution === phase.execution
      ? thread
      : { ...thread, phase: { ...phase, execution } satisfies Phase };
  });
  const isNew = threads.some((thread, id) => thread !== state.threads[id]);
  return isNew ? show({ ...state, threads }, state.shown) : state;
}

function withThoseOf(execution: Execution, other: Execution): Execution {
  if (other === execution) return execution;
  const { vertices } = execution.program.graph;
  const ran = [...other.ran].filter((digest) => (vertices as ReadonlyMap<string, unknown>).has(digest));
  return withRan(withDone(execution, other.done), ran);
}

/** The state as one thread sees it. */
function viewOf(state: DebugState, { phase, breakpoints }: Thread): DebugState {
  return { ...state, phase, breakpoints };
}

function show(state: DebugState, id: ThreadId): DebugState {
  const { phase, breakpoints } = threadOf(state, id);
  return { ...state, shown: id, phase, breakpoints };
}

/** @throws {BktuiError} "not-found". */
function threadOf({ threads }: DebugState, id: ThreadId): Thread {
  const thread = threads[id];
  if (thread === undefined) throw new BktuiError("not-found", `there is no thread ${id + 1}`);
  return thread;
}
