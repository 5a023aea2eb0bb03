/** The container of a state: its shells share one file system, and none that ends takes another one along. */
import { randomUUID } from "node:crypto";
import { BktuiError } from "../../base/errors.ts";
import type { Container, Process, ProcessSpec, StepEnvironment } from "../../engine/engine.ts";
import { firstOutput } from "./first-output.ts";
import { foregroundProgram, killProcessGroup, type ShellProcessGroup } from "./process-group.ts";
import { shellEnvironment } from "./shell-launch.ts";
import { ShellProcess } from "./shell-process.ts";
import { shellScript } from "./shell-script.ts";

/** How one talks to a shell: on a terminal, or by lines, without prompt and echo. */
export type ShellTalk =
  | { readonly kind: "terminal"; readonly columns: number; readonly rows: number; readonly term: string }
  | { readonly kind: "lines" };

/** A shell that runs. */
export interface OpenedShell {
  readonly container: Container;
  readonly process: Process;
  readonly environment: StepEnvironment;
  /** Where other shells of the state open; undefined: the image has no shell that could keep it, so it ends with this one. */
  readonly shared: SharedContainer | undefined;
  /** Resolves when the shell itself runs: where FAILED is reproduced, behind the command. Rejects when it never does. */
  readonly ready: Promise<unknown>;
  /** What it has printed so far comes at once, then everything that follows. At most one listener. */
  onData(listener: (chunk: Uint8Array) => void): void;
  /** Name of the program that has its terminal (untrusted); undefined when that is the shell or cannot be told. */
  program(options: { readonly signal: AbortSignal }): Promise<string | undefined>;
  /** Kills it and what runs in it. A shared container stays, with the files as they are. */
  end(): Promise<void>;
}

export interface SharedContainerPlan {
  readonly container: Container;
  readonly environment: StepEnvironment;
  /** Runs the scripts. */
  readonly interpreter: readonly string[];
  /** Command lines of shells in the order in which they are tried. */
  readonly shells: readonly (readonly string[])[];
  /** Undefined = the shell's own. */
  readonly prompt: string | undefined;
  /** `NAME=value`, for the shells alone. */
  readonly env: readonly string[];
  /** The first shell comes after the failed command, which runs again. */
  readonly reproduces: boolean;
}

interface Start {
  readonly talk: ShellTalk;
  readonly shells: readonly (readonly string[])[];
  readonly isFirst: boolean;
}

/** An interpreter that does not begin its script within this is none. */
const BEGIN_MS = 15_000;
const KILL_MS = 10_000;

/** One container and the shells in it. Disposing ends all of them. */
export class SharedContainer implements AsyncDisposable {
  readonly container: Container;
  /** Settles when the container's first process is gone, and with it everything in it. */
  readonly gone: Promise<void>;
  readonly #plan: SharedContainerPlan;
  #setGone: () => void = () => {};

  /**
   * With the first shell in it, or a program in place of one. The container is the caller's again when it fails.
   * @throws {BktuiError} "engine" or "not-found" when the interpreter, or each of the shells, is not there.
   */
  static async open(
    plan: SharedContainerPlan,
    { talk, program }: { readonly talk: ShellTalk; readonly program?: readonly string[] | undefined },
    { signal }: { readonly signal: AbortSignal },
  ): Promise<OpenedShell> {
    const shared = new SharedContainer(plan);
    const shells = program === undefined ? plan.shells : [program];
    return await shared.#start({ talk, shells, isFirst: true }, signal);
  }

  private constructor(plan: SharedContainerPlan) {
    this.container = plan.container;
    this.#plan = plan;
    this.gone = new Promise((resolve) => {
      this.#setGone = resolve;
    });
  }

  /**
   * Another shell beside those that are there, or a program in place of one. Not to be cancelled: it could not be told
   * whether it runs.
   * @throws {BktuiError} "not-found" when there is no such program, "engine" when the container is gone.
   */
  async another(talk: ShellTalk, program?: readonly string[]): Promise<OpenedShell> {
    const shells = program === undefined ? this.#plan.shells : [program];
    return await this.#start({ talk, shells, isFirst: false }, new AbortController().signal);
  }

  /** Ends everything in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.container[Symbol.asyncDispose]();
  }

  async #start(start: Start, signal: AbortSignal): Promise<OpenedShell> {
    const { talk, shells, isFirst } = start;
    const { container, environment, reproduces } = this.#plan;
    const mark = `bktui-${randomUUID()}`;
    const again = isFirst && reproduces;
    const process = new ShellProcess(await container.start(this.#spec(start, mark), { signal }), {
      mark,
      lineEnd: talk.kind === "terminal" ? "\r\n" : "\n",
      reproduces: again,
      answered: !isFirst,
    });
    if (isFirst) void process.gone.then(() => this.#setGone());
    const id = await within(process.begun, BEGIN_MS);
    if (!again) {
      const index = await within(process.shell, BEGIN_MS);
      const code = talk.kind === "terminal" ? await firstOutput(process) : undefined;
      const others = shells.slice(index + 1);
      // A shell that cannot run here, e.g. one of another architecture.
      if (code !== undefined && others.length > 0)
        return await this.#start({ talk, shells: others, isFirst: false }, signal);
    }
    const group = { container, interpreter: this.#plan.interpreter, id };
    return openedShell({ process, environment, shared: this, group });
  }

  #spec({ talk, shells, isFirst }: Start, mark: string): ProcessSpec {
    const { environment, interpreter, prompt, reproduces } = this.#plan;
    const { meta } = environment;
    const ofTerminal = talk.kind === "terminal" ? shellEnvironment({ prompt, term: talk.term }) : [];
    const env = [...ofTerminal, ...this.#plan.env];
    const again = isFirst && reproduces ? { args: meta.args, env } : undefined;
    const script = shellScript({
      mark,
      shells,
      known: new Set(meta.env.map((entry) => entry.slice(0, entry.indexOf("=")))),
      joined: talk.kind === "lines",
      role: isFirst
        ? { kind: "first", again }
        : { kind: "further", directory: meta.cwd === "" ? "/" : meta.cwd },
    });
    return {
      args: [...interpreter, "-c", script, "sh", ...(again?.args ?? [])],
      env: again === undefined ? env : [],
      ...(talk.kind === "terminal"
        ? { terminal: { columns: talk.columns, rows: talk.rows } }
        : { terminal: undefined, input: true }),
      // The engine would end the container over a directory that is not there any more.
      ...(isFirst ? {} : { directory: "/" }),
    };
  }
}

function openedShell({
  process,
  environment,
  shared,
  group,
}: {
  readonly process: ShellProcess;
  readonly environment: StepEnvironment;
  readonly shared: SharedContainer;
  readonly group: ShellProcessGroup & { readonly id: number };
}): OpenedShell {
  return {
    container: group.container,
    process,
    environment,
    shared,
    ready: process.shell,
    onData: (listener) => process.onData(listener),
    program: (options) => foregroundProgram(group, options),
    end: async () => {
      // Its end is told in its output.
      process.resume();
      const killed = killProcessGroup(group, { signal: AbortSignal.timeout(KILL_MS) });
      await Promise.race([Promise.all([killed, process.exited]), process.gone]);
    },
  };
}

/** @throws {BktuiError} "not-found" when it takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BktuiError("not-found", "no shell began to run in time")), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
