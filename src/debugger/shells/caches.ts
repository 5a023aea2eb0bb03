/**
 * Cache mounts that shells keep from steps. BuildKit (0.8 to 0.32) gives a cache to one user at a time unless all share it: a
 * step that wants it LOCKED waits for ever, without a word, any other one gets an empty one instead. Pure.
 */
import { BktuiError } from "../../base/errors.ts";
import type { Digest, Mount } from "../../graph/graph.ts";
import type { Program, Step } from "../../graph/program.ts";
import { stepOfVertex } from "../../graph/source-map.ts";
import type { CacheUse, HeldCaches } from "../cache-use.ts";
import type { Command, DebugState, Execution, Phase } from "../debugger.ts";
import type { ProgressStore } from "../progress/progress-store.ts";
import { runningSteps } from "../state/inspect.ts";
import { undone } from "../state/reached.ts";
import { reduceThreads } from "../stepping/threads.ts";

/** A step that a run comes to wants a cache that an open container has. */
export interface CacheConflict {
  /** The cache's id as in the Dockerfile; untrusted text. */
  readonly cache: string;
  readonly wanted: Step;
  readonly held: HeldCaches;
}

/** A step that runs, has printed nothing and wants a cache for itself. */
export interface CacheWait {
  readonly step: Step;
  /** The cache's id as in the Dockerfile; untrusted text. */
  readonly cache: string;
  /** Another running step with the same cache; undefined = perhaps another build. */
  readonly holder: Step | undefined;
}

/** A step that prints nothing for so long is suspected of waiting. */
const WAIT_MS = 2000;

export function cachesOf(mounts: readonly Mount[]): readonly CacheUse[] {
  return mounts.flatMap(({ cache }) => (cache === undefined ? [] : [cache]));
}

/** What has to be released before the command is given; empty when nothing is in its way. */
export function cacheConflicts(
  state: DebugState,
  command: Command,
  held: readonly HeldCaches[],
): readonly CacheConflict[] {
  const isStanding = state.threads.length > 0 || state.phase.kind === "paused";
  if (held.every(({ caches }) => caches.length === 0) || !isStanding) return [];
  const before = runningPhases(state);
  const begun = runningPhases(stateAfter(state, command)).filter((phase) => !before.includes(phase));
  return begun.flatMap((phase) => conflictsOfPhase(phase, held));
}

/** What the run under way comes to and cannot have; empty when nothing runs. */
export function conflictsOfRun(state: DebugState, held: readonly HeldCaches[]): readonly CacheConflict[] {
  return runningPhases(state).flatMap((phase) => conflictsOfPhase(phase, held));
}

/**
 * A shell over these mounts would take a cache from a step of the run under way, or wait for it.
 * @throws {BktuiError} "not-now" naming the cache.
 */
export function refuseBusyCaches(state: DebugState, mounts: readonly Mount[]): void {
  const caches = cachesOf(mounts);
  const wanted = runningPhases(state).flatMap(({ execution, goal }) =>
    [...undone(execution, goal.edges)].flatMap((vertex) => cachesOfVertex(execution.program, vertex)),
  );
  const met = caches.find((cache) => wanted.some((other) => excludes(cache, other)));
  if (met === undefined) return;
  throw new BktuiError("not-now", `a step of this run needs the cache "${nameOf(met)}" for itself`, {
    hint: "open the shell when the build stops",
  });
}

/** Those of all threads that run something. */
function runningPhases({ phase, threads }: DebugState): readonly Extract<Phase, { kind: "running" }>[] {
  const phases = [phase, ...threads.map((each) => each.phase)].filter(({ kind }) => kind === "running");
  return [...new Set(phases)].filter((each) => each.kind === "running");
}

/** @param elapsedMs for how long a vertex has been running. */
export function cacheWait(
  state: DebugState,
  progress: Pick<ProgressStore, "vertex" | "running" | "logOf">,
  elapsedMs: (vertex: Digest) => number,
): CacheWait | undefined {
  if (progress.running.size === 0) return undefined;
  const running = runningPhases(state).flatMap(({ execution: { program } }) =>
    runningSteps(program, progress).map((step) => ({ step, program })),
  );
  for (const { step, program } of running) {
    const silent = progress.logOf(step.vertex).end === 0 && elapsedMs(step.vertex) >= WAIT_MS;
    const locked = cachesOfVertex(program, step.vertex).find(({ sharing }) => sharing === "locked");
    if (!silent || locked === undefined) continue;
    const holder = running.find(
      (other) =>
        other.step.vertex !== step.vertex &&
        cachesOfVertex(other.program, other.step.vertex).some(({ id }) => id === locked.id),
    );
    return { step, cache: nameOf(locked), holder: holder?.step };
  }
  return undefined;
}

function conflictsOfPhase(
  { execution, goal }: Extract<Phase, { kind: "running" }>,
  held: readonly HeldCaches[],
): readonly CacheConflict[] {
  return [...undone(execution, goal.edges)].flatMap((vertex) => conflictsOf(execution, vertex, held));
}

function conflictsOf(
  execution: Execution,
  vertex: Digest,
  held: readonly HeldCaches[],
): readonly CacheConflict[] {
  const wanted = cachesOfVertex(execution.program, vertex);
  const step = stepOfVertex(execution.program, vertex);
  if (step === undefined) return [];
  return held.flatMap((holder) => {
    const met = holder.caches.find((cache) => wanted.some((other) => excludes(cache, other)));
    return met === undefined ? [] : [{ cache: nameOf(met), wanted: step, held: holder }];
  });
}

function cachesOfVertex(program: Program, vertex: Digest): readonly CacheUse[] {
  return cachesOf(program.graph.vertices.get(vertex)?.exec?.mounts ?? []);
}

/** The Dockerfile frontend puts a name space, usually an empty one, and "/" in front of each id. */
function nameOf({ id }: CacheUse): string {
  return id.replace(/^\//, "");
}

/** Whether only one of the two can have its cache at a time. */
export function excludes(one: CacheUse, other: CacheUse): boolean {
  return one.id === other.id && (one.sharing !== "shared" || other.sharing !== "shared");
}

/** A command that is refused leads nowhere; its reason is told when it is given. */
function stateAfter(state: DebugState, command: Command): DebugState {
  try {
    return reduceThreads(state, command).state;
  } catch (error) {
    if (error instanceof BktuiError) return state;
    throw error;
  }
}
