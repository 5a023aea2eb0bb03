/** bktui on a daemon that means no good. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { type EvilPlan, startEvilDaemon } from "./evil-daemon.ts";
import { runBktui } from "./program.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";

/** A context with a Dockerfile, and bktui on the evil daemon. */
export class Evil implements AsyncDisposable {
  readonly #scope = new Scope();
  readonly context: string;
  readonly asked: Promise<void>;
  readonly #engine: NonNullable<TerminalOptions["engine"]>;

  private constructor(context: string, asked: Promise<void>, engine: NonNullable<TerminalOptions["engine"]>) {
    this.context = context;
    this.asked = asked;
    this.#engine = engine;
  }

  static async start(plan: EvilPlan, files: Readonly<Record<string, string>> = {}): Promise<Evil> {
    const context = await mkdtemp(join(tmpdir(), "bktui-context-"));
    await writeFile(join(context, "Dockerfile"), "FROM scratch\nRUN one\nRUN two\n");
    for (const [name, text] of Object.entries(files)) await writeFile(join(context, name), text);
    const daemon = await startEvilDaemon(plan);
    const evil = new Evil(context, daemon.asked, daemon.engine);
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
  async headless(path = "."): ReturnType<typeof runBktui> {
    return await runBktui(["--run", path], { engine: this.#engine, cwd: this.context });
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
