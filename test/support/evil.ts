/** bktui on a daemon that means no good. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Scope } from "../../src/base/scope.ts";
import { engineVariables } from "./engine-variables.ts";
import { type EvilDaemon, type EvilPlan, startEvilDaemon } from "./evil-daemon.ts";
import { runBktui } from "./program.ts";
import { programEnvironment } from "./program-environment.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));

/** A context with a Dockerfile, and bktui on the evil daemon. */
export class Evil implements AsyncDisposable {
  readonly #scope = new Scope();
  readonly context: string;
  readonly asked: Promise<void>;
  readonly #daemon: EvilDaemon;

  private constructor(context: string, daemon: EvilDaemon) {
    this.context = context;
    this.asked = daemon.asked;
    this.#daemon = daemon;
  }

  get #engine(): NonNullable<TerminalOptions["engine"]> {
    return this.#daemon.engine;
  }

  static async start(plan: EvilPlan, files: Readonly<Record<string, string>> = {}): Promise<Evil> {
    const context = await mkdtemp(join(tmpdir(), "bktui-context-"));
    await writeFile(join(context, "Dockerfile"), "FROM scratch\nRUN one\nRUN two\n");
    for (const [name, text] of Object.entries(files)) await writeFile(join(context, name), text);
    const daemon = await startEvilDaemon(plan);
    const evil = new Evil(context, daemon);
    evil.#scope.defer(() => rm(context, { recursive: true }));
    evil.#scope.own(daemon);
    return evil;
  }

  async terminal(options: Partial<TerminalOptions> = {}): Promise<Terminal> {
    const args = options.args ?? [this.context];
    return this.#scope.own(await Terminal.start({ ...options, engine: this.#engine, args }));
  }

  async loaded(options: Partial<TerminalOptions> = {}): Promise<Terminal> {
    const terminal = await this.terminal(options);
    await terminal.untilRow(1, /LOADED/);
    return terminal;
  }

  /** In the context's directory. */
  async headless(path = ".", options: readonly string[] = []): ReturnType<typeof runBktui> {
    return await runBktui(["--run", ...options, path], { engine: this.#engine, cwd: this.context });
  }

  /** bktui in the context's directory, to be ended by a signal. */
  async start(
    args: readonly string[],
  ): Promise<{ kill(signal: NodeJS.Signals): void; readonly exitCode: Promise<number | null> }> {
    const home = await mkdtemp(join(tmpdir(), "bktui-home-"));
    this.#scope.defer(() => rm(home, { recursive: true }));
    const env = { ...programEnvironment(), ...engineVariables(this.#engine), HOME: home };
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: this.context, env, stdio: "ignore" });
    this.#scope.defer(() => void child.kill("SIGKILL"));
    return {
      kill: (signal) => void child.kill(signal),
      exitCode: once(child, "close").then(() => child.exitCode),
    };
  }

  /** The daemon dies. */
  async end(): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope[Symbol.asyncDispose]();
  }
}

/** Opens and closes the help: what was typed before has been answered then. */
export async function keyed(terminal: Terminal): Promise<void> {
  terminal.type("?");
  await terminal.until(/─ Help: /);
  terminal.key("Escape");
  await terminal.until((rows) => !rows.some((row) => row.includes("─ Help: ")));
}
