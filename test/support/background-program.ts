/** The built program without a terminal, in the background: what it has printed so far, and its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { engineVariables } from "./engine-variables.ts";
import { type ProgramHome, programHome } from "./kept-code.ts";
import { programEnvironment } from "./program-environment.ts";
import type { TestEngine } from "./test-engine.ts";

const program = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));
const WAIT_MS = 30_000;

/** Disposing kills it. */
export class BackgroundProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #home: ProgramHome;
  readonly #waiting = new Set<() => void>();
  #stderr = "";

  private constructor(child: ChildProcess, home: ProgramHome) {
    this.#child = child;
    this.#home = home;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      for (const look of [...this.#waiting]) look();
    });
  }

  static async start(
    args: readonly string[],
    options: { readonly engine: TestEngine; readonly env: Readonly<Record<string, string>> },
  ): Promise<BackgroundProgram> {
    const home = await programHome(options.env);
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...programEnvironment(), HOME: home.path, ...engineVariables(options.engine), ...options.env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    return new BackgroundProgram(child, home);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until something was printed; answers the first group of the pattern. */
  async printed(pattern: RegExp): Promise<string> {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`never printed ${pattern}:\n${this.#stderr}`)),
        WAIT_MS,
      );
      const look = (): void => {
        const match = pattern.exec(this.#stderr);
        if (match === null) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(match[1] ?? "");
      };
      this.#waiting.add(look);
      look();
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Exit code, or the name of the signal that ended it. */
  async ended(): Promise<number | string | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "close");
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended();
    await this.#home[Symbol.asyncDispose]();
  }
}
