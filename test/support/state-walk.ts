/** Gives every command and every outcome to every state that can be reached, and checks what must hold everywhere. */
import { BktuiError } from "../../src/base/errors.ts";
import type {
  BreakpointOrder,
  BreakpointSpec,
  RuleAnswer,
  RuleQuestion,
} from "../../src/debugger/breakpoint.ts";
import { triggersOf } from "../../src/debugger/breakpoints/triggers.ts";
import type { Command, DebugState, Effect, Execution, Outcome } from "../../src/debugger/debugger.ts";
import { isInThePast } from "../../src/debugger/state/live.ts";
import { isDone, stepAt, stepOfStop, undone } from "../../src/debugger/state/reached.ts";
import { initialState, reduce } from "../../src/debugger/stepping/reduce.ts";
import { whyNot } from "../../src/debugger/stepping/refusals.ts";
import type { Digest, Edge } from "../../src/graph/graph.ts";
import type { Program, StepId } from "../../src/graph/program.ts";
import { failureOf, REQUEST } from "./debug-driver.ts";
import { checkCursor, checkPast, checkTravel } from "./position-checks.ts";

interface Node {
  readonly state: DebugState;
  /** Solves that were begun and neither answered nor cancelled. */
  readonly live: ReadonlySet<number>;
  /** A breakpoint was set while the step ran: it counts from the next motion on. */
  readonly late: boolean;
}

/** Breakpoints on the last two lines. */
function linesOf(program: Program): readonly BreakpointSpec[] {
  const lines = [...new Set(program.stops.map((stop) => stop.line))];
  return lines.slice(-2).map((line): BreakpointSpec => ({ kind: "line", line }));
}

export function commands(
  state: DebugState,
  program: Program,
  specs: readonly (BreakpointSpec | BreakpointOrder)[] = linesOf(program),
): readonly Command[] {
  const lines = [...new Set(program.stops.map((stop) => stop.line))];
  const running = state.phase.kind === "running" ? state.phase.goal.edges.slice(0, 1) : [];
  const breakpoint = state.breakpoints[0];
  return [
    { kind: "launch", request: REQUEST, stopOnEntry: true },
    { kind: "launch", request: REQUEST, stopOnEntry: false },
    { kind: "next" },
    { kind: "into" },
    { kind: "finish" },
    { kind: "continue" },
    { kind: "cancel" },
    { kind: "back" },
    { kind: "reverse-continue" },
    { kind: "keep-going" },
    { kind: "make-base" },
    { kind: "quit" },
    { kind: "pause", running },
    { kind: "pause", running: [] },
    { kind: "rerun", here: true },
    { kind: "rerun", here: false },
    ...failable(state).map((step): Command => ({ kind: "show-failure", step })),
    ...lines.slice(1, 3).map((line): Command => ({ kind: "run-to", line })),
    ...lines.slice(0, 2).map((line): Command => ({ kind: "goto", line })),
    ...specs.map(
      (each): Command => ({ kind: "add-breakpoint", ...("spec" in each ? each : { spec: each }) }),
    ),
    ...(breakpoint === undefined
      ? []
      : [{ kind: "enable-breakpoint" as const, id: breakpoint.id, enabled: !breakpoint.enabled }]),
  ];
}

/** What may have failed beside the step that is stood at: whatever does not need it and has not run. */
function failable({ phase }: DebugState): readonly StepId[] {
  if (phase.kind !== "paused" || phase.reason.kind !== "exception") return [];
  const { execution } = phase;
  const { vertex } = stepOfStop(execution.program, phase.at);
  return execution.program.steps
    .filter((step) => !execution.done.has(step.vertex) && !undone(execution, edgesOf(step.base)).has(vertex))
    .map(({ id }) => id);
}

function edgesOf(base: Edge | undefined): readonly Edge[] {
  return base === undefined ? [] : [base];
}

function tokenOf({ phase }: DebugState): number | undefined {
  if (phase.kind === "paused") return phase.switchingTo?.token;
  return "token" in phase ? phase.token : undefined;
}

/** What the solve under way is for. */
function solving({ phase }: DebugState): readonly Edge[] {
  if (phase.kind === "running") return phase.goal.edges;
  if (phase.kind !== "paused" || phase.switchingTo === undefined) return [];
  return [stepAt(phase.execution.program, phase.switchingTo.step).result];
}

/** What a step did to a path, that it did nothing, and that nobody knows. */
function asked(questions: readonly RuleQuestion[], token: number): readonly Outcome[] {
  const all: readonly RuleAnswer[] = [
    { kind: "data", change: "made", text: undefined },
    { kind: "data", change: undefined, text: undefined },
    { kind: "unknown", why: "odd" },
  ];
  return all.map((answer) => ({ kind: "asked", token, answers: questions.map(() => answer) }));
}

export function outcomes(state: DebugState, program: Program): readonly Outcome[] {
  const { phase } = state;
  const lost: Outcome = { kind: "lost", error: new BktuiError("engine-unreachable", "gone") };
  const token = tokenOf(state);
  if (token === undefined) return [lost];
  const answers: Outcome[] = [
    lost,
    { kind: "solve-broken", token, error: new BktuiError("engine", "odd") },
    { kind: "open-failed", token, error: new BktuiError("bad-request", "no") },
    { kind: "opened", token, program },
    { kind: "outputs-made", token, imageId: undefined },
    { kind: "cancelled", token, completed: [] },
  ];
  if (phase.kind === "running" && phase.asking !== undefined)
    return [...answers, ...asked(phase.asking, token)];
  const edges = solving(state);
  if (!("execution" in phase) || edges.length === 0) return answers;
  const scope = [...undone(phase.execution, edges)];
  const one = scope[Math.floor(scope.length / 2)];
  const ran = failureOf(undefined, one === undefined ? {} : { vertex: one });
  const unseen = failureOf(undefined, {
    vertex: scope.at(-1) ?? program.graph.result?.vertex,
    states: undefined,
    exitCode: undefined,
  });
  return [
    ...answers,
    { kind: "solved", token },
    { kind: "solved", token, completed: scope.slice(0, 1) },
    { kind: "solved", token, ran: scope },
    { kind: "cancelled", token, completed: scope.slice(0, -1) },
    { kind: "solve-failed", token, failure: ran },
    { kind: "solve-failed", token, failure: unseen },
    { kind: "solve-failed", token, failure: failureOf(undefined) },
  ];
}

function checkStale(state: DebugState, program: Program): void {
  const current = tokenOf(state) ?? -1;
  for (const token of [state.token - 1, state.token, state.token + 1, 0]) {
    if (token === current) continue;
    const stale: readonly Outcome[] = [
      { kind: "solved", token },
      { kind: "solve-failed", token, failure: failureOf(undefined) },
      { kind: "cancelled", token, completed: [...program.graph.vertices.keys()] },
      { kind: "solve-broken", token, error: new BktuiError("engine-unreachable", "late") },
      { kind: "opened", token, program },
      { kind: "open-failed", token, error: new BktuiError("engine", "late") },
      { kind: "outputs-made", token, imageId: "sha256:late" },
    ];
    for (const outcome of stale) {
      const change = reduce(state, outcome);
      if (change.state !== state || change.effects.length > 0)
        throw new Error(`${outcome.kind} was not ignored`);
    }
  }
}

function checkExecution(execution: Execution): void {
  for (const digest of execution.done) {
    const vertex = execution.program.graph.vertices.get(digest as Digest);
    for (const input of vertex?.inputs ?? []) {
      if (!execution.done.has(input.vertex)) throw new Error("something is done whose input is not");
    }
  }
}

/** Whatever is looked at: the failure on show is that of the step stood at, and none is forgotten. */
function checkFailures({
  execution,
  at,
  reason,
  switchingTo,
}: Extract<DebugState["phase"], { kind: "paused" }>): void {
  const { failures, program } = execution;
  if (reason.kind !== "exception") return;
  if (failures.get(stepOfStop(program, at).id) !== reason.failure)
    throw new Error("another failure is shown");
  if (switchingTo !== undefined && failures.has(switchingTo.step))
    throw new Error("a known failure is asked for");
}

function checkGoal(state: DebugState): void {
  // Going on after a failure stops nowhere.
  if (state.phase.kind !== "running" || state.phase.goal.keepsGoing !== undefined) return;
  const { execution, goal, from } = state.phase;
  const scope = undone(execution, goal.edges);
  for (const breakpoint of state.breakpoints) {
    for (const { at, step } of triggersOf(execution.program, breakpoint)) {
      const passed = breakpoint.passedUntil !== undefined && at < breakpoint.passedUntil;
      const isOver =
        breakpoint.decisions?.get(at)?.stops === false ||
        (breakpoint.spec.kind === "first-miss" && breakpoint.hits > 0);
      if (!breakpoint.enabled || passed || isOver || at === from || at === goal.stop?.at) continue;
      if (!isDone(execution, step) && scope.has(step.vertex)) {
        throw new Error(`the goal runs past the breakpoint at step ${step.id + 1}`);
      }
    }
  }
}

/** Whoever is told of a breakpoint stands at one, behind a step that was in the cache or not as it says. */
function checkReason(state: DebugState): void {
  if (state.phase.kind !== "paused" || state.phase.reason.kind !== "breakpoint") return;
  const { execution, at, reason } = state.phase;
  const breakpoint = state.breakpoints.find(({ id }) => id === reason.id);
  if (breakpoint === undefined) return;
  const holds = triggersOf(execution.program, breakpoint).some(({ at: stop, step, when }) => {
    const isPast = isInThePast(state.phase);
    // Going back leads to the step itself.
    if (stop !== at && !(isPast && stepOfStop(execution.program, at) === step)) return false;
    const ran = step.vertices.some((digest) => execution.ran.has(digest));
    const done = execution.done.has(step.vertex);
    if (when === "before") return !done || isPast;
    return done && (when === "miss" ? ran : when === "hit" ? !ran : true);
  });
  if (!holds) throw new Error(`stopped at breakpoint ${breakpoint.id}, which does not hold there`);
}

function checkState(node: Node, program: Program): void {
  const { state, live, late } = node;
  const { phase } = state;
  if (live.size > 1) throw new Error("two solves are alive");
  if (live.size === 1 && tokenOf(state) === undefined) {
    throw new Error(`something runs on while ${phase.kind}`);
  }
  if ("execution" in phase) checkExecution(phase.execution);
  if (isInThePast(phase)) checkPast(phase);
  else if (phase.kind === "paused") checkCursor(phase.execution, phase.at, phase.reason.kind === "exception");
  if (phase.kind === "paused") checkFailures(phase);
  if (phase.kind === "running") {
    if (
      undone(phase.execution, phase.holding ?? phase.goal.edges).size === 0 &&
      phase.holding === undefined &&
      phase.asking === undefined
    ) {
      throw new Error("a run has nothing to do");
    }
    if (!late) checkGoal(state);
  }
  if (!late && phase.kind === "paused") checkReason(state);
  checkStale(state, program);
}

function apply(node: Node, input: Command | Outcome): Node {
  const { state, effects } = reduce(node.state, input);
  if (!("token" in input) && isCommand(input)) checkTravel(node.state, input, { state, effects });
  return applied(node, input, { state, effects });
}

function isCommand(input: Command | Outcome): input is Command {
  return input.kind !== "lost" && input.kind !== "answering";
}

function applied(
  node: Node,
  input: Command | Outcome,
  { state, effects }: { readonly state: DebugState; readonly effects: readonly Effect[] },
): Node {
  const live = new Set(node.live);
  if ("token" in input) live.delete(input.token);
  for (const effect of effects) track(live, effect);
  const running = state.phase.kind === "running";
  const setNow = input.kind === "add-breakpoint" || input.kind === "enable-breakpoint";
  const wasRunning = node.state.phase.kind === "running";
  return { state, live, late: running && wasRunning && (node.late || setNow) };
}

function track(live: Set<number>, effect: Effect): void {
  switch (effect.kind) {
    case "open":
    case "solve":
    case "ask":
    case "make-outputs":
      live.add(effect.token);
      break;
    case "cancel":
      live.delete(effect.token);
      break;
    case "close":
      break;
  }
}

/** Two states with the same key behave alike: numbers that only count are left out. */
function keyOf({ state, late }: Node): string {
  const { phase } = state;
  const bare = JSON.stringify(phase, (name, value: unknown) => {
    if (name === "program" || name === "token" || name === "error" || name === "failure") return undefined;
    if (value instanceof Map) return [...value.keys()].sort();
    return value instanceof Set ? [...value].map((digest) => String(digest).slice(7, 12)).sort() : value;
  });
  const breakpoints = state.breakpoints.map(({ spec, enabled, hits, passedUntil, decisions }) => [
    spec,
    enabled,
    hits > 0,
    passedUntil,
    [...(decisions ?? [])].map(([at, { stops }]) => [at, stops]),
  ]);
  return `${late} ${bare} ${JSON.stringify(breakpoints)}`;
}

function tryCommand(node: Node, command: Command): Node | undefined {
  const reason = whyNot(node.state, command.kind);
  try {
    const next = apply(node, command);
    if (reason !== undefined) throw new Error(`${command.kind} was taken although: ${reason}`);
    checkLeaving(node, command, next);
    return next;
  } catch (error) {
    if (!(error instanceof BktuiError) || error.code !== "not-now") throw error;
    if (reason === undefined && command.kind !== "run-to" && command.kind !== "goto")
      throw new Error(`${command.kind}: ${error.message}`);
    return undefined;
  }
}

function checkLeaving(node: Node, command: Command, next: Node): void {
  if (command.kind !== "rerun" && command.kind !== "quit") return;
  const old = tokenOf(node.state);
  if (old !== undefined && next.live.has(old))
    throw new Error(`${command.kind} leaves a ${node.state.phase.kind} effect alive`);
}

export function walk(
  program: Program,
  depth: number,
  specs?: readonly (BreakpointSpec | BreakpointOrder)[],
): {
  readonly states: number;
  readonly inputs: number;
  readonly phases: readonly string[];
  /** States in which an earlier stop is stood at. */
  readonly past: number;
} {
  const start: Node = { state: initialState, live: new Set(), late: false };
  const seen = new Set([keyOf(start)]);
  const phases = new Set<string>();
  let inputs = 0;
  let past = 0;
  let frontier: readonly Node[] = [start];
  for (let round = 0; round < depth; round++) {
    const next: Node[] = [];
    for (const node of frontier) {
      const reached = [
        ...commands(node.state, program, specs).map((command) => tryCommand(node, command)),
        ...outcomes(node.state, program).map((outcome) => apply(node, outcome)),
      ];
      for (const each of reached) {
        inputs++;
        if (each === undefined || seen.has(keyOf(each))) continue;
        seen.add(keyOf(each));
        phases.add(each.state.phase.kind);
        if (isInThePast(each.state.phase)) past++;
        checkState(each, program);
        next.push(each);
      }
    }
    frontier = next;
  }
  return { states: seen.size, inputs, past, phases: [...phases].sort() };
}
