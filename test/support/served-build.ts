/** A build that another program steps, and terminals that are its shells. */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { busyboxContext, type TestContext } from "./engines.ts";
import { fixtureAt } from "./fixtures.ts";
import { JsonSession } from "./json-session.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";
import type { TestEngine } from "./test-engine.ts";

const WITHIN = { timeout: 20_000, interval: 50 };

export interface StartOptions {
  readonly args?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A session for programs that serves its build, in a folder of sockets that no other test sees. */
export class ServedBuild implements AsyncDisposable {
  readonly session: JsonSession;
  readonly socket: string;
  /** In the environment of everything that runs in this build's containers. */
  readonly mark: string;
  readonly dockerfile: string;
  readonly #runtime: string;
  readonly #context: TestContext;
  #commands = 0;

  private constructor(
    parts: Pick<ServedBuild, "session" | "socket" | "mark" | "dockerfile">,
    runtime: string,
    context: TestContext,
  ) {
    this.session = parts.session;
    this.socket = parts.socket;
    this.mark = parts.mark;
    this.dockerfile = parts.dockerfile;
    this.#runtime = runtime;
    this.#context = context;
  }

  /** @param dockerfile with a line `ADD busybox …`; default: that of the scenarios, which fails */
  static async start(
    engine: TestEngine,
    dockerfile?: string,
    { args = [], files = {}, env = {} }: StartOptions = {},
  ): Promise<ServedBuild> {
    const runtime = await mkdtemp(join(tmpdir(), "bktui-run-"));
    const mark = randomUUID();
    const text = dockerfile ?? (await readFile(join(fixtureAt("fx"), "Dockerfile"), "utf8"));
    const Dockerfile = text.replace(/^(ADD busybox .*)$/m, `$1\nENV MARK=${mark}`);
    const context = await busyboxContext({ files: { ...files, Dockerfile }, unique: true });
    const session = await JsonSession.start(["--serve", ...args, context.path], engine, {
      env: { XDG_RUNTIME_DIR: runtime, ...env },
    });
    const note = await session.until(({ type, words }) => type === "note" && /attach/.test(String(words)));
    const [, socket = ""] = /bktui attach (\S+)$/.exec(String(note["words"])) ?? [];
    return new ServedBuild({ session, socket, mark, dockerfile: Dockerfile }, runtime, context);
  }

  /** Gives a command; answers its id. */
  send(command: string): string {
    this.#commands += 1;
    const id = `c${this.#commands}`;
    this.session.send({ id, command });
    return id;
  }

  /** Gives a command and waits until the build stands. @throws when it was refused. */
  async command(command: string): Promise<void> {
    const id = this.send(command);
    const { ok, error } = await this.session.answer(id);
    if (ok !== true) throw new Error(`${command}: ${error?.message}`);
  }

  /** Runs to the instruction that begins so. */
  async runTo(instruction: string): Promise<void> {
    await this.command(`to ${this.lineOf(instruction)}`);
  }

  /** Counted from 1. */
  lineOf(instruction: string): number {
    return this.dockerfile.split("\n").findIndex((line) => line.startsWith(instruction)) + 1;
  }

  /** `bktui attach --shell` on a terminal. */
  shell(options: Partial<TerminalOptions> = {}): Promise<Terminal> {
    const { args = [], ...others } = options;
    return Terminal.start({ ...others, args: ["attach", "--shell", ...args, this.socket] });
  }

  /** Command lines of what runs in its containers. */
  async processes(): Promise<readonly string[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      pids.map(async (pid) => {
        const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
        if (!environment.includes(`MARK=${this.mark}`)) return undefined;
        return (await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => ""))
          .replaceAll("\0", " ")
          .trim();
      }),
    );
    return found.filter((line) => line !== undefined);
  }

  /** Waits until nothing runs in its containers any more. */
  async untilEmpty(): Promise<void> {
    await vi.waitFor(async () => {
      const left = await this.processes();
      if (left.length > 0) throw new Error(`left: ${left.join("\n")}`);
    }, WITHIN);
  }

  /** Waits until a process with this command line runs in one of them. */
  async untilRuns(command: string): Promise<void> {
    await vi.waitFor(async () => {
      const all = await this.processes();
      if (!all.includes(command)) throw new Error(`${command} is not among\n${all.join("\n")}`);
    }, WITHIN);
  }

  /** Names of what lies in the folder of sockets. */
  async sockets(): Promise<readonly string[]> {
    return await readdir(join(this.#runtime, "bktui", "attach")).catch(() => []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Killed, it would leave its containers on an engine that frees none by itself.
    if (this.session.child.exitCode === null && this.session.child.signalCode === null) {
      this.session.send("quit");
      await this.session.ended();
    }
    await this.session[Symbol.asyncDispose]();
    await rm(this.#runtime, { recursive: true, force: true });
    await this.#context[Symbol.asyncDispose]();
  }
}
