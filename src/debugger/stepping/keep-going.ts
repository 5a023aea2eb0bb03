/** Going on after failures: everything runs that needs no failed step, until nothing is left; then back to the failure. Pure. */
import { BktuiError } from "../../base/errors.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Digest, Edge } from "../../graph/graph.ts";
import type { Step } from "../../graph/program.ts";
import type { DebugState, Execution, Phase } from "../debugger.ts";
import { stepAt } from "../state/reached.ts";
import { arrive, type Change, setOut } from "./transitions.ts";

type Running = Extract<Phase, { kind: "running" }>;

/**
 * The results that no other one of them needs, of all steps that are not done and need no vertex that has failed.
 * @param givenUp vertices that count as failed without being a failure
 */
export function edgesBeside(execution: Execution, givenUp: readonly Digest[] = []): readonly Edge[] {
  const { program, done, failures } = execution;
  const { vertices } = program.graph;
  const blocked = new Set<Digest>(givenUp);
  for (const [id, { vertex }] of failures) {
    // The engine may name one that the step has nothing to do with.
    blocked.add(stepAt(program, id).vertex);
    if (vertex !== undefined) blocked.add(vertex);
  }
  // Inputs stand before what needs them.
  for (const [digest, { inputs }] of vertices)
    if (inputs.some((input) => blocked.has(input.vertex))) blocked.add(digest);
  const open = program.steps.filter(({ vertex }) => !done.has(vertex) && !blocked.has(vertex));
  const ends = new Set(open.map(({ vertex }) => vertex));
  const needed = new Set<Digest>();
  for (const [digest, { inputs }] of [...vertices].reverse()) {
    if (!ends.has(digest) && !needed.has(digest)) continue;
    for (const input of inputs) needed.add(input.vertex);
  }
  return open.filter(({ vertex }) => !needed.has(vertex)).map(({ result }) => result);
}

export function keepGoing(state: DebugState): Change {
  const { phase } = state;
  if (phase.kind !== "paused") throw new BktuiError("internal", `nothing has failed while ${phase.kind}`);
  const { execution, at, reason } = phase;
  const goal = { edges: edgesBeside(execution), stop: { at, reason }, keepsGoing: { givenUp: [] } };
  return setOut(state, execution, at, { goal, caller: undefined });
}

/** Another step has failed on the way: it is kept beside the first one, and the rest goes on. */
export function goOnWithout(
  state: DebugState,
  phase: Running,
  execution: Execution,
  { step, failure }: { readonly step: Step; readonly failure: SolveFailed },
): Change {
  // Nothing would be left out that was not: the same would be asked without end.
  if (execution.failures.has(step.id)) return arrive(state, execution, phase.goal.stop);
  const failures = new Map(execution.failures).set(step.id, failure);
  return further(state, phase, { ...execution, failures }, []);
}

/** A vertex cannot be run in this attempt, without a failure of its own. */
export function giveUp(state: DebugState, phase: Running, execution: Execution, vertex: Digest): Change {
  const isNew = phase.goal.keepsGoing?.givenUp.includes(vertex) === false;
  return isNew ? further(state, phase, execution, [vertex]) : arrive(state, execution, phase.goal.stop);
}

function further(
  state: DebugState,
  { from, goal, asked }: Running,
  execution: Execution,
  more: readonly Digest[],
): Change {
  if (asked !== "nothing") return arrive(state, execution, goal.stop);
  const givenUp = [...(goal.keepsGoing?.givenUp ?? []), ...more];
  const edges = edgesBeside(execution, givenUp);
  return setOut(state, execution, from, {
    goal: { ...goal, edges, keepsGoing: { givenUp } },
    caller: undefined,
  });
}
