/** The shells of the line mode: one at a time has standard input, on a terminal or by lines. */
import { StringDecoder } from "node:string_decoder";
import { isAnswer, isDumb, RelayFilter } from "../../base/relay-filter.ts";
import { visibleText } from "../../base/visible.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { displayOf, openIn, rejection, runOnce } from "../../debugger/shells/one-shot.ts";
import type { OpenState, ShellTarget, StateShell } from "../../debugger/shells/open-state.ts";
import { OpenStates } from "../../debugger/shells/open-states.ts";
import type { OpenedShell, ShellTalk } from "../../debugger/shells/shared-container.ts";
import type { Container, StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { Output } from "../output.ts";
import type { InputStream, LineInput } from "./line-input.ts";
import { RawMode } from "./raw-mode.ts";

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
 * How the use of a shell ended; an exit code is undefined when the engine dropped the shell. `tookAll`: of a script, the
 * shell got all the lines that are for it.
 */
export type UseEnd =
  | { readonly kind: "left" }
  | { readonly kind: "exited"; readonly code: number | undefined; readonly tookAll: boolean };

/** Of a script, the last line that is for a shell. */
export function endsShell(line: string): boolean {
  return /^\s*exit(\s|$)/.test(line);
}

/** A shell as the line mode has it: what it prints goes through the filter while it has the terminal. */
interface LineShell {
  readonly opened: OpenedShell;
  readonly filter: RelayFilter;
}

/** The open states of the line mode, and who has standard input; disposing ends all their shells. */
export class PlainShells implements AsyncDisposable {
  /** The shells themselves, their containers and their ends. */
  readonly states: OpenStates<LineShell>;
  readonly #options: PlainShellsOptions;
  /** Shells that were left, the latest last. */
  readonly #left = new Set<StateShell<LineShell>>();

  constructor(options: PlainShellsOptions) {
    const { debug, terminal, command, prompt } = options;
    this.#options = options;
    this.states = new OpenStates({
      debug,
      start: () => ({ talk: talkOn(terminal), command, prompt }),
      show: (opened) => ({ opened, filter: new RelayFilter() }),
    });
  }

  /** What is open at a target; undefined when there is nothing but the step's own files. */
  at({ step, side, debugRoot }: ShellTarget): OpenState | undefined {
    const state = this.states.find(step.id, side, debugRoot);
    return state?.container === undefined ? undefined : state;
  }

  /** A container that shells of a state are in, or left; undefined when none is open. */
  containerAt(step: Step, side: StateSide): Container | undefined {
    return this.states.all
      .filter((state) => state.step.vertex === step.vertex && state.side === side)
      .map(({ container }) => container)
      .find((container) => container !== undefined);
  }

  /**
   * Gives standard input to the shell of a state that was left last, or to one that is opened (`another`: in any case),
   * until it is left or ends.
   * @param opened told once the shell runs; answers what is typed into it first
   * @throws {BktuiError} "not-now", "not-found" when there is no shell in the image, "cancelled".
   */
  async use(
    target: ShellTarget & { readonly another?: boolean },
    opened: (shell: OpenedShell) => string,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<UseEnd> {
    const { terminal } = this.#options;
    const known = target.another === true ? undefined : this.#takeLeft(target);
    const shell = known ?? (await openIn(this.states, target, {}, signal));
    const display = displayOf(shell);
    const write = (data: Uint8Array): void => this.states.write(shell, data);
    write(Buffer.from(opened(display.opened)));
    let ended: UseEnd | undefined;
    try {
      ended =
        terminal === undefined
          ? await this.#byLines(display.opened, write, signal)
          : await this.#byTerminal(display, write, { terminal, signal });
      return ended;
    } finally {
      if (ended?.kind === "left") this.#left.add(shell);
      // One that was given up ends with all that runs in it.
      else await this.states.end(shell);
    }
  }

  /**
   * Runs a program without a shell, beside the shells of the state and in their files; what it prints becomes harmless
   * lines. Answers the exit code; undefined when the engine dropped the program. What it opened goes with it.
   * @throws {BktuiError} "not-now", "not-found" when it does not run here, "cancelled".
   */
  async run(
    target: ShellTarget,
    program: readonly string[],
    { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
  ): Promise<number | undefined> {
    const lines = new VisibleLines(say);
    const code = await runOnce(this.states, target, program, {
      openedOf: ({ opened }) => opened,
      onData: (chunk) => lines.push(chunk),
      signal,
    });
    lines.flush();
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.states[Symbol.asyncDispose]();
  }

  #takeLeft(target: ShellTarget): StateShell<LineShell> | undefined {
    const open = new Set(this.states.all.flatMap(({ shells }) => shells));
    for (const shell of this.#left) if (!open.has(shell)) this.#left.delete(shell);
    const last = [...this.#left].findLast((shell) => this.at(target)?.shells.includes(shell) === true);
    if (last !== undefined) this.#left.delete(last);
    return last;
  }

  async #byTerminal(
    { opened, filter }: LineShell,
    write: (data: Uint8Array) => void,
    { terminal, signal }: { readonly terminal: TerminalFacts; readonly signal: AbortSignal },
  ): Promise<UseEnd> {
    const { input, stdin, stdout, leave } = this.#options;
    const { process } = opened;
    const resize = (): void => {
      const { columns, rows } = terminal.size();
      process.resize(columns, rows);
    };
    const stopResize = terminal.onResize(resize);
    using _raw = new RawMode({ setRawMode: (raw) => stdin.setRawMode?.(raw) });
    const obeys = !isDumb(terminal.term);
    if (obeys) stdout.write(filter.again());
    // A program that fills the screen draws it anew when the size changes.
    const { columns, rows } = terminal.size();
    process.resize(columns, Math.max(1, rows - 1));
    resize();
    process.resume();
    opened.onData((chunk) => {
      if (stdout.write(filter.push(chunk))) return;
      process.pause();
      stdout.onDrain(() => process.resume());
    });
    try {
      return await new Promise<UseEnd>((resolve, reject) => {
        input.relay(
          (chunk) => {
            const at = chunk.findIndex((byte) => leave.includes(byte));
            // A shell that nobody typed into stays unused.
            if (isAnswer(chunk)) process.write(chunk);
            else write(at < 0 ? chunk : chunk.subarray(0, at));
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
      // Kept for the next use, and no further than the engine's window: back-pressure reaches the process.
      process.pause();
      stdout.write(`${obeys ? filter.restore() : ""}\r\n`);
    }
  }

  async #byLines(
    { process, onData }: OpenedShell,
    write: (data: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<UseEnd> {
    const { input, stdout } = this.#options;
    const lines = new VisibleLines((line) => stdout.line(line));
    onData((chunk) => lines.push(chunk));
    const ended = process.exited.then(
      (code) => ({ code }),
      () => ({ code: undefined }),
    );
    const cancelled = rejection(signal);
    let tookAll = false;
    while (!tookAll) {
      const next = await Promise.race([input.line(), ended, cancelled]);
      if (typeof next === "object") break;
      tookAll = next === undefined || endsShell(next);
      if (next !== undefined) write(Buffer.from(`${next}\n`));
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

function talkOn(terminal: TerminalFacts | undefined): ShellTalk {
  return terminal === undefined
    ? { kind: "lines" }
    : { kind: "terminal", term: terminal.term, ...terminal.size() };
}
