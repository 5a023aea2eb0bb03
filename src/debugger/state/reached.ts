/** Pure facts about an execution: what has run, what a stop needs, what is still to be run. */
import { BktuiError } from "../../base/errors.ts";
import type { Digest, Edge } from "../../graph/graph.ts";
import type { Program, Step, StepId, Stop, StopId } from "../../graph/program.ts";
import { closure } from "../../graph/subgraph.ts";
import type { Execution, Phase } from "../debugger.ts";

/** @throws {BktuiError} "internal" for a stop of another program. */
export function stopAt(program: Program, id: StopId): Stop {
  const stop = program.stops[id];
  if (stop === undefined) throw new BktuiError("internal", `the program has no stop ${id}`);
  return stop;
}

/** @throws {BktuiError} "internal" for a step of another program. */
export function stepAt(program: Program, id: StepId): Step {
  const step = program.steps[id];
  if (step === undefined) throw new BktuiError("internal", `the program has no step ${id}`);
  return step;
}

/** The step that is about to run at a stop, or the last one of the stage that has ended. */
export function stepOfStop(program: Program, id: StopId): Step {
  return stepAt(program, stopAt(program, id).step);
}

/** @throws {BktuiError} "internal" when the step is of another program. */
export function stopBeforeStep(program: Program, step: Step): Stop {
  const stop = program.stops.find((each) => each.kind === "before" && each.step === step.id);
  if (stop === undefined) throw new BktuiError("internal", `step ${step.id + 1} has no stop`);
  return stop;
}

export function isDone(execution: Execution, step: Step): boolean {
  return execution.done.has(step.vertex);
}

/** A stop that cannot be reached any more in this attempt. */
export function isPassed(execution: Execution, stop: Stop): boolean {
  return isDone(execution, stepAt(execution.program, stop.step));
}

/** The step stopped at failed before the steps above had run: what it starts from can still be made. */
export function lacksBase(phase: Phase): boolean {
  if (phase.kind !== "paused" || phase.reason.kind !== "exception" || phase.reason.baseLost === true)
    return false;
  const { base } = stepOfStop(phase.execution.program, phase.at);
  return base !== undefined && !phase.execution.done.has(base.vertex);
}

/** What must exist for standing at a stop. */
export function edgesTo(program: Program, id: StopId): readonly Edge[] {
  const stop = stopAt(program, id);
  const step = stepAt(program, stop.step);
  if (stop.kind === "end") return [step.result];
  return step.base === undefined ? [] : [step.base];
}

/** Everything that the edges need and that is not done. */
export function undone(execution: Execution, edges: readonly Edge[]): ReadonlySet<Digest> {
  const found = new Set<Digest>();
  for (const edge of edges) {
    if (execution.done.has(edge.vertex) || found.has(edge.vertex)) continue;
    for (const digest of closure(execution.program.graph, edge)) {
      if (!execution.done.has(digest)) found.add(digest);
    }
  }
  return found;
}

/** Vertices of `digests` exist, and with them all that they were made from. */
export function withDone(execution: Execution, digests: Iterable<string>): Execution {
  const { graph } = execution.program;
  const pending = [...digests].filter((digest) => !execution.done.has(digest));
  if (pending.length === 0) return execution;
  const done = new Set(execution.done);
  const before = done.size;
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    const vertex = done.has(digest) ? undefined : graph.vertices.get(digest as Digest);
    if (vertex === undefined) continue;
    done.add(digest);
    for (const input of vertex.inputs) pending.push(input.vertex);
  }
  return done.size === before ? execution : { ...execution, done };
}

/** What ran in this attempt, as the engine reports it. */
export function withRan(execution: Execution, digests: readonly string[] | undefined): Execution {
  const fresh = digests?.filter((digest) => !execution.ran.has(digest)) ?? [];
  return fresh.length === 0 ? execution : { ...execution, ran: new Set([...execution.ran, ...fresh]) };
}

export function verticesOf(edges: readonly Edge[]): readonly Digest[] {
  return edges.map((edge) => edge.vertex);
}

/**
 * The first step in reading order that is not done and can be stood before, among those with a vertex in
 * `scope`; undefined when the scope has none.
 */
export function firstUndone(execution: Execution, scope?: ReadonlySet<Digest>): Step | undefined {
  const { steps } = execution.program;
  let found = steps.find(
    (step) => !isDone(execution, step) && (scope === undefined || scope.has(step.vertex)),
  );
  // BuildKit 0.8 places a shared vertex at its last line only, so a step may need one further down.
  for (let step = found; step !== undefined; ) {
    const needed = undone(execution, step.base === undefined ? [] : [step.base]);
    step = steps.find((each) => needed.has(each.vertex));
    found = step ?? found;
  }
  return found;
}

/** End of the last stage in the file that runs something; undefined when nothing runs. */
export function lastOfProgram(program: Program): Stop | undefined {
  return program.stops.at(-1);
}

/** The vertex of the step whose root input is the step's base (COPY --link has two vertices). */
export function baseVertex(step: Step, program: Program | undefined): Digest {
  const { base } = step;
  const found = step.vertices.find((digest) => {
    const vertex = program?.graph.vertices.get(digest);
    const root = vertex?.rootInput === undefined ? undefined : vertex.inputs[vertex.rootInput];
    return base !== undefined && root?.vertex === base.vertex && root.output === base.output;
  });
  return found ?? step.vertex;
}
