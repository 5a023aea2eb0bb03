/** A step that gives no sign of life: said after a while, with what its processes do. */
import { roundTime } from "../../base/words.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { frontendImage } from "../../engine/build-sources.ts";
import type { Program, Step } from "../../graph/program.ts";
import type { Debugger } from "../debugger.ts";
import { runningSteps } from "./inspect.ts";
import { processesOf, type StepProcess } from "./step-processes.ts";

export interface SilenceWatchOptions {
  /** How long a step may report nothing. */
  readonly afterMs: number;
  /** Gets one line, once for each silence; it has untrusted text in it. */
  readonly say: (line: string) => void;
}

type Watched = Pick<Debugger, "state" | "engine" | "progress" | "subscribe" | "masked">;

const MOST_PROCESSES = 3;
const LONGEST_COMMAND = 60;

/** Watches the running steps of one build; disposing ends that. */
export class SilenceWatch implements Disposable {
  readonly #debug: Watched;
  readonly #options: SilenceWatchOptions;
  readonly #unsubscribe: readonly (() => void)[];
  /** By step: when it was last heard of before the silence that was told. */
  readonly #reported = new Map<Step, number>();
  /** While the frontend is asked: since when, and of which silence was told. */
  #opening: { readonly sinceMs: number; toldMs: number | undefined } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(debug: Watched, options: SilenceWatchOptions) {
    this.#debug = debug;
    this.#options = options;
    const look = (): void => this.#look();
    this.#unsubscribe = [debug.subscribe(look), debug.progress.subscribe(look)];
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #look(): void {
    clearTimeout(this.#timer);
    const { state, progress } = this.#debug;
    if (state.phase.kind !== "opening") this.#opening = undefined;
    // Of an engine that does not answer nothing is heard, and that is said.
    if (state.engineSilent) return;
    if (state.phase.kind === "opening") this.#lookAtFrontend();
    if (state.phase.kind !== "running") return;
    const { program } = state.phase.execution;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const step of runningSteps(program, progress)) {
      const heardMs = Math.max(...step.vertices.map((vertex) => progress.heardMs(vertex) ?? 0));
      if (this.#reported.get(step) === heardMs) continue;
      const leftMs = heardMs + this.#options.afterMs - performance.now();
      if (leftMs > 0) nextMs = Math.min(nextMs, leftMs);
      else void this.#tell(step, program, heardMs);
    }
    if (nextMs !== Number.POSITIVE_INFINITY) this.#lookAgain(nextMs);
  }

  #lookAgain(inMs: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.ceil(inMs));
    this.#timer.unref();
  }

  /** It runs nothing that reports by itself: only what it has fetched and solved is heard of. */
  #lookAtFrontend(): void {
    const { progress, state } = this.#debug;
    this.#opening ??= { sinceMs: performance.now(), toldMs: undefined };
    const heard = progress.vertices().map(([vertex]) => progress.heardMs(vertex) ?? 0);
    const heardMs = Math.max(this.#opening.sinceMs, ...heard);
    if (this.#opening.toldMs === heardMs) return;
    const silentMs = performance.now() - heardMs;
    if (silentMs < this.#options.afterMs) {
      this.#lookAgain(this.#options.afterMs - silentMs);
      return;
    }
    this.#opening.toldMs = heardMs;
    this.#options.say(
      `the frontend${frontendNamed(state.request)} has not answered for ${roundTime(silentMs)}; it is waited for until you leave`,
    );
  }

  async #tell(step: Step, program: Program, heardMs: number): Promise<void> {
    this.#reported.set(step, heardMs);
    const args = program.graph.vertices.get(step.vertex)?.exec?.meta.args;
    const { address } = this.#debug.engine;
    const processes = args === undefined ? undefined : await processesOf(args, address);
    const { progress } = this.#debug;
    const isHeard = step.vertices.some((vertex) => (progress.heardMs(vertex) ?? 0) > heardMs);
    // It has gone on while that was looked at.
    if (this.#isOver || isHeard) return;
    const silentMs = performance.now() - heardMs;
    const { masked } = this.#debug;
    this.#options.say(silenceWords({ step, program, silentMs, processes, masked }));
  }
}

function frontendNamed(request: BuildRequest | undefined): string {
  const source = request?.source;
  const name = source?.kind === "frontend" ? frontendImage(source) : request?.buildArgs["BUILDKIT_SYNTAX"];
  return name === undefined ? "" : ` ${name}`;
}

/** E.g. `step 3/5 has printed nothing for 60s, since 14:03:22; sleep 300 waits`. */
export function silenceWords({
  step,
  program,
  silentMs,
  processes,
  masked,
}: {
  readonly step: Step;
  readonly program: Program;
  readonly silentMs: number;
  readonly processes: readonly StepProcess[] | undefined;
  readonly masked: Debugger["masked"];
}): string {
  const since = new Date(Date.now() - silentMs).toTimeString().slice(0, "00:00:00".length);
  const number = `step ${step.id + 1}/${program.steps.length}`;
  const what = `${number} has given no sign of life for ${roundTime(silentMs)}, since ${since}`;
  if (processes === undefined || processes.length === 0) return what;
  const shown = processes.slice(0, MOST_PROCESSES).map((process) => processWords(process, masked));
  const more = processes.length > MOST_PROCESSES ? `, and ${processes.length - MOST_PROCESSES} more` : "";
  return `${what}: ${shown.join(", ")}${more}`;
}

function processWords({ command, does, cpuSeconds }: StepProcess, masked: Debugger["masked"]): string {
  // Masked first: a value that is cut in two is not found.
  const whole = masked(command);
  const shown = whole.length > LONGEST_COMMAND ? `${whole.slice(0, LONGEST_COMMAND)}…` : whole;
  return cpuSeconds < 1
    ? `"${shown}" ${does}`
    : `"${shown}" ${does} (${roundTime(cpuSeconds * 1000)} of CPU)`;
}
