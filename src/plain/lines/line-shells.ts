/** The shells of the line mode: one at a time has standard input, on a terminal or by lines. */
import { StringDecoder } from "node:string_decoder";
import { quietly } from "../../base/quietly.ts";
import { visibleText } from "../../base/visible.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { openShell } from "../../debugger/shells/open-shell.ts";
import { PROGRAM_LOOKUP_MS } from "../../debugger/shells/process-group.ts";
import type { OpenedShell, SharedContainer, ShellTalk } from "../../debugger/shells/shared-container.ts";
import type { Container, StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { Output } from "../output.ts";
import type { InputStream, LineInput } from "./line-input.ts";
import { RawMode } from "./raw-mode.ts";
import { RelayFilter } from "./relay-filter.ts";

export interface PlainShellsOptions {
  readonly debug: Debugger;
  readonly input: LineInput;
  readonly stdin: InputStream;
  readonly stdout: Output;
  /** Standard input is a terminal: the shell takes all of it. Else its lines go to the shell until `exit`. */
  readonly terminal: TerminalFacts | undefined;
  /** Tried before the image's own shells. */
  readonly command: readonly string[] | undefined;
  readonly prompt: boolean;
  /** Bytes that return from the shell, e.g. Ctrl-]. */
  readonly leave: readonly number[];
}

/** The terminal around the program. */
export interface TerminalFacts {
  /** Value of TERM. */
  readonly term: string;
  size(): { readonly columns: number; readonly rows: number };
  /** Tells of changes; answers the function that stops it. */
  onResize(listener: () => void): () => void;
}

/**
 * How a visit to a shell ended; an exit code is undefined when the engine dropped the shell. `tookAll`: of a script, the
 * shell got all the lines that are for it.
 */
export type Visit =
  | { readonly kind: "left" }
  | { readonly kind: "exited"; readonly code: number | undefined; readonly tookAll: boolean };

/** Of a script, the last line that is for a shell. */
export function endsShell(line: string): boolean {
  return /^\s*exit(\s|$)/.test(line);
}

export interface ShellTarget {
  readonly step: Step;
  readonly side: StateSide;
  readonly steps: number;
  /** A shell of the debug root, not of the image. */
  readonly debugRoot: boolean;
}

/** What stands in the way of something: a state, and what would be lost with it. */
export interface OpenState {
  readonly step: number;
  readonly side: StateSide;
  readonly debugRoot: boolean;
  /** Names of programs that run in its shells; untrusted. */
  readonly programs: readonly string[];
}

interface AliveShell extends OpenedShell {
  readonly filter: RelayFilter;
}

interface PlainState extends Omit<OpenState, "programs"> {
  /** Shells that were left, the latest last. */
  readonly left: AliveShell[];
  /** Keeps the files when no shell is left. */
  shared: SharedContainer | undefined;
}

/** Owns the containers of its shells; disposing ends them. */
export class PlainShells implements AsyncDisposable {
  readonly #options: PlainShellsOptions;
  readonly #states = new Map<string, PlainState>();

  constructor(options: PlainShellsOptions) {
    this.#options = options;
  }

  /** A shell was left in the state, or its files were. */
  has(target: ShellTarget): boolean {
    return this.#states.has(keyOf(target.step.id, target));
  }

  /** A container that shells of a state are in, or left; undefined when none is open. */
  containerAt(step: Step, side: StateSide): Container | undefined {
    const state = [...this.#states.values()].find((each) => each.step === step.id && each.side === side);
    return state?.shared?.container ?? state?.left.at(-1)?.container;
  }

  isAt({ step, side, debugRoot }: Omit<OpenState, "programs">, target: ShellTarget): boolean {
    return step === target.step.id && side === target.side && debugRoot === target.debugRoot;
  }

  /** The states, with the programs that run in them. */
  async open(): Promise<readonly OpenState[]> {
    const signal = AbortSignal.timeout(PROGRAM_LOOKUP_MS);
    return await Promise.all(
      [...this.#states.values()].map(async ({ left, step, side, debugRoot }) => {
        const programs = await Promise.all(left.map((shell) => shell.program({ signal })));
        return { step, side, debugRoot, programs: programs.filter((program) => program !== undefined) };
      }),
    );
  }

  /** Ends the shells of states and forgets their files; false when there were none. */
  async release(which: (state: Omit<OpenState, "programs">) => boolean): Promise<boolean> {
    const states = [...this.#states].filter(([, state]) => which(state));
    for (const [key] of states) this.#states.delete(key);
    await Promise.all(
      states.map(async ([, { shared, left }]) => {
        await shared?.[Symbol.asyncDispose]();
        await Promise.all(left.map(({ container }) => container[Symbol.asyncDispose]()));
      }),
    );
    return states.length > 0;
  }

  /**
   * Gives standard input to the shell of a state that was left last, or to one that is opened (`another`: in any case),
   * until it is left or ends.
   * @param opened told once the shell runs, before it gets anything
   * @throws {BktuiError} "not-now", "not-found" when there is no shell in the image, "cancelled".
   */
  async visit(
    target: ShellTarget & { readonly another?: boolean },
    opened: (shell: OpenedShell) => void,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Visit> {
    const { terminal } = this.#options;
    const { side, debugRoot } = target;
    const { id: step } = target.step;
    const key = keyOf(step, target);
    const state: PlainState = this.#states.get(key) ?? { step, side, debugRoot, left: [], shared: undefined };
    const known = target.another === true ? undefined : state.left.pop();
    const shell = known ?? { ...(await this.#open(target, state.shared, signal)), filter: new RelayFilter() };
    this.#states.set(key, state);
    this.#share(key, state, shell.shared);
    opened(shell);
    let visit: Visit | undefined;
    try {
      visit =
        terminal === undefined
          ? await this.#byLines(shell, signal)
          : await this.#byTerminal(shell, terminal, signal);
      return visit;
    } finally {
      if (visit?.kind === "left") state.left.push(shell);
      else await this.#ended(key, state, shell, visit);
    }
  }

  /** Ends every shell: their states are about to go. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release(() => true);
  }

  #share(key: string, state: PlainState, shared: SharedContainer | undefined): void {
    if (shared === undefined || shared === state.shared) return;
    state.shared = shared;
    void shared.gone.then(() => {
      if (state.shared === shared && this.#states.get(key) === state) this.#states.delete(key);
    });
  }

  /** A shell that was not left is over; one that was given up ends with all that runs in it. */
  async #ended(key: string, state: PlainState, shell: AliveShell, visit: Visit | undefined): Promise<void> {
    if (visit === undefined) await quietly(shell.end());
    if (shell.shared !== undefined) return;
    await shell.container[Symbol.asyncDispose]();
    if (state.left.length === 0) this.#states.delete(key);
  }

  async #open(
    target: ShellTarget,
    shared: SharedContainer | undefined,
    signal: AbortSignal,
  ): Promise<OpenedShell> {
    const { debug, terminal, command, prompt } = this.#options;
    const talk: ShellTalk =
      terminal === undefined
        ? { kind: "lines" }
        : { kind: "terminal", term: terminal.term, ...terminal.size() };
    if (shared !== undefined) return await shared.another(talk);
    return await openShell(debug, { ...target, talk, command, prompt }, { signal });
  }

  async #byTerminal(shell: AliveShell, terminal: TerminalFacts, signal: AbortSignal): Promise<Visit> {
    const { input, stdin, stdout, leave } = this.#options;
    const { process, filter } = shell;
    const resize = (): void => {
      const { columns, rows } = terminal.size();
      process.resize(columns, rows);
    };
    const stopResize = terminal.onResize(resize);
    using _raw = new RawMode({ setRawMode: (raw) => stdin.setRawMode?.(raw) });
    stdout.write(filter.again());
    // A program that fills the screen draws it anew when the size changes.
    const { columns, rows } = terminal.size();
    process.resize(columns, Math.max(1, rows - 1));
    resize();
    process.resume();
    shell.onData((chunk) => {
      if (stdout.write(filter.push(chunk))) return;
      process.pause();
      stdout.onDrain(() => process.resume());
    });
    try {
      return await new Promise<Visit>((resolve, reject) => {
        input.relay(
          (chunk) => {
            const at = chunk.findIndex((byte) => leave.includes(byte));
            process.write(at < 0 ? chunk : chunk.subarray(0, at));
            if (at < 0) return undefined;
            resolve({ kind: "left" });
            return chunk.subarray(at + 1);
          },
          () => resolve({ kind: "left" }),
        );
        const settle = (code: number | undefined): void => resolve({ kind: "exited", code, tookAll: true });
        process.exited.then(settle, () => settle(undefined));
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    } finally {
      input.endRelay();
      stopResize();
      // Kept for the next visit, and no further than the engine's window: back-pressure reaches the process.
      process.pause();
      stdout.write(`${filter.restore()}\r\n`);
    }
  }

  async #byLines({ process, onData }: OpenedShell, signal: AbortSignal): Promise<Visit> {
    const { input, stdout } = this.#options;
    const lines = new VisibleLines((line) => stdout.line(line));
    onData((chunk) => lines.push(chunk));
    const ended = process.exited.then(
      (code) => ({ code }),
      () => ({ code: undefined }),
    );
    const cancelled = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    let tookAll = false;
    while (!tookAll) {
      const next = await Promise.race([input.line(), ended, cancelled]);
      if (typeof next === "object") break;
      tookAll = next === undefined || endsShell(next);
      if (next !== undefined) process.write(Buffer.from(`${next}\n`));
    }
    input.forgetReader();
    // Shells inside the shell end with their input too.
    process.endInput();
    const { code } = await Promise.race([ended, cancelled]);
    lines.flush();
    return { kind: "exited", code, tookAll };
  }
}

/** Output of a container as harmless lines. */
export class VisibleLines {
  readonly #line: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  push(chunk: Uint8Array): void {
    const [first = "", ...more] = this.#decoder.write(Buffer.from(chunk)).split("\n");
    this.#rest += first;
    for (const part of more) {
      this.#line(visibleText(this.#rest.replace(/\r$/, "")));
      this.#rest = part;
    }
  }

  flush(): void {
    if (this.#rest !== "") this.#line(visibleText(this.#rest));
    this.#rest = "";
  }
}

function keyOf(step: number, { side, debugRoot }: Pick<ShellTarget, "side" | "debugRoot">): string {
  return `${step}:${side}:${debugRoot}`;
}
