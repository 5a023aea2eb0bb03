/** A dockerd that belongs to one test alone and can be killed, suspended and started again. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import {
  purgePrivateEngine,
  type StartOptions,
  startPrivateEngine,
  statusOf,
  stopPrivateEngine,
} from "../../src/engine/private/private-engine.ts";
import { childrenOf } from "../../src/engine/private/system/processes.ts";
import { leftOn } from "./engine-census.ts";
import type { TestEngine } from "./test-engine.ts";

const { signal } = new AbortController();
const run = promisify(execFile);

type OwnOptions = Pick<StartOptions, "memoryBytes" | "daemonJson" | "delve">;

export class OwnEngine implements AsyncDisposable {
  readonly directory: string;
  readonly engine: TestEngine;
  readonly #base: string;

  readonly #suite: string;

  private constructor(base: string, suite: string, engine: TestEngine) {
    this.#base = base;
    this.#suite = suite;
    this.directory = directoryIn(base);
    this.engine = engine;
  }

  /** By default the newest one. */
  static async start(
    suite = newestSuite(),
    /** Size of a disk of its own, in bytes; undefined = this machine's. `daemonJson` is added to its configuration. */
    { diskBytes, ...options }: OwnOptions & { readonly diskBytes?: number } = {},
  ): Promise<OwnEngine> {
    const base = await mkdtemp(join(tmpdir(), "bktui-own-"));
    try {
      if (diskBytes !== undefined)
        await run("mount", ["-t", "tmpfs", "-o", `size=${diskBytes}`, "bktui", base]);
      return new OwnEngine(base, suite, await startIn(directoryIn(base), suite, options));
    } catch (error) {
      await rm(base, { recursive: true });
      throw error;
    }
  }

  /** As before, on the same address and cache. */
  async startAgain(): Promise<void> {
    await startIn(this.directory, this.#suite);
  }

  /** In order, as `bktui engine stop`. */
  async stop(): Promise<void> {
    await stopPrivateEngine(this.directory, { signal });
  }

  /** The daemon itself, without warning; what it had started is left to whoever cleans up. */
  async killDaemon(): Promise<void> {
    process.kill(await this.daemonPid(), "SIGKILL");
  }

  /** Every process of it, the steps included. */
  async suspend(): Promise<void> {
    await this.#signal("SIGSTOP");
  }

  async resume(): Promise<void> {
    await this.#signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // An engine that does not say what is left on it goes too.
    const left = await leftOn(this.directory, this.#suite).catch((error) => [`unknown: ${String(error)}`]);
    await purgePrivateEngine(this.directory, { signal });
    // What has no disk of its own has nothing to give back.
    await run("umount", [this.#base]).catch(() => undefined);
    await rm(this.#base, { recursive: true });
    if (left.length > 0) throw new Error(`left behind on the engine:\n${left.join("\n")}`);
  }

  /** Process id of the first process in the engine's own pid namespace. */
  async initPid(): Promise<number> {
    const status = await statusOf(this.directory);
    if (status.kind !== "running") throw new Error("the engine does not run");
    return status.pid;
  }

  /** Process id of the daemon itself. */
  async daemonPid(): Promise<number> {
    for (const pid of await this.#processes()) if (await isDockerd(pid)) return pid;
    throw new Error("there is no dockerd in the engine");
  }

  async #signal(name: "SIGSTOP" | "SIGCONT"): Promise<void> {
    for (const pid of await this.#processes()) {
      try {
        process.kill(pid, name);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  }

  /** Parents first: what is stopped starts nothing any more. */
  async #processes(): Promise<readonly number[]> {
    const found = [await this.initPid()];
    for (const pid of found) found.push(...(await childrenOf(pid)));
    return found;
  }
}

function directoryIn(base: string): string {
  return join(base, "engine");
}

export function newestSuite(): string {
  const suite = inject("privateSuite");
  if (suite === undefined) throw new Error("these engines were given from outside");
  return suite;
}

async function startIn(directory: string, suite: string, own: OwnOptions = {}): Promise<TestEngine> {
  const options = { kind: "dockerd", suite, directory, network: "isolated", ...own } as const;
  const { address, version, binDir } = await startPrivateEngine(
    { ...options, onProgress: () => undefined },
    { signal },
  );
  return {
    name: "own",
    kind: "dockerd",
    version,
    dockerHost: address.text,
    binDir,
    keepsFailedState: !version.startsWith("20."),
  };
}

/** False of one that is gone: an engine's steps come and go while its processes are looked at. */
async function isDockerd(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim() === "dockerd";
}
