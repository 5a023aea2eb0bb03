/** The process of a shell under its script (shell-script.ts): it speaks without the script's signs, and ends with the shell. */
import { BktuiError } from "../../base/errors.ts";
import type { Process } from "../../engine/engine.ts";
import { isRuntimeText } from "../failures/start-problem.ts";
import { EarlyOutput, type Speaking } from "./first-output.ts";
import { REPRODUCTION_BEGINS, reproductionWords } from "./reproduction.ts";
import { type Sign, SignFilter } from "./shell-script.ts";

export interface ShellProcessOptions {
  readonly mark: string;
  readonly lineEnd: string;
  /** A failed command runs before the shell, and is told about. */
  readonly reproduces: boolean;
  /** The script waits for an answer before it ends. */
  readonly answered: boolean;
}

const MOST_EARLY = 1024;
/** Killed together with its container, or by whoever ends the shell. */
const KILLED = 137;

/** One shell, as seen from outside of its script. */
export class ShellProcess implements Process, Speaking {
  /** Id of its process group once the script runs. Rejects when it ends, or is gone, before. */
  readonly begun: Promise<number>;
  /** Index of the shell that runs. Rejects like `begun`. */
  readonly shell: Promise<number>;
  readonly exited: Promise<number>;
  /** Settles when the script itself has ended. */
  readonly gone: Promise<void>;
  readonly #process: Process;
  readonly #options: ShellProcessOptions;
  readonly #filter: SignFilter;
  readonly #begun = new Settling<number>();
  readonly #shell = new Settling<number>();
  readonly #exited = new Settling<number>();
  readonly #output: EarlyOutput;
  #lastByte = LINE_FEED;
  #hasEnded = false;
  #hasBegun = false;
  /** What came before the script began. */
  #early = "";

  constructor(process: Process, options: ShellProcessOptions) {
    this.#process = process;
    this.#options = options;
    this.#filter = new SignFilter(options.mark);
    this.begun = this.#begun.promise;
    this.shell = this.#shell.promise;
    this.exited = this.#exited.promise;
    this.#output = new EarlyOutput(this);
    if (options.reproduces) this.#show(Buffer.from(`${REPRODUCTION_BEGINS}${options.lineEnd}`));
    process.onData((chunk) => {
      for (const part of this.#filter.push(chunk)) {
        if (part instanceof Uint8Array) this.#hear(part);
        else this.#take(part);
      }
    });
    const scriptEnded = (code: number): void => this.#scriptEnded(code);
    const failed = (error: unknown): void => {
      for (const each of [this.#begun, this.#shell, this.#exited]) each.reject(error);
    };
    this.gone = process.exited.then(scriptEnded, failed);
  }

  get hasSpoken(): boolean {
    return this.#output.hasSpoken;
  }

  onFirst(listener: () => void): void {
    this.#output.onFirst(listener);
  }

  write(data: Uint8Array): void {
    if (!this.#hasEnded) this.#process.write(data);
  }

  endInput(): void {
    if (!this.#hasEnded) this.#process.endInput();
  }

  resize(columns: number, rows: number): void {
    if (!this.#hasEnded) this.#process.resize(columns, rows);
  }

  onData(listener: (chunk: Uint8Array) => void): void {
    this.#output.onData(listener);
  }

  pause(): void {
    if (!this.#hasEnded) this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  #take(sign: Sign): void {
    switch (sign.kind) {
      case "begun":
        this.#hasBegun = true;
        this.#begun.resolve(sign.group);
        return;
      case "shell":
        this.#shell.resolve(sign.index);
        return;
      case "again":
        this.#say(reproductionWords(sign.code));
        return;
      case "ended":
        this.#end(sign.code);
        return;
    }
  }

  /** Nobody listens any more; what the shell left in the background may go on printing. */
  #end(code: number): void {
    if (this.#options.answered) this.#process.write(Buffer.from("\n"));
    this.#hasEnded = true;
    this.#process.resume();
    if (this.#options.answered) this.#process.endInput();
    this.#shell.reject(new BktuiError("not-found", `none of the shells ran (${code})`));
    this.#exited.resolve(code);
  }

  #scriptEnded(code: number): void {
    const error = new BktuiError("not-found", `ended with ${code} before it printed anything`);
    this.#begun.reject(error);
    this.#shell.reject(error);
    this.#exited.resolve(KILLED);
  }

  /**
   * A script that cannot start is told by the container runtime, on the script's output. By lines the process would then
   * stay until its input ends (BuildKit 0.8 to 0.25).
   */
  #hear(chunk: Uint8Array): void {
    this.#show(chunk);
    if (this.#hasBegun || this.#early.length >= MOST_EARLY) return;
    this.#early += Buffer.from(chunk).toString("latin1");
    if (isRuntimeText(this.#early)) this.#process.endInput();
  }

  #show(chunk: Uint8Array): void {
    if (this.#hasEnded || chunk.length === 0) return;
    this.#lastByte = chunk[chunk.length - 1] ?? this.#lastByte;
    this.#output.push(chunk);
  }

  /** A line of bktui's own in the output. */
  #say(words: string): void {
    const { lineEnd } = this.#options;
    this.#show(Buffer.from(`${this.#lastByte === LINE_FEED ? "" : lineEnd}${words}${lineEnd}`));
  }
}

const LINE_FEED = 0x0a;

/** A promise that is settled from outside, and that nobody need wait for. */
class Settling<T> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => {};
  reject: (error: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined);
  }
}
