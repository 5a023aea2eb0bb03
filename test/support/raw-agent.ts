/** The built program's server for agents, spoken to by lines as they are: also by such as no client would send. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { engineVariables } from "./engine-variables.ts";
import { program } from "./program.ts";
import { programEnvironment } from "./program-environment.ts";
import type { TestEngine } from "./test-engine.ts";

const WAIT_MS = 60_000;

export type Id = string | number | null;

/** Disposing kills it. */
export class RawAgent implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #home: string;
  readonly #waiting = new Set<() => void>();
  /** How often each id was answered, as JSON. */
  readonly answers = new Map<string, number>();
  readonly lines: string[] = [];
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
  stderr = "";

  private constructor(child: ChildProcessWithoutNullStreams, home: string) {
    this.child = child;
    this.#home = home;
    this.ended = once(child, "close").then(() => [child.exitCode, child.signalCode] as const);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => this.#take(line));
    void this.ended.then(() => this.#wake());
  }

  static async start(
    args: readonly string[],
    { engine }: { readonly engine?: TestEngine } = {},
  ): Promise<RawAgent> {
    const home = await mkdtemp(join(tmpdir(), "bktui-agent-"));
    const env = { ...programEnvironment(), HOME: home, ...engineVariables(engine) };
    const child = spawn(process.execPath, [program, "mcp", ...args], { env, cwd: home });
    return new RawAgent(child, home);
  }

  async write(text: string | Uint8Array): Promise<void> {
    if (this.child.stdin.write(text)) return;
    await Promise.race([once(this.child.stdin, "drain"), this.ended]);
  }

  async send(message: unknown): Promise<void> {
    await this.write(`${JSON.stringify(message)}\n`);
  }

  async initialize(): Promise<void> {
    const params = {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "raw", version: "1" },
    };
    await this.send({ jsonrpc: "2.0", id: "initialize", method: "initialize", params });
    await this.answered(["initialize"]);
    await this.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  }

  async call(id: Id, name: string, args: object = {}): Promise<void> {
    await this.send({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args } });
  }

  /** Waits until each has been answered. @throws {Error} with those that are not in time */
  async answered(ids: readonly Id[]): Promise<void> {
    await this.answeredAsOften(new Map(ids.map((id) => [JSON.stringify(id), 1])));
  }

  /** @param wanted how often each id, as JSON, must have been answered since the start */
  async answeredAsOften(wanted: ReadonlyMap<string, number>): Promise<void> {
    const missing = (): readonly string[] =>
      [...wanted].filter(([id, count]) => (this.answers.get(id) ?? 0) < count).map(([id]) => id);
    const deadlineMs = performance.now() + WAIT_MS;
    while (missing().length > 0) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0 || this.child.exitCode !== null)
        throw new Error(`no answer to ${missing().slice(0, 5).join(", ")}; ${this.stderr.slice(-500)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
    await rm(this.#home, { recursive: true, force: true });
  }

  #take(line: string): void {
    const message: unknown = JSON.parse(line);
    if (typeof message === "object" && message !== null && "id" in message && !("method" in message)) {
      const id = JSON.stringify(message.id);
      this.answers.set(id, (this.answers.get(id) ?? 0) + 1);
    }
    this.lines.push(line);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
