/** What a fault is, and the peer that meets the same one in the same run. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { engineVariables } from "../../test/support/engine-variables.ts";
import type { TestEngine } from "../../test/support/test-engine.ts";
import type { Bench } from "../bench.ts";

export interface FaultBench extends Bench {
  /** Of the packages that engines of a fault's own are made of. */
  readonly suite: string;
}

/** What was seen, in words with figures. */
export interface Seen {
  readonly ours: string;
  /** Undefined: it cannot be asked for the same thing. */
  readonly peer: string | undefined;
}

export interface Fault {
  readonly name: string;
  readonly failure: string;
  /** What others were seen to do, measured once, where this run has no peer that meets the same thing. */
  readonly others?: string;
  measure(bench: FaultBench): Promise<Seen>;
}

const PATIENCE_MS = 60_000;

/** Milliseconds until it holds. @throws {Error} after a minute. */
export async function msUntil(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<number> {
  const from = performance.now();
  while (!(await holds())) {
    if (performance.now() - from > patienceMs) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await delay(5);
  }
  return performance.now() - from;
}

/** The peer at work: `docker buildx build`, without a terminal. */
export class Peer {
  readonly child: ChildProcess;
  readonly #ended: Promise<void>;
  output = "";

  private constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    this.#ended = once(child, "close").then(() => undefined);
  }

  static async build(
    bench: FaultBench,
    args: readonly string[],
    {
      engine = bench.engine,
      stdout = "pipe",
      limited = false,
    }: {
      readonly engine?: TestEngine;
      readonly stdout?: number | "pipe";
      /** Without root's right to read everything. */
      readonly limited?: boolean;
    } = {},
  ): Promise<Peer> {
    const home = join(bench.scratch, "docker-home");
    await mkdir(home, { recursive: true });
    const buildx = join(bench.engine.binDir ?? "", "docker-buildx");
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, ...engineVariables(engine) };
    const command = [buildx, "build", "--progress=plain", ...args];
    const all = limited
      ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", ...command]
      : command;
    const [program = "", ...rest] = all;
    return new Peer(spawn(program, rest, { env, stdio: ["ignore", stdout, "pipe"] }));
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  async ended(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  async says(pattern: RegExp): Promise<void> {
    await msUntil(`the peer says ${pattern}`, () => pattern.test(this.output));
  }
}

/** A command that no other process of this machine has. */
export function uniqueSleep(): string {
  return `sleep ${randomInt(1e6, 1e9)}`;
}

export function seconds(ms: number): string {
  return ms < 950 ? `${Math.max(10, Math.round(ms / 10) * 10)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
