/** Exports what failed steps have left, as options ask for, where nobody says which state and where to. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import type { Debugger, DebugState } from "../../debugger/debugger.ts";
import { failureOf } from "../../debugger/state/inspect.ts";
import { shownThread } from "../../debugger/state/threads.ts";
import type { Progress, StateSide } from "../../engine/engine.ts";
import type { MadeOutput, OutputSpec } from "../../engine/outputs.ts";
import type { Step, StepId } from "../../graph/program.ts";
import { exportedLines, stateName } from "./export-words.ts";
import { besideOutput, exportSuffix, type FailedSide, type FailureExport } from "./failure-export.ts";

/** What became of the states of one failed step; untrusted text. */
export interface FailureExported {
  /** A line for each thing that was made, and why something was not. */
  readonly lines: readonly string[];
  /** Files and names of images among them. */
  readonly images: readonly string[];
}

interface Exporting {
  readonly debug: Debugger;
  readonly wanted: FailureExport;
  readonly signal: AbortSignal;
  /** Gets a line of untrusted text. */
  readonly say: (line: string) => void;
}

/**
 * Of the failure that is stood at, or of all. The build stands there again afterwards. What cannot be exported is told among
 * the lines.
 * @throws {BktuiError} "cancelled".
 */
export async function exportFailures(
  failed: readonly Step[],
  here: StepId,
  exporting: Exporting,
): Promise<ReadonlyMap<StepId, FailureExported>> {
  const { debug, wanted, signal } = exporting;
  const platform = tellingPlatform(debug.state);
  const steps = wanted.all ? failed : failed.filter(({ id }) => id === here);
  const exported = new Map<StepId, FailureExported>();
  for (const [index, step] of steps.entries()) {
    const number = steps.length > 1 ? String(index + 1) : undefined;
    exported.set(step.id, await exportStep(step, { ...exporting, number, platform }));
  }
  await standAt(here, debug, signal);
  return exported;
}

/** That of the shown thread where others have failed too: what they leave must not get the same names. */
function tellingPlatform(state: DebugState): string | undefined {
  const failed = state.threads.filter((each) => failureOf(each) !== undefined);
  return failed.length > 1 ? shownThread(state)?.platform : undefined;
}

/** What makes names different. */
interface Telling {
  /** Among the failures of a platform. */
  readonly number: string | undefined;
  readonly platform: string | undefined;
}

async function exportStep(step: Step, exporting: Exporting & Telling): Promise<FailureExported> {
  const { debug, wanted, signal } = exporting;
  const lines: string[] = [];
  const images: string[] = [];
  try {
    await standAt(step.id, debug, signal);
    const { sides, note } = await sidesOf(step, exporting);
    if (note !== undefined) lines.push(note);
    for (const side of sides) {
      const done = await exportSide(step, side, exporting);
      lines.push(...done.lines);
      images.push(...done.images);
    }
  } catch (error) {
    const failure = toBktuiError(error);
    if (signal.aborted) throw failure;
    lines.push(...problemLines("not exported", failure));
  }
  if (wanted.all || lines.length > 0) return { lines, images };
  return { lines: ["not exported: nothing is there that could be"], images };
}

/** Only one that the build stands at has states. */
async function standAt(step: StepId, debug: Debugger, signal: AbortSignal): Promise<void> {
  debug.dispatch({ kind: "show-failure", step });
  await debug.rest({ signal });
}

/** What there is of what is wanted; BASE stands in for a FAILED that is not there, as when a COPY has failed. */
async function sidesOf(
  step: Step,
  { debug, wanted, signal }: Exporting,
): Promise<{ readonly sides: readonly FailedSide[]; readonly note: string | undefined }> {
  const has = (side: StateSide): boolean => debug.states(step.id).includes(side);
  const keepsFailed = has("failed");
  const asked: readonly FailedSide[] = wanted.state === "both" ? ["base", "failed"] : [wanted.state];
  const sides = keepsFailed ? asked : (["base"] as const);
  if (sides.includes("base") && !has("base") && debug.whyNot("make-base") === undefined) {
    debug.dispatch({ kind: "make-base" });
    await debug.rest({ signal });
  }
  const there = sides.filter(has);
  const why = "no FAILED state is there";
  if (there.length === 0)
    throw new BktuiError("not-now", keepsFailed ? "no BASE is there" : `${why}, and no BASE`);
  const note = keepsFailed || wanted.state === "base" ? undefined : `${why}: BASE is exported alone`;
  return { sides: there, note };
}

async function exportSide(
  step: Step,
  side: FailedSide,
  { debug, wanted, signal, say, number, platform }: Exporting & Telling,
): Promise<FailureExported> {
  const steps = stepCount(debug.state);
  const name = stateName(side, step.id, steps);
  const beside = wanted.state === "both" && side === "base" ? "base" : undefined;
  const suffix = exportSuffix({ platform, number, side: beside });
  const outputs = suffix === "" ? wanted.outputs : wanted.outputs.map((each) => besideOutput(each, suffix));
  say(`exporting ${name}`);
  const onProgress = (_progress: Progress): void => undefined;
  try {
    const rebuild = side === "failed" && wanted.rebuild;
    const { force, withSecrets } = wanted;
    const made = await debug.exportState(step.id, side, {
      outputs,
      force,
      rebuild,
      withSecrets,
      onProgress,
      signal,
    });
    return {
      lines: exportedLines(made, steps),
      images: made.outputs.flatMap((each) => imageOf(each, outputs)),
    };
  } catch (error) {
    const failure = toBktuiError(error);
    if (signal.aborted) throw failure;
    return { lines: problemLines(`${name} was not exported`, failure), images: [] };
  }
}

/** What it is opened by; of files alone nothing. */
function imageOf(made: MadeOutput, outputs: readonly OutputSpec[]): readonly string[] {
  if (made.kind !== "file" && made.kind !== "directory" && made.kind !== "layout")
    return made.names.slice(0, 1);
  const spec = outputs.find(({ dest }) => dest === made.path);
  return made.kind === "file" && (spec?.type === "docker" || spec?.type === "oci") ? [made.path] : [];
}

function problemLines(what: string, { message, hint }: BktuiError): readonly string[] {
  return [`${what}: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`])];
}

function stepCount({ phase }: DebugState): number {
  return "execution" in phase ? phase.execution.program.steps.length : 0;
}
