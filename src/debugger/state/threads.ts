/** Pure questions about a build for several platforms: which threads there are, and what they have in common. */
import { BktuiError } from "../../base/errors.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { sourceName } from "../../engine/build-sources.ts";
import type { Build } from "../../engine/engine.ts";
import { buildProgram } from "../../graph/build-program.ts";
import type { Program, Step } from "../../graph/program.ts";
import type { DebugState, Outcome, Phase, Thread, ThreadId } from "../debugger.ts";

/** The programs of all threads, that of the shown one first. */
export function programsOf({ phase, threads }: Pick<DebugState, "phase" | "threads">): readonly Program[] {
  if (threads.length === 0) return programIn(phase);
  const programs = [phase, ...threads.map((each) => each.phase)].flatMap(programIn);
  return [...new Set(programs)];
}

/** Undefined for a build that is for one platform. */
export function shownThread({ threads, shown }: Pick<DebugState, "threads" | "shown">): Thread | undefined {
  return threads[shown];
}

/**
 * Nothing is new about where the shown thread stands, though others may have gone on: that makes its phase another object.
 * Never so for a build that is for one platform.
 */
export function standsStill(before: DebugState | undefined, next: DebugState): boolean {
  const [was, is] = [before && shownThread(before), shownThread(next)];
  if (was === undefined || is === undefined || before?.attempt !== next.attempt) return false;
  return was.id === is.id && was.stops === is.stops && was.phase.kind === is.phase.kind;
}

/** Something of the build runs. */
export function isActive({ phase, threads }: Pick<DebugState, "phase" | "threads">): boolean {
  return [phase, ...threads.map((each) => each.phase)].some(
    ({ kind }) => kind === "running" || kind === "finishing",
  );
}

/** The one behind the shown one, the first again behind the last. */
export function nextThread({ threads, shown }: Pick<DebugState, "threads" | "shown">): ThreadId {
  return threads.length === 0 ? shown : (shown + 1) % threads.length;
}

/** It has reached the target. */
export function isAtEnd({ phase }: Pick<Thread, "phase">): boolean {
  return phase.kind === "built" || phase.kind === "finishing" || phase.kind === "finished";
}

/** The platforms whose target is not reached. */
export function unfinished({ threads }: Pick<DebugState, "threads">): readonly string[] {
  return threads.filter((each) => !isAtEnd(each)).map(({ platform }) => platform);
}

/** The step is one of all threads: it runs once. False where there is one thread only. */
export function isShared(
  { threads }: Pick<DebugState, "threads">,
  { vertex }: Pick<Step, "vertex">,
): boolean {
  const programs = threads.flatMap(({ phase }) => programIn(phase));
  return threads.length > 1 && programs.length === threads.length && programs.every(has(vertex));
}

function has(vertex: Step["vertex"]): (program: Program) => boolean {
  return ({ graph }) => graph.vertices.has(vertex);
}

function programIn(phase: Phase): readonly Program[] {
  return "execution" in phase ? [phase.execution.program] : [];
}

export interface Programs {
  readonly opened: Pick<Extract<Outcome, { kind: "opened" }>, "program" | "threads">;
  /** As many as there are threads. */
  readonly all: readonly Program[];
}

/** The programs that a build runs: of one for several platforms one for each. */
export function programsFor({ threads }: Pick<Build, "threads">, request: BuildRequest): Programs {
  const named = threads.map(({ platform = "", graph }) => ({
    platform,
    program: buildProgram(graph, sourceName(request), request),
  }));
  const all = named.map(({ program }) => program);
  const [program] = all;
  if (program === undefined) throw new BktuiError("internal", "a build without a definition");
  return { opened: { program, ...(all.length === 1 ? {} : { threads: named }) }, all };
}
