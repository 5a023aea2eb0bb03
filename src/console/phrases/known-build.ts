/** What is known of a build at one moment, with what later moments are compared with. Pure. */

import type { Breakpoint, BreakpointId } from "../../debugger/breakpoint.ts";
import type { DebugState } from "../../debugger/debugger.ts";
import type { LogView, Warning } from "../../debugger/progress/progress-store.ts";
import type { CacheWait } from "../../debugger/shells/caches.ts";
import { isBusy } from "../../debugger/state/at-rest.ts";
import type { EngineInfo } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";

/** What can be seen at one moment. */
export interface BuildFacts {
  readonly state: DebugState;
  readonly engine: EngineInfo;
  /** Hides values of secrets. */
  readonly masked: (text: string) => string;
  /** Each attempt has one of its own. */
  readonly log: LogView;
  /** Of the attempt. */
  readonly warnings: readonly Warning[];
  /** The first step that ran instead of coming from the cache. */
  readonly brokeAt: Step | undefined;
  readonly wait: CacheWait | undefined;
  /** By a clock that only goes forward. */
  readonly nowMs: number;
}

export interface KnownBuild extends Omit<BuildFacts, "wait"> {
  /** As they were bound last: a rerun unbinds them until the file is loaded. */
  readonly bindings: ReadonlyMap<BreakpointId, Breakpoint>;
  /** Where a rerun's cache broke, once it has come to rest. */
  readonly brokeAt: Step | undefined;
  /** The latest of the attempt. */
  readonly wait: CacheWait | undefined;
  /** The connection was lost, and it is not known whether the engine is back. */
  readonly isAway: boolean;
  readonly silentSinceMs: number | undefined;
}

export function knownAfter(previous: KnownBuild | undefined, facts: BuildFacts): KnownBuild {
  const { state, engine, masked, log, warnings, nowMs } = facts;
  const earlier = previous?.state.attempt === state.attempt ? previous : undefined;
  // The first attempt runs into whatever is in the cache; that is no break.
  const isRerun = state.attempt > 1 && !isBusy(state);
  return {
    state,
    engine,
    masked,
    log,
    warnings,
    nowMs,
    bindings: bindingsAfter(previous, state),
    brokeAt: earlier?.brokeAt ?? (isRerun ? facts.brokeAt : undefined),
    wait: facts.wait ?? earlier?.wait,
    isAway: state.phase.kind === "lost" || (state.phase.kind === "opening" && previous?.isAway === true),
    silentSinceMs: state.engineSilent ? (previous?.silentSinceMs ?? nowMs) : undefined,
  };
}

function bindingsAfter(
  previous: KnownBuild | undefined,
  { breakpoints }: DebugState,
): KnownBuild["bindings"] {
  if (previous?.state.breakpoints === breakpoints) return previous.bindings;
  return new Map(
    breakpoints.flatMap((breakpoint) => {
      const { id, bound } = breakpoint;
      const last = bound.kind === "pending" ? (previous?.bindings.get(id) ?? breakpoint) : breakpoint;
      return [[id, last] as const];
    }),
  );
}
