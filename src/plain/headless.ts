/** `bktui --run`: a build without a screen and without questions. */

import { BktuiError, unreachable } from "../base/errors.ts";
import { visibleLine } from "../base/visible.ts";
import { BuildWatch } from "../console/build-watch.ts";
import type { TypedBundle } from "../console/bundles/read-bundle.ts";
import { EngineWatch, RUN_AGAIN } from "../console/engine-silence.ts";
import type { FailureExport } from "../console/exports/failure-export.ts";
import type { BuildEvent } from "../console/phrases/build-events.ts";
import { engineInWords } from "../console/phrases/engine-words.ts";
import { exitCodeAtEnd, finishedLines } from "../console/phrases/output-words.ts";
import { DEFAULT_SETTINGS } from "../console/settings.ts";
import { usesStandardOutput } from "../console/values/outputs.ts";
import type { BreakpointOrder } from "../debugger/breakpoint.ts";
import type { Debugger, DebugState, Phase } from "../debugger/debugger.ts";
import type { Explanation } from "../debugger/explain/explanation.ts";
import { refusingWarnings } from "../debugger/explain/lint-words.ts";
import { lookAndExplain } from "../debugger/explain/look-up.ts";
import { refusedLines } from "../debugger/explain/refused-words.ts";
import type { ProgressStore } from "../debugger/progress/progress-store.ts";
import { SilenceWatch } from "../debugger/state/silence.ts";
import { programsOf } from "../debugger/state/threads.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { readSource, sourcePlace } from "../engine/build-sources.ts";
import { FrontendFailed } from "../engine/failures.ts";
import type { Digest } from "../graph/graph.ts";
import type { Program } from "../graph/program.ts";
import { Attendance, type Attending } from "./attendance.ts";
import { exitCodeOf } from "./exit-code.ts";
import { type FailureSummary, summaryLines } from "./failure-summary.ts";
import { keepAllGoing, summaryOfError, tellAllFailures } from "./headless-failures.ts";
import type { Output } from "./output.ts";
import { PlainProgress } from "./plain-progress.ts";
import { noteTo } from "./raw-output.ts";
import {
  excerpt,
  reportError,
  reportExplained,
  reportPause,
  silenceReport,
  warningReport,
  warningsBeside,
} from "./report.ts";

/**
 * "quiet": nothing but the image id, and why it failed; "none": not even the id; "rawjson": the engine's reports are printed
 * by who connected, and what there is to say besides is among them.
 */
export type HeadlessStyle = "plain" | "quiet" | "none" | "rawjson";

export interface HeadlessRun {
  /** Connected and idle; the caller disposes it. */
  readonly debugger: Debugger;
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointOrder[];
  /** Things to say first, one harmless line each. */
  readonly notes: readonly string[];
  /** Gets the image id and nothing else; not even that when an output goes there. */
  readonly stdout: Output;
  /** Gets progress and messages. */
  readonly stderr: Output;
  readonly debug: boolean;
  /** After a failure all runs that does not need what failed. */
  readonly keepGoing?: boolean;
  /** What is exported when the build fails; undefined = nothing. */
  readonly failureExport?: FailureExport | undefined;
  /** What is written to a file when the build fails; undefined = nothing. */
  readonly bundle?: TypedBundle | undefined;
  /** Done at a failure, before it is summed up; whatever comes of it, the build has failed. */
  readonly atFailure?: ((options: { readonly signal: AbortSignal }) => Promise<void>) | undefined;
  /** The command line that opens the same build on a terminal. */
  readonly again: string;
  readonly style: HeadlessStyle;
  /** Others may attach, and are waited for; undefined = nobody may. */
  readonly attending?: Attending | undefined;
  /** A step that reports nothing for so long is told of, in milliseconds; default: a minute. */
  readonly silentAfterMs?: number;
  /** How long an engine may say nothing before the run ends, in milliseconds; 0 = for ever; default: 5 minutes. */
  readonly patienceMs?: number;
}

/**
 * Runs a build without a screen until it is finished, fails or reaches a breakpoint; answers the exit code:
 * 0 when the target was built, else 1.
 * @throws {BktuiError} "cancelled" when the signal fires, "engine-unreachable" when the engine says nothing for too long.
 */
export async function runHeadless(
  run: HeadlessRun,
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  const { debugger: debug, request } = run;
  const { say, note } = voiceOf(run);
  say(`#0 building ${visibleLine(sourcePlace(request))} with ${engineInWords(debug)}`);
  for (const text of run.notes) note(text);
  say("");
  using progress = new PlainProgress(debug.progress, say, {
    nowMs: Date.now,
    placeOf: readingOrder(debug),
  });
  using _silence = new SilenceWatch(debug, {
    afterMs: run.silentAfterMs ?? DEFAULT_SETTINGS.notify.silentAfterMs,
    say: note,
  });
  await using attendance =
    run.attending === undefined
      ? undefined
      : new Attendance(debug, run.attending, (line) =>
          run.style === "rawjson" ? note(line) : run.stderr.line(line),
        );
  await attendance?.begin();
  for (const order of run.breakpoints) debug.dispatch({ kind: "add-breakpoint", ...order });
  debug.dispatch({ kind: "launch", request, stopOnEntry: false });
  const untilRest = (): Promise<DebugState> => restOf(run, signal, { say, note });
  const first = await untilRest();
  const state = run.keepGoing === true ? await keepAllGoing(debug, first, { untilRest, note }) : first;
  const report = async (rest: DebugState): Promise<number> => {
    const explanation = await lookAndExplain(debug, await readSource(request), { signal });
    progress.settle(rest);
    for (const line of warningReport(warningsBeside(rest.phase, debug.progress))) say(line);
    // What the engine tells late must not come behind the last words.
    const lastWords = (): void => (attendance === undefined ? progress[Symbol.dispose]() : progress.flush());
    return await conclude(rest, run, { explanation, lastWords, signal });
  };
  if (attendance === undefined) return await report(state);
  const code = await attended(attendance, {
    report,
    rest: untilRest,
    debug,
    signal,
  });
  attendance.conclude(`the build has ended with exit code ${code}`);
  return code;
}

/** Waits for who attaches, and with him; what he has the build do is followed to its next rest. */
async function attended(
  attendance: Attendance,
  {
    report,
    rest,
    debug,
    signal,
  }: {
    readonly report: (state: DebugState) => Promise<number>;
    readonly rest: () => Promise<DebugState>;
    readonly debug: Debugger;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  let told: { readonly state: DebugState; readonly code: number } | undefined;
  for (;;) {
    if (attendance.isAttended) attendance.tellStop();
    else if (told?.state.phase !== debug.state.phase) {
      const { state } = debug;
      const code = await report(state);
      // Reporting several failures stands at each of them.
      told = { state: debug.state, code };
    }
    const outcome = await attendance.wait(signal);
    if (typeof outcome === "object") return outcome.code;
    if (outcome === "over")
      return told?.state.phase === debug.state.phase ? told.code : await report(debug.state);
    await rest();
  }
}

interface Voice {
  /** Progress, by lines. */
  readonly say: (line: string) => void;
  /** What there is to know besides, in words. */
  readonly note: (text: string) => void;
}

function voiceOf({ style, stderr }: HeadlessRun): Voice {
  const nothing = (): void => undefined;
  switch (style) {
    case "plain":
      return {
        say: (line) => stderr.line(line),
        note: (text) => stderr.line(`#0 note: ${visibleLine(text)}`),
      };
    case "rawjson":
      return { say: nothing, note: noteTo(stderr) };
    case "quiet":
    case "none":
      return { say: nothing, note: nothing };
  }
}

/** Waits until the build is at rest, or until the engine has been silent for too long. */
async function restOf(
  { debugger: debug, patienceMs = DEFAULT_SETTINGS.engine.patienceMs }: HeadlessRun,
  signal: AbortSignal,
  voice: Voice,
): Promise<DebugState> {
  using watch = new EngineWatch(debug, patienceMs);
  using build = new BuildWatch(debug, (events) => {
    for (const event of events) tellNews(event, patienceMs, voice);
  });
  const unsubscribe = [debug, debug.progress].map((each) => each.subscribe(() => build.observe()));
  try {
    return await debug.rest({ signal: AbortSignal.any([signal, watch.gaveUp]) });
  } catch (error) {
    throw watch.gaveUp.aborted && !signal.aborted ? watch.gaveUp.reason : error;
  } finally {
    for (const end of unsubscribe) end();
  }
}

/** What happens on the way; how it ends and what was warned of is reported then. */
function tellNews(event: BuildEvent, patienceMs: number, { say, note }: Voice): void {
  switch (event.kind) {
    case "engine-silent":
      for (const line of silenceReport(event, "Ctrl-C ends the build", patienceMs)) say(line);
      return;
    case "engine-still-silent":
    case "engine-answers":
      say(visibleLine(event.words));
      return;
    case "breakpoint-moved":
    case "breakpoint-lost":
    case "cache-wait":
    case "log-point":
      note(event.words);
      return;
    default:
      return;
  }
}

/** Place of a vertex in the program, once there is one. */
export function readingOrder(debug: Debugger): (vertex: Digest) => number | undefined {
  let known: { readonly program: Program; readonly places: ReadonlyMap<Digest, number> } | undefined;
  return (vertex) => {
    const programs = programsOf(debug.state);
    const [program] = programs;
    if (program === undefined) return undefined;
    if (known === undefined || !programs.includes(known.program)) {
      const places = programs
        .flatMap(({ steps }) => steps.flatMap((step) => step.vertices))
        .map((digest, index) => [digest, index] as const);
      known = { program, places: new Map(places.reverse()) };
    }
    return known.places.get(vertex);
  };
}

async function conclude(
  state: DebugState,
  run: HeadlessRun,
  {
    explanation,
    lastWords,
    signal,
  }: {
    readonly explanation: Explanation | undefined;
    /** Called before the last lines of the run. */
    readonly lastWords: () => void;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { phase } = state;
  const tell = (lines: readonly string[]): void => {
    for (const line of ["", ...lines]) run.stderr.line(line);
  };
  const tellLast = (summary: Parameters<typeof summaryLines>[0]): void => {
    lastWords();
    tell(summaryLines(summary));
  };
  switch (phase.kind) {
    case "finished":
      if (run.style === "plain") {
        for (const line of ["", ...finishedLines(phase)]) run.stderr.line(visibleLine(line));
      }
      if (phase.imageId !== undefined && run.style !== "none" && !usesStandardOutput(run.request))
        run.stdout.line(visibleLine(phase.imageId));
      if (phase.problem !== undefined)
        tellLast([summaryOfError("the outputs", run, { cause: phase.problem.message, line: undefined })]);
      return exitCodeAtEnd(phase);
    case "paused": {
      if (phase.reason.kind !== "exception") {
        tell(reportPause(phase, state, run.debugger.progress, explanation));
        run.stderr.line("run bktui in a terminal to look around in it");
        return 1;
      }
      const say = (line: string): void => run.stderr.line(visibleLine(`#0 ${line}`));
      const { report, summary } = await tellAllFailures({ ...run, say }, explanation, { signal });
      tell(report);
      const summed = await withBundle(summary, run, { signal });
      await run.atFailure?.({ signal });
      tellLast(summed);
      return 1;
    }
    case "broken":
    case "lost": {
      tell(await reportRefusal(phase, { ...run, progress: run.debugger.progress }, explanation));
      if (phase.kind === "lost") run.stderr.line(`  ${RUN_AGAIN}`);
      const cause = explanation?.headline ?? phase.error.message;
      const line = refusedLine(phase.error, run);
      const what = phase.kind === "lost" ? "the engine was lost" : "the build could not go on";
      if (run.bundle !== undefined) run.stderr.line("  no bundle was written: there is no step to tell of");
      tellLast([summaryOfError(what, run, { cause, line })]);
      return exitCodeOf(phase.error);
    }
    case "idle":
    case "opening":
    case "running":
    case "built":
    case "finishing":
    case "ended":
      throw new BktuiError("internal", `the run came to rest while ${phase.kind}`);
    default:
      return unreachable(phase);
  }
}

/** Of the failure that is stood at, which is the first one. */
async function withBundle(
  [first, ...others]: readonly FailureSummary[],
  { debugger: debug, bundle }: HeadlessRun,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly FailureSummary[]> {
  if (first === undefined) return [];
  if (bundle === undefined) return [first, ...others];
  const { bundleOfFailure } = await import("../console/bundles/failure-bundle.ts");
  const { lines, open } = await bundleOfFailure(debug, bundle, { signal });
  const opens = open === undefined ? first.open : [...first.open, open];
  return [{ ...first, states: [...first.states, ...lines], open: opens }, ...others];
}

function refusedLine(error: BktuiError, { request, debugger: debug }: HeadlessRun): string | undefined {
  const named = error instanceof FrontendFailed ? error.ranges : [];
  const [first] = [
    ...named,
    ...refusingWarnings(error, debug.progress.warnings).flatMap((each) => each.ranges),
  ];
  return first === undefined ? undefined : `${first.start} of ${sourcePlace(request)}`;
}

/** Why the build could not begin or go on, at its place in the Dockerfile where there is one. */
export async function reportRefusal(
  { error }: Extract<Phase, { kind: "broken" | "lost" }>,
  { request, debug, progress }: Pick<HeadlessRun, "request" | "debug"> & { readonly progress: ProgressStore },
  explanation?: Explanation,
): Promise<readonly string[]> {
  const reasons =
    explanation === undefined
      ? reportError(error, { debug })
      : reportExplained(explanation, error, { debug });
  const named = error instanceof FrontendFailed ? error.ranges : [];
  const ranges = [...named, ...refusingWarnings(error, progress.warnings).flatMap((each) => each.ranges)];
  const told = error instanceof FrontendFailed ? error.text : undefined;
  const text = ranges.length === 0 ? undefined : ((await readSource(request)) ?? told);
  const lines = text === undefined ? undefined : refusedLines({ ranges }, text);
  if (text === undefined || lines === undefined) return reasons;
  return [...excerpt(text, sourcePlace(request), lines.start, lines.end), ...reasons];
}
