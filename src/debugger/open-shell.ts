/** Starts a shell in a state of a step: tries one program after the other until one runs. */
import { randomUUID } from "node:crypto";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import type { Container, Process, ProcessSpec, StateSide, StepEnvironment } from "../engine/engine.ts";
import type { Step } from "../graph/program.ts";
import type { Debugger } from "./debugger.ts";
import { MarkerFilter, REPRODUCTION_BEGINS, type ReproductionPlan, reproducing } from "./reproduction.ts";
import {
  DEBUG_ROOT_SHELLS,
  debugRootBeside,
  shellCandidates,
  shellEnvironment,
  shellPrompt,
} from "./shell-launch.ts";
import { isReproduced } from "./view.ts";

/** How one talks to a shell: on a terminal, or by lines, without prompt and echo. */
export type ShellTalk =
  | { readonly kind: "terminal"; readonly columns: number; readonly rows: number; readonly term: string }
  | { readonly kind: "lines" };

export interface ShellWish {
  readonly step: Step;
  readonly side: StateSide;
  /** Number of steps, for the prompt. */
  readonly steps: number;
  readonly talk: ShellTalk;
  /** Tried before the image's own shells. */
  readonly command?: readonly string[] | undefined;
  /** A shell of the debug root, not of the image; the state lies at `TARGET`, or at "/" where FAILED is reproduced. */
  readonly debugRoot?: boolean | undefined;
  /** Run in place of any shell. */
  readonly program?: readonly string[] | undefined;
  /** Whether the prompt says step and state; default true. */
  readonly prompt?: boolean | undefined;
}

/** A shell that runs; the caller disposes the container, which ends it. */
export interface OpenedShell {
  readonly container: Container;
  readonly process: Process;
  /** Its command line, as it was tried. */
  readonly command: readonly string[];
  readonly environment: StepEnvironment;
  /** What it has printed so far comes at once, then everything that follows. At most one listener. */
  onData(listener: (chunk: Uint8Array) => void): void;
}

/** A shell without a prompt is taken as it is after this. */
const SILENT_SHELL_MS = 1500;
const SILENT_LINES_MS = 10_000;
/** By lines a shell says nothing by itself; every shell can echo this. */
const SIGN = "bktui-shell-runs";

/** @throws {BktuiError} "not-now" when the step has no such state, "not-found" when no shell is in it. */
export async function openShell(
  debug: Debugger,
  wish: ShellWish,
  { signal }: { readonly signal: AbortSignal },
): Promise<OpenedShell> {
  const { step, side, steps } = wish;
  const environment = await debug.environment(step.id, side, { signal });
  const prompt =
    wish.prompt === false
      ? undefined
      : shellPrompt({
          user: environment.meta.user,
          step: step.id + 1,
          steps,
          side,
          isDebugRoot: wish.debugRoot === true,
        });
  const own = wish.debugRoot === true ? DEBUG_ROOT_SHELLS : shellCandidates(environment);
  const shells = [...(wish.command === undefined ? [] : [wish.command]), ...own];
  const candidates = wish.program === undefined ? shells : [wish.program];
  if (isReproduced(debug.state, step.id, side)) {
    return await openReproduced(debug, wish, { environment, shells: candidates, prompt }, { signal });
  }
  let last: unknown;
  for (const args of candidates) {
    const opened = await tryShell(debug, wish, specOf(args, wish.talk, prompt), { signal });
    if (!(opened instanceof BktuiError))
      return { ...opened, environment: wish.debugRoot === true ? opened.container.environment : environment };
    last = opened;
  }
  if (wish.program !== undefined) {
    throw new BktuiError("not-found", `${wish.program[0]} did not run here`, {
      cause: last,
      hint: "a program is named by its path in the image; :error shows the engine's words",
    });
  }
  if (wish.debugRoot === true) throw noShellInDebugRoot(debug, last);
  throw new BktuiError("not-found", "no /bin/sh here (scratch or distroless)", {
    cause: last,
    hint: "debug-shell opens one with other programs; :error shows the engine's words",
  });
}

/** The failed command runs first, in the shell's own container; its output is the first that comes. */
async function openReproduced(
  debug: Debugger,
  wish: ShellWish,
  plan: Pick<ReproductionPlan, "environment" | "shells"> & { readonly prompt: string | undefined },
  { signal }: { readonly signal: AbortSignal },
): Promise<OpenedShell> {
  const marker = `bktui-${randomUUID()}`;
  const { env, ...spec } = specOf([], wish.talk, plan.prompt);
  const args = reproducing(
    wish.debugRoot === true
      ? { ...debugRootBeside(plan.environment, env), marker }
      : { ...plan, env, marker },
  );
  const lineEnd = wish.talk.kind === "terminal" ? "\r\n" : "\n";
  const opened = await tryShell(debug, wish, { ...spec, args, env: [] }, { signal, isFirst: false });
  if (opened instanceof BktuiError && wish.debugRoot === true) throw opened;
  if (opened instanceof BktuiError) {
    throw new BktuiError("not-found", "no /bin/sh here to run the failed command again with", {
      cause: opened,
      hint: "debug-shell does it with other programs; x shows BASE; :error shows the engine's words",
    });
  }
  const filter = new MarkerFilter(marker, lineEnd);
  return {
    ...opened,
    environment: plan.environment,
    onData: (listener) => {
      listener(Buffer.from(`${REPRODUCTION_BEGINS}${lineEnd}`));
      opened.onData((chunk) => {
        const shown = filter.push(chunk);
        if (shown.length > 0) listener(shown);
      });
    },
  };
}

function noShellInDebugRoot({ state }: Debugger, cause: unknown): BktuiError {
  const image = state.request?.debugImage;
  const what = image === undefined ? "the debug root" : `the debug image ${image}`;
  return new BktuiError("not-found", `${what} has no /bin/sh`, {
    cause,
    hint: "--debug-image must name an image with a shell, e.g. alpine; :error shows the engine's words",
  });
}

function specOf(args: readonly string[], talk: ShellTalk, prompt: string | undefined): ProcessSpec {
  switch (talk.kind) {
    case "terminal": {
      const { columns, rows, term } = talk;
      return { args, env: shellEnvironment({ prompt, term }), terminal: { columns, rows } };
    }
    case "lines":
      return { args, env: [], terminal: undefined, input: true };
  }
}

/**
 * One candidate, in a container of its own: one whose first process could not start is of no more use.
 * `isFirst`: nothing runs before the shell.
 */
async function tryShell(
  debug: Debugger,
  { step, side, talk, debugRoot }: ShellWish,
  spec: ProcessSpec,
  { signal, isFirst = true }: { readonly signal: AbortSignal; readonly isFirst?: boolean },
): Promise<Omit<OpenedShell, "environment"> | BktuiError> {
  const place = debugRoot === true ? (isFirst ? "root" : "beside") : undefined;
  const container = await debug.container(step.id, side, { signal, debugRoot: place });
  try {
    const process = await container.start(spec, { signal });
    const output = new EarlyOutput(process);
    const code = await (talk.kind === "lines" && isFirst
      ? signOf(process, output)
      : firstWord(process, output));
    if (code === undefined) {
      return { container, process, command: spec.args, onData: (listener) => output.onData(listener) };
    }
    await disposeQuietly(container);
    return new BktuiError("not-found", `${spec.args[0]} ended with ${code} before it printed anything`);
  } catch (error) {
    await disposeQuietly(container);
    const failure = toBktuiError(error, "engine");
    if (failure.code !== "engine" && failure.code !== "not-found") throw failure;
    return failure;
  }
}

/** Keeps what a process prints until there is somebody to read it. */
class EarlyOutput {
  #chunks: Uint8Array[] = [];
  #listener: ((chunk: Uint8Array) => void) | undefined;
  #onFirst: (() => void) | undefined;

  constructor(process: Process) {
    process.onData((chunk) => {
      if (this.#listener !== undefined) this.#listener(chunk);
      else this.#chunks.push(chunk);
      this.#onFirst?.();
    });
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("latin1");
  }

  drop(): void {
    this.#chunks = [];
  }

  onChunk(listener: () => void): void {
    this.#onFirst = listener;
    if (this.#chunks.length > 0) listener();
  }

  onData(listener: (chunk: Uint8Array) => void): void {
    this.#onFirst = undefined;
    this.#listener = listener;
    for (const chunk of this.#chunks.splice(0)) listener(chunk);
  }
}

/**
 * Waits until the shell has printed something or has been silent for a while: undefined. Answers with the exit code
 * of one that ended badly without a word: engines report a program that is not there in this way too (dockerd 28.5:
 * "started", then exit code 1).
 */
function firstWord(process: Process, output: EarlyOutput): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), SILENT_SHELL_MS);
    output.onChunk(() => {
      clearTimeout(timer);
      resolve(undefined);
    });
    process.exited
      .then((code) => resolve(output.text === "" && code !== 0 ? code : undefined), reject)
      .finally(() => clearTimeout(timer));
  });
}

/** By lines: asks the shell for a sign and takes that out of its output. Answers the exit code of one that ended. */
function signOf(process: Process, output: EarlyOutput): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), SILENT_LINES_MS);
    output.onChunk(() => {
      if (!output.text.endsWith(`${SIGN}\n`)) return;
      clearTimeout(timer);
      output.drop();
      resolve(undefined);
    });
    process.exited.then(resolve, reject).finally(() => clearTimeout(timer));
    process.write(Buffer.from(`echo ${SIGN}\n`));
  });
}

/** In the worst case the container is gone with its build; nobody waits for the reason. */
async function disposeQuietly(container: Container): Promise<void> {
  await Promise.resolve(container[Symbol.asyncDispose]()).catch(() => undefined);
}
