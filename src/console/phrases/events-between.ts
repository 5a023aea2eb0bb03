/** What happened between two moments of a build. Pure. */
import { count, roundTime } from "../../base/words.ts";
import type { Breakpoint } from "../../debugger/breakpoint.ts";
import { placeWords } from "../../debugger/breakpoints/break-spec.ts";
import type { DebugState, Thread } from "../../debugger/debugger.ts";
import { warningWords } from "../../debugger/explain/warning-words.ts";
import type { CacheWait } from "../../debugger/shells/caches.ts";
import { isBusy } from "../../debugger/state/at-rest.ts";
import { programOf, stopOf } from "../../debugger/state/inspect.ts";
import { programsOf, shownThread, standsStill } from "../../debugger/state/threads.ts";
import type { Program, Step } from "../../graph/program.ts";
import { boundWords } from "./breakpoint-words.ts";
import type { BuildEvent } from "./build-events.ts";
import { engineName } from "./engine-words.ts";
import type { KnownBuild } from "./known-build.ts";
import { FINISHED, failedWords, stopWords, UNMADE, uncaughtWords } from "./stop-words.ts";
import { ofPlatform, threadWords } from "./thread-words.ts";

const FIRST_REMINDER_MS = 20_000;

/** In the order in which they are to be told. */
export function eventsBetween(previous: KnownBuild | undefined, next: KnownBuild): readonly BuildEvent[] {
  if (previous === undefined) return [];
  return [
    attemptEvents(previous, next),
    engineEvents(previous, next),
    loadedEvents(previous, next),
    logPointEvents(previous, next),
    threadEvents(previous.state, next.state),
    breakpointEvents(previous, next),
    isSwitched(previous.state, next.state) ? [] : lookEvents(previous.state, next.state),
    warningEvents(previous, next),
    cacheEvents(previous, next),
    isStoppedAnew(previous.state, next.state) ? restEvents(next.state) : [],
  ].flat();
}

/** It has come to rest at another place, or at the same once more. */
export function isStoppedAnew(previous: DebugState | undefined, next: DebugState): boolean {
  if (standsStill(previous, next)) return false;
  switch (next.phase.kind) {
    case "built":
      return !isBusy(next);
    case "paused":
      return isSwitched(previous, next) || previous?.phase.kind !== "paused" || previous.stops !== next.stops;
    case "broken":
    case "finished":
      return previous?.phase.kind !== next.phase.kind;
    case "lost":
      // Not again after each try to connect: the user may be looking at something else by then.
      return previous?.phase.kind !== "lost" && previous?.phase.kind !== "opening";
    default:
      return false;
  }
}

function attemptEvents({ state: before }: KnownBuild, { state }: KnownBuild): readonly BuildEvent[] {
  const { attempt } = state;
  return before.attempt === attempt || attempt < 2
    ? []
    : [{ kind: "attempt", attempt, words: `attempt ${attempt}` }];
}

function engineEvents(previous: KnownBuild, next: KnownBuild): readonly BuildEvent[] {
  const { state, engine, nowMs } = next;
  const kind = state.phase.kind;
  const back: readonly BuildEvent[] =
    previous.isAway && !next.isAway && kind !== "ended"
      ? [{ kind: "reconnected", words: "connected again" }]
      : [];
  const { silentSinceMs } = previous;
  if (next.silentSinceMs !== undefined && silentSinceMs === undefined) {
    const words = `engine not answering: ${engineName(engine)}`;
    return [...back, { kind: "engine-silent", engine, words, remedy: "reconnect" }];
  }
  if (next.silentSinceMs !== undefined && silentSinceMs !== undefined) {
    const silentMs = nowMs - next.silentSinceMs;
    if (reminders(silentMs) === reminders(previous.nowMs - silentSinceMs)) return back;
    const words = `engine not answering for ${roundTime(silentMs)}`;
    return [...back, { kind: "engine-still-silent", silentMs, words }];
  }
  // A build that was given up, or is opened on a new connection, has not heard of the engine yet.
  const isUnheard = kind === "lost" || kind === "ended" || kind === "opening";
  if (silentSinceMs === undefined || isUnheard) return back;
  const silentMs = nowMs - silentSinceMs;
  const words = `the engine answers again after ${roundTime(silentMs)}`;
  return [...back, { kind: "engine-answers", silentMs, words }];
}

/** How often somebody has been reminded of a silence: after 20 s, 40 s, 80 s and so on. */
function reminders(silentMs: number): number {
  return silentMs < FIRST_REMINDER_MS ? 0 : 1 + Math.floor(Math.log2(silentMs / FIRST_REMINDER_MS));
}

/** Another thread is shown than before. */
function isSwitched(previous: DebugState | undefined, next: DebugState): boolean {
  const before = previous === undefined ? undefined : shownThread(previous);
  return before !== undefined && previous?.attempt === next.attempt && before.id !== next.shown;
}

function threadEvents(before: DebugState, state: DebugState): readonly BuildEvent[] {
  const { threads, shown } = state;
  const thread = shownThread(state);
  const isRest = ({ phase: { kind } }: Thread): boolean => kind === "paused" || kind === "built";
  const stopped = threads.filter((each) => {
    const former = before.threads[each.id];
    if (each.id === shown || former === undefined || before.attempt !== state.attempt || !isRest(each))
      return false;
    return former.stops !== each.stops || (each.phase.kind === "built" && former.phase.kind !== "built");
  });
  return [
    ...stopped.map((each): BuildEvent => {
      const words = `${each.platform}: ${threadWords(state, each)}`;
      return { kind: "thread-stopped", thread: each, words };
    }),
    ...(thread !== undefined && isSwitched(before, state)
      ? [{ kind: "thread-shown", thread, words: `${thread.platform} is shown` } as const]
      : []),
  ];
}

function logPointEvents(previous: KnownBuild, { state, masked }: KnownBuild): readonly BuildEvent[] {
  if (previous.state.said === state.said) return [];
  const known = previous.state.said.at(-1)?.number ?? 0;
  const fresh = state.said.filter(({ number }) => number > known);
  return fresh.map((said): BuildEvent => {
    const text = masked(said.text);
    const place = said.platform === undefined ? "" : `${said.platform}: `;
    return { kind: "log-point", said, text, words: `${place}line ${said.line} says: ${text}` };
  });
}

function loadedEvents({ state: before }: KnownBuild, { state }: KnownBuild): readonly BuildEvent[] {
  const program = programOf(state);
  if (program === undefined) return [];
  if (before.attempt === state.attempt && programsOf(before).includes(program)) return [];
  const platforms = state.threads.map(({ platform }) => platform).join(", ");
  const words = `${loadedWords(program)}${platforms === "" ? "" : `, for ${platforms}`}`;
  return [{ kind: "loaded", program, words }];
}

/** "loaded Dockerfile: 8 steps in 3 stages". */
function loadedWords({ steps, stages, filename }: Program): string {
  const used = stages.filter((stage) => stage.steps.length > 0).length;
  return `loaded ${filename}: ${count(steps.length, "step")} in ${count(used, "stage")}`;
}

/** Those that were just set are spoken of by whoever set them. */
function breakpointEvents(previous: KnownBuild, { state }: KnownBuild): readonly BuildEvent[] {
  const program = programOf(state);
  if (previous.state.breakpoints === state.breakpoints || program === undefined) return [];
  if (isSwitched(previous.state, state)) return [];
  return state.breakpoints.flatMap((breakpoint): readonly BuildEvent[] => {
    const before = previous.bindings.get(breakpoint.id);
    const words = boundWords(breakpoint, program);
    if (before === undefined) return [];
    if (words === undefined) {
      const followed = followedWords(before, breakpoint);
      return followed === undefined ? [] : [{ kind: "breakpoint-moved", breakpoint, words: followed }];
    }
    if (isBoundAlike(before, breakpoint)) return [];
    const kind = breakpoint.bound.kind === "lost" ? "breakpoint-lost" : "breakpoint-moved";
    return [{ kind, breakpoint, words }];
  });
}

/** Nothing is new about where it stops, whatever the number of its stop is now. */
function isBoundAlike({ bound: before }: Breakpoint, { bound }: Breakpoint): boolean {
  if (bound.kind === "lost") return before.kind === "lost" && before.why === bound.why;
  const line = before.kind === "moved" ? before.line : undefined;
  return bound.kind === "moved" && bound.line === line;
}

/** A line follows its instruction over edits. */
function followedWords(before: Breakpoint, { spec, bound }: Breakpoint): string | undefined {
  if (spec.kind !== "line" || before.spec.kind !== "line" || bound.kind !== "verified") return undefined;
  if (before.spec.line === spec.line || before.bound.kind !== "verified") return undefined;
  return `breakpoint at ${placeWords(before.spec)} moved to ${placeWords(spec)} with its instruction`;
}

/** The engine did not tell the other failure: steps that it needs were interrupted. */
function lookEvents({ phase: before }: DebugState, { phase }: DebugState): readonly BuildEvent[] {
  if (before.kind !== "paused" || before.switchingTo === undefined) return [];
  if (phase.kind !== "paused" || phase.at !== before.at || phase.switchingTo !== undefined) return [];
  const id = before.switchingTo.step;
  const words = `step ${id + 1} cannot be shown: what it needs was interrupted`;
  return [{ kind: "cannot-show", step: phase.execution.program.steps[id], words, remedy: "rerun" }];
}

function warningEvents(previous: KnownBuild, { log, warnings }: KnownBuild): readonly BuildEvent[] {
  const known = previous.log === log ? previous.warnings.length : 0;
  return warnings
    .slice(known)
    .map((warning) => ({ kind: "warning", warning, words: warningWords(warning) }) as const);
}

function cacheEvents(previous: KnownBuild, { state, brokeAt, wait }: KnownBuild): readonly BuildEvent[] {
  const earlier = previous.state.attempt === state.attempt ? previous : undefined;
  const isNewWait = wait !== undefined && wait.step.vertex !== earlier?.wait?.step.vertex;
  return [
    ...(brokeAt === undefined || earlier?.brokeAt !== undefined
      ? []
      : [{ kind: "cache-broke", step: brokeAt, words: cacheBrokeWords(brokeAt) } as const]),
    ...(isNewWait ? [{ kind: "cache-wait", wait, words: waitWords(wait) } as const] : []),
  ];
}

/** "cache broke at step 5: COPY . .". */
export function cacheBrokeWords({ id, text }: Step): string {
  return `cache broke at step ${id + 1}: ${text}`;
}

function waitWords({ step, cache, holder }: CacheWait): string {
  const what = `step ${step.id + 1} prints nothing:`;
  return holder === undefined
    ? `${what} it may be waiting for the cache "${cache}", if another build has it`
    : `${what} it waits for the cache "${cache}", which step ${holder.id + 1} has`;
}

function restEvents(state: DebugState): readonly BuildEvent[] {
  const { phase } = state;
  switch (phase.kind) {
    case "paused": {
      const { program } = phase.execution;
      const { reason } = phase;
      const stop = stopOf(state);
      const step = stop === undefined ? undefined : program.steps[stop.step];
      if (reason.kind !== "exception")
        return [
          {
            kind: "paused",
            stop,
            reason,
            // Who tells of stops as data makes no sentence of them.
            get words() {
              return ofPlatform(state, `paused ${stopWords(phase, state)}`);
            },
          },
        ];
      if (step === undefined) return [];
      const { failure } = reason;
      const uncaught = uncaughtWords(reason);
      const failed = failedWords(failure, step, program);
      const words = uncaught === undefined ? failed : `${failed} (${uncaught})`;
      return [{ kind: "failed", step, failure, uncaught, words: ofPlatform(state, words) }];
    }
    case "finished":
      return [
        { kind: "finished", imageId: phase.imageId, words: phase.problem === undefined ? FINISHED : UNMADE },
      ];
    case "broken":
      return [{ kind: "refused", error: phase.error, words: phase.error.message, remedy: "rerun" }];
    case "lost": {
      const words = "connection lost, breakpoints are kept";
      return [{ kind: "connection-lost", error: phase.error, words, remedy: "reconnect" }];
    }
    default:
      return [];
  }
}
