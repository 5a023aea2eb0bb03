/** Writes a bundle of the present stop, as a person or an option asks for it, in any front end. */
import { BktuiError } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";
import { byteSize } from "../../base/words.ts";
import type { Debugger, DebugState } from "../../debugger/debugger.ts";
import type { OpenState } from "../../debugger/shells/open-state.ts";
import { failureOf, programOf, stopOf } from "../../debugger/state/inspect.ts";
import type { Bundle, BundledLine, BundledVertex } from "../../engine/bundle.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Program, Step } from "../../graph/program.ts";
import { stateName } from "../exports/export-words.ts";
import { runExport } from "../exports/run-export.ts";
import { engineName } from "../phrases/engine-words.ts";
import { numberOf, stepPlace } from "../phrases/stop-words.ts";
import { bundleTexts } from "./bundle-texts.ts";
import type { TypedBundle } from "./read-bundle.ts";

export interface BundleTask {
  readonly debug: Debugger;
  readonly asked: TypedBundle;
  /** The state that is shown; undefined = the step's most interesting one. */
  readonly shown: StateSide | undefined;
  /** Those with shells in them. */
  readonly states: readonly OpenState[];
  /** What is being done; untrusted text. */
  readonly onProgress: (words: string) => void;
}

/**
 * Answers what there is to say of it, one line each; untrusted text.
 * @throws {BktuiError} "not-now" when nothing is loaded or the state is not there, and as `Debugger.writeBundle`.
 */
export async function writeBundle(
  { debug, asked, shown, states, onProgress }: BundleTask,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { program, step } = placeOf(debug.state);
  const has = debug.states(step.id);
  const side = shown !== undefined && has.includes(shown) ? shown : has[0];
  const name = side === undefined ? undefined : stateName(side, step.id, program.steps.length);
  if (asked.state && (side === undefined || name === undefined))
    throw new BktuiError("not-now", `${numberOf(step, program)} has no state that could be put into it`);
  onProgress(`what is known of ${numberOf(step, program)}`);
  const bundle = await bundleOf({
    debug,
    program,
    step,
    side,
    state: asked.state ? name : undefined,
    signal,
  });
  const notes: string[] = [];
  const state = async (dest: string): Promise<void> => {
    const outputs = [{ type: "oci", dest, attributes: {} }];
    const { withSecrets } = asked;
    const order = { side, outputs, force: false, rebuild: false, withSecrets };
    const progress = (of: string, doing: string | undefined): void =>
      onProgress(doing === undefined ? of : `${of} · ${doing}`);
    const task = { debug, step, shown: side, asked: order, states, onProgress: progress };
    notes.push(...(await runExport(task, { signal })).filter((line) => line.startsWith("note: ")));
  };
  const { path, force } = asked;
  const bytes = await debug.writeBundle(bundle, {
    path,
    force,
    state: asked.state ? state : undefined,
    signal,
  });
  const holds = asked.state ? `, with ${name}` : "";
  const opening = `bktui open ${quote(path)}`;
  return [
    `bundle written: ${path} (${byteSize(bytes)})${holds}`,
    asked.state ? `${opening} shows it, --state behind it opens the state` : `${opening} shows it`,
    ...notes,
  ];
}

interface Place {
  readonly program: Program;
  readonly step: Step;
}

function placeOf(state: DebugState): Place {
  const program = programOf(state);
  const stop = stopOf(state);
  const step = program?.steps[stop?.step ?? program.steps.length - 1];
  if (program === undefined || step === undefined) throw new BktuiError("not-now", "nothing is loaded");
  return { program, step };
}

async function bundleOf({
  debug,
  program,
  step,
  side,
  state,
  signal,
}: Place & {
  readonly debug: Debugger;
  readonly side: StateSide | undefined;
  /** What is in it, for people. */
  readonly state: string | undefined;
  readonly signal: AbortSignal;
}): Promise<Bundle> {
  const { request, phase } = debug.state;
  if (request === undefined) throw new BktuiError("not-now", "nothing is loaded");
  const failure = failureOf(debug.state);
  const isOver = phase.kind === "finished" || phase.kind === "built";
  const place = `${numberOf(step, program)}, ${stepPlace(step, program)} of ${program.filename}`;
  const { texts, about } = await bundleTexts({ debug, step, side }, { signal });
  const { filename, text } = program;
  return {
    request,
    status: failure !== undefined ? "failed" : isOver ? "completed" : "cancelled",
    message: failure?.message ?? (isOver ? "" : `stopped at ${place}`),
    vertex: failure?.vertex,
    exitCode: failure?.exitCode,
    source: { filename, text, range: { start: step.start, end: step.end } },
    vertices: verticesOf(debug, program),
    lines: () => linesOf(debug),
    warnings: debug.progress.warnings,
    texts,
    about: [
      `a bundle of bktui, made at ${place}: ${step.text}`,
      `engine: ${engineName(debug.engine)}`,
      ...about,
      ...(state === undefined ? [] : [`${state} is in it`]),
    ],
  };
}

/** What was reported, in that order, and behind it what was not reached. */
function verticesOf({ progress }: Debugger, { graph }: Program): readonly BundledVertex[] {
  const inputsOf = (digest: Digest): readonly Digest[] =>
    graph.vertices.get(digest)?.inputs.map(({ vertex }) => vertex) ?? [];
  const reported = progress.vertices().map(([digest, vertex]): BundledVertex => {
    const { name, startedMs, completedMs, error, status } = vertex;
    const cached = status === "cached";
    return { digest, name, inputs: inputsOf(digest), startedMs, completedMs, cached, error };
  });
  const known = new Set(reported.map(({ digest }) => digest));
  const others = [...graph.vertices.values()].filter(({ digest }) => !known.has(digest));
  const unstarted = { startedMs: undefined, completedMs: undefined, cached: false, error: "" };
  return [
    ...reported,
    ...others.map(({ digest, name }) => ({ digest, name, inputs: inputsOf(digest), ...unstarted })),
  ];
}

function* linesOf({ progress: { log } }: Debugger): Generator<BundledLine> {
  const { first, end } = log;
  for (let at = first; at < end; at += 1) {
    const line = log.line(at);
    if (line !== undefined) yield line;
  }
}
