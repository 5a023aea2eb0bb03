/** The failures of a run that nobody attends: all of them are found, reported, and told of once more in a summary. */
import { quote } from "../base/quote.ts";
import { visibleLine } from "../base/visible.ts";
import { count } from "../base/words.ts";
import type { FailureExported } from "../console/exports/export-failures.ts";
import type { FailureExport } from "../console/exports/failure-export.ts";
import { numberOf, stepPlace } from "../console/phrases/stop-words.ts";
import { ofPlatform } from "../console/phrases/thread-words.ts";
import type { Debugger, DebugState, Execution, Phase, ThreadId } from "../debugger/debugger.ts";
import type { Explanation } from "../debugger/explain/explanation.ts";
import { lookAndExplain } from "../debugger/explain/look-up.ts";
import { failedSteps } from "../debugger/failures/failures.ts";
import { stepOfStop } from "../debugger/state/reached.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { readSource } from "../engine/build-sources.ts";
import { linkedAt } from "../graph/linked-parts.ts";
import type { Program, Step, StepId } from "../graph/program.ts";
import { causeIn, type FailureSummary, targetOf } from "./failure-summary.ts";
import { reportPause } from "./report.ts";

interface FailedRun {
  readonly debugger: Debugger;
  readonly request: BuildRequest;
  /** The command line that opens the same build on a terminal. */
  readonly again: string;
  readonly failureExport?: FailureExport | undefined;
  /** Gets a line of untrusted text. */
  readonly say: (line: string) => void;
}

type Failed = Extract<Phase, { kind: "paused" }>;

const NOT_KEPT = "not kept; --export-on-failure makes an image of it";

/** After a failure runs all that needs no failed step, of each platform; answers where the build has come to rest. */
export async function keepAllGoing(
  debug: Debugger,
  first: DebugState,
  {
    untilRest,
    note,
  }: { readonly untilRest: () => Promise<DebugState>; readonly note: (text: string) => void },
): Promise<DebugState> {
  let state = first;
  const seen = new Set<ThreadId>();
  for (;;) {
    if (canKeepGoing(debug)) {
      note("a step has failed; what does not need it goes on");
      debug.dispatch({ kind: "keep-going" });
      state = await untilRest();
      note(goneOnLine(state));
    }
    seen.add(state.shown);
    const { threads } = state;
    const next =
      threads.find(({ phase }) => phase.kind === "running") ??
      threads.find(({ id, phase }) => isFailed(phase) && !seen.has(id));
    if (next === undefined) return state;
    debug.dispatch({ kind: "thread", id: next.id });
    state = await untilRest();
  }
}

/** Whether the build stands at a failure, and something is left that needs no failed step. */
function canKeepGoing(debug: Debugger): boolean {
  return isFailed(debug.state.phase) && debug.whyNot("keep-going") === undefined;
}

function isFailed(phase: Phase): phase is Failed {
  return phase.kind === "paused" && phase.reason.kind === "exception";
}

/** What was found by going on: nothing is said when there was nothing to find. */
function goneOnLine(state: DebugState): string {
  const { phase } = state;
  const failures = isFailed(phase) ? phase.execution.failures.size : 0;
  return ofPlatform(state, `all that needs no failed step has run: ${count(failures, "failure")} in all`);
}

/** Of all platforms that have failed, the shown one first. */
export async function tellAllFailures(
  run: FailedRun,
  explanation: Explanation | undefined,
  { signal }: { readonly signal: AbortSignal },
): ReturnType<typeof tellFailures> {
  const { debugger: debug, request } = run;
  const { threads, shown } = debug.state;
  const all = [await tellFailures(run, explanation, { signal })];
  for (const { id } of threads.filter((each) => each.id !== shown && isFailed(each.phase))) {
    debug.dispatch({ kind: "thread", id });
    const text = await readSource(request);
    all.push(await tellFailures(run, await lookAndExplain(debug, text, { signal }), { signal }));
  }
  if (threads.length > 0) debug.dispatch({ kind: "thread", id: shown });
  return {
    report: all.flatMap(({ report }, index) => (index === 0 ? report : ["", ...report])),
    summary: all.flatMap(({ summary }) => summary),
  };
}

/**
 * Reports of the failures that are known, that of the present stop first among its lines, and a block of the summary for
 * each that the engine has reported.
 * @param explanation of the present stop
 */
async function tellFailures(
  run: FailedRun,
  explanation: Explanation | undefined,
  { signal }: { readonly signal: AbortSignal },
): Promise<{ readonly report: readonly string[]; readonly summary: readonly FailureSummary[] }> {
  const { debugger: debug, request } = run;
  const { phase } = debug.state;
  if (!isFailed(phase)) return { report: [], summary: [] };
  const here = stepOfStop(phase.execution.program, phase.at).id;
  const report: string[] = [];
  const causes = new Map<StepId, string>();
  for (const other of explanation?.also ?? []) causes.set(other.step, other.headline);
  const failed = failedSteps(phase.execution, debug.progress);
  for (const { id } of failed.filter((step) => phase.execution.failures.has(step.id))) {
    // Also back to the one that is stood at, when another one comes before it.
    debug.dispatch({ kind: "show-failure", step: id });
    const text = await readSource(request);
    const explained = id === here ? explanation : await lookAndExplain(debug, text, { signal });
    if (explained !== undefined) causes.set(id, explained.headline);
    const { state } = debug;
    if (!isFailed(state.phase)) break;
    // What failed beside it has a report of its own.
    const alone = failed.length > 1 ? withoutOthers(explained, phase.execution) : explained;
    if (report.length > 0) report.push("");
    report.push(...reportPause(state.phase, state, debug.progress, alone));
  }
  if (isFailed(debug.state.phase)) debug.dispatch({ kind: "show-failure", step: here });
  const exported = await exportedOf(failed, here, run, signal);
  const summary = failed.map((step) => {
    const facts = { ...run, cause: causes.get(step.id), exported: exported?.get(step.id) };
    return summaryOf(step, phase.execution.program, facts);
  });
  return { report, summary };
}

async function exportedOf(
  failed: readonly Step[],
  here: StepId,
  { debugger: debug, failureExport: wanted, say }: FailedRun,
  signal: AbortSignal,
): Promise<ReadonlyMap<StepId, FailureExported> | undefined> {
  if (wanted === undefined) return undefined;
  const { exportFailures } = await import("../console/exports/export-failures.ts");
  return await exportFailures(failed, here, { debug, wanted, signal, say });
}

function withoutOthers(
  explanation: Explanation | undefined,
  { failures }: Execution,
): Explanation | undefined {
  if (explanation === undefined) return undefined;
  return { ...explanation, also: explanation.also.filter(({ step }) => !failures.has(step)) };
}

function summaryOf(
  step: Step,
  program: Program,
  {
    debugger: debug,
    request,
    again,
    cause,
    exported,
    failureExport,
  }: FailedRun & { readonly cause: string | undefined; readonly exported: FailureExported | undefined },
): FailureSummary {
  const ofOthers = failureExport === undefined ? NOT_KEPT : "not exported; --export-all exports all";
  return {
    what: ofPlatform(debug.state, numberOf(step, program)),
    target: targetOf(request.target, program),
    stage: step.stage,
    line: lineWords(step, program),
    command: step.text,
    cause: cause === undefined ? "unknown" : causeIn(cause, step, program),
    states: exported?.lines ?? [ofOthers],
    open: [again, ...(exported?.images ?? []).map((image) => `bktui open ${quote(image)}`)],
  };
}

function lineWords(step: Step, program: Program): string {
  const part = linkedAt(program, step.start);
  if (part !== undefined) return `${step.start - part.before} of ${part.filename}, target ${part.target}`;
  return `${stepPlace(step, program).replace(/^line /, "")} of ${visibleLine(program.filename)}`;
}

/** Of a build that could not begin, or not go on. */
export function summaryOfError(
  what: string,
  { request, again }: Pick<FailedRun, "request" | "again">,
  { cause, line }: { readonly cause: string; readonly line: string | undefined },
): FailureSummary {
  return { what, target: request.target, line, cause, states: [], open: [again] };
}
