/** Commands that look at the build and change nothing. */

import { BktuiError } from "../base/errors.ts";
import { visibleLine } from "../base/visible.ts";
import { commandNamed, commandsOf } from "../console/command-table.ts";
import { limitWords, takenWords } from "../console/phrases/given-words.ts";
import { sourcePart } from "../console/source-part.ts";
import type { StepName } from "../console/step-names.ts";
import { stopsOf } from "../debugger/breakpoints/triggers.ts";
import { lackingWords } from "../debugger/explain/causes/not-given.ts";
import { warningsInOrder } from "../debugger/explain/warning-words.ts";
import type { Warning } from "../debugger/progress/progress-store.ts";
import { ENVIRONMENT_MS } from "../debugger/shells/environments.ts";
import { promptUser } from "../debugger/shells/shell-launch.ts";
import { canMakeBase, programOf, stepViews } from "../debugger/state/inspect.ts";
import { programsOf } from "../debugger/state/threads.ts";
import { runnableSteps } from "../debugger/stepping/runnable.ts";
import type { Program } from "../graph/program.ts";
import { stepGraph, unneededStages } from "../graph/step-graph.ts";
import type { ResultOf, WarningAnswer } from "./answers.ts";
import { BOUNDS } from "./bounds.ts";
import { breakpointAnswer } from "./breakpoint-answer.ts";
import { logAnswer, stepNumbers } from "./log-answer.ts";
import type { Handlers, Parts } from "./parts.ts";
import { placeOf, stepAnswer } from "./state-answer.ts";

type LookId =
  | "pane-breaks"
  | "pane-source"
  | "pane-steps"
  | "pane-graph"
  | "graph-op"
  | "swap"
  | "warnings"
  | "pane-log"
  | "pane-info"
  | "environment"
  | "attempts"
  | "error"
  | "help";

export const LOOKS: Handlers<LookId> = {
  "pane-breaks": (_command, { debug: { state } }) => ({
    kind: "breakpoints",
    breakpoints: state.breakpoints.map((each) => breakpointAnswer(each, programOf(state))),
    catches: [...state.catches],
  }),
  "pane-source": ({ line }, parts) => sourceAnswer(line, parts),
  "pane-steps": (_command, { debug: { state, progress } }) => {
    const program = loaded({ state });
    const views = stepViews(state, progress);
    return {
      kind: "steps",
      steps: views.slice(0, BOUNDS.steps).map((view) => stepAnswer(view, state, program)),
      omitted: Math.max(0, views.length - BOUNDS.steps),
    };
  },
  "pane-graph": (_command, parts) => graphAnswer(parts),
  "graph-op": ({ step: name }, { debug, shown }) => {
    const { graph } = loaded(debug);
    const step = shown.step(name);
    const vertices = step.vertices.flatMap((digest) => graph.vertices.get(digest) ?? []);
    return {
      kind: "ops",
      step: step.id + 1,
      vertices: vertices.map((vertex) => ({ digest: vertex.digest, json: debug.opText(vertex) })),
    };
  },
  swap: (_command, { shown }) => {
    const { step, side, isOther } = shown.swap();
    if (side === undefined) throw new BktuiError("not-now", `step ${step.id + 1} has no state yet`);
    return { kind: "shown", step: step.id + 1, side, other: isOther };
  },
  warnings: (_command, { debug: { progress } }) => ({
    kind: "warnings",
    warnings: warningsInOrder(progress.warnings).slice(0, BOUNDS.warnings).map(warningAnswer),
    omitted: Math.max(0, progress.warnings.length - BOUNDS.warnings),
  }),
  "pane-log": (command, { debug, shown }) =>
    logAnswer(shown.step(command.step), debug.progress, stepNumbers(programsOf(debug.state)), command),
  "pane-info": async ({ step }, parts, signal) => await environmentAnswer(step, parts, signal),
  environment: async ({ step, name }, parts, signal) => await environmentAnswer(step, parts, signal, name),
  attempts: (_command, { attempts }) => ({ kind: "attempts", attempts: attempts.all }),
  error: (_command, { lastError }) => {
    const last = lastError();
    return { kind: "error", error: last?.error, blocks: last?.blocks ?? [] };
  },
  help: ({ about }) => ({ kind: "help", commands: helpOf(about) }),
};

export function warningAnswer({ text, detail = [], url, ranges }: Warning): WarningAnswer {
  return { text, detail, url: url === "" ? undefined : url, lines: ranges.map(({ start }) => start) };
}

/** What a step's command gets. `name`: of the one variable that is asked for. */
export async function environmentAnswer(
  name: StepName | undefined,
  { debug, shown }: Parts,
  signal: AbortSignal,
  variable?: string,
): Promise<ResultOf<"environment">> {
  const program = loaded(debug);
  const step = shown.step(name);
  const { request } = debug.state;
  const side = shown.side(step) ?? (canMakeBase(debug.state, step.id) ? "base" : undefined);
  const { exec } = program.graph.vertices.get(step.vertex) ?? {};
  const common = {
    kind: "environment",
    place: placeOf(step, program),
    needs: step.needs,
    lacking: lackingWords(exec, request),
    given: [...takenWords(request, debug.engine), ...limitWords(request)],
  } as const;
  if (side === undefined) return { ...common, variables: [], mounts: [] };
  const late = AbortSignal.timeout(ENVIRONMENT_MS);
  const { meta, mounts, shell } = await debug.environment(step.id, side, {
    signal: AbortSignal.any([signal, late]),
  });
  const variables = meta.env.map((entry) => {
    const at = entry.indexOf("=");
    return at < 0 ? { name: entry, value: "" } : { name: entry.slice(0, at), value: entry.slice(at + 1) };
  });
  return {
    ...common,
    side,
    user: promptUser(meta.user),
    directory: meta.cwd === "" ? "/" : meta.cwd,
    shell,
    variables: variable === undefined ? variables : variables.filter((each) => each.name === variable),
    mounts: mounts.filter(({ dest }) => dest !== "/").map(({ kind, dest }) => ({ kind, path: dest })),
  };
}

/** Without a line the whole file, as far as it goes into one answer. */
function sourceAnswer(
  line: Parameters<typeof sourcePart>[1],
  { debug: { state, progress } }: Parts,
): ResultOf<"source"> {
  const around = line === undefined ? BOUNDS.sourceLines / 2 : 10;
  const part = sourcePart(state, line, progress.warnings, around);
  if (part === undefined) throw new BktuiError("not-now", "nothing is loaded");
  if (part.lines.length === 0)
    throw new BktuiError("not-found", `the file has ${part.total} lines, there is no line ${line}`);
  return {
    kind: "source",
    file: part.program.filename,
    total: part.total,
    lines: part.lines.map((each) => ({
      line: each.line,
      text: each.text,
      here: each.here,
      live: each.live,
      steps: each.steps.map(({ id }) => id + 1),
      breakpoints: each.breakpoints.map(({ id }) => id),
      warnings: each.warnings.map(({ text }) => text),
    })),
  };
}

function graphAnswer({ debug: { state, progress } }: Parts): ResultOf<"graph"> {
  const program = loaded({ state });
  const graph = stepGraph(program);
  const runnable = runnableSteps(state, progress, graph);
  const unneeded = unneededStages(program, state.request?.target);
  return {
    kind: "graph",
    stages: program.stages.map(({ name, from, steps }) => ({
      name,
      from,
      needed: !unneeded.has(name),
      steps: steps.map((id) => id + 1),
    })),
    steps: graph.nodes.slice(0, BOUNDS.steps).map(({ step, depth, feeds }) => ({
      step: step.id + 1,
      stage: step.stage,
      text: step.text,
      depth,
      feeds,
      canRun: runnable.has(step.id),
      breakpoints: state.breakpoints
        .filter(({ bound }) => stopsOf({ bound }).some((stop) => program.stops[stop]?.step === step.id))
        .map(({ id }) => id),
    })),
  };
}

function helpOf(about: string): ResultOf<"help">["commands"] {
  const commands = commandsOf("lines");
  const meant = about === "" ? undefined : commandNamed(about, commands);
  if (about !== "" && meant === undefined)
    throw new BktuiError("not-found", `no command "${visibleLine(about)}"; help lists them`);
  return (meant === undefined ? commands : [meant]).map((row) => ({
    name: row.name,
    aliases: row.aliases,
    argument: row.argument,
    about: row.about,
    group: row.group,
    when: row.when,
  }));
}

/** @throws {BktuiError} "not-now" */
function loaded({ state }: Pick<Parts["debug"], "state">): Program {
  const program = programOf(state);
  if (program === undefined) throw new BktuiError("not-now", "nothing is loaded");
  return program;
}
