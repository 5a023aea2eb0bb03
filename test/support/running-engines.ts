/**
 * Starts an engine of the tests again that does not run steps any more. 20.10 has stopped to, in a run of all tests: what
 * came later waited out its time three times over.
 */
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { vi } from "vitest";
import { acquireLock } from "../../src/engine/private/home/lock.ts";
import { startPrivateEngine, statusOf, stopPrivateEngine } from "../../src/engine/private/private-engine.ts";
import { childrenOf } from "../../src/engine/private/system/processes.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { startDebugging, where } from "./debugging.ts";
import type { TestEngine } from "./test-engine.ts";

/** A step takes a second on a busy machine. */
const STEP_MS = 40_000;

/** Asks it for a step. What one does that does not run it is printed. Nothing where it was given. */
export async function keepRunning(
  { name, dockerHost, started }: TestEngine,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  if (started === undefined) return;
  // One worker looks at a time: the next one finds it mended.
  const lock = join(started.directory, "looked-at");
  await using _lock = await acquireLock(lock, { signal, onWait: () => undefined });
  if (await runsSteps(dockerHost)) return;
  const stacks = await stacksOf(started.directory).catch((error: unknown) => String(error));
  process.stderr.write(`engines: ${name} does not run steps and is started again; it does:\n${stacks}\n`);
  await stopPrivateEngine(started.directory, { signal });
  const options = { kind: "dockerd", network: "isolated", onProgress: () => undefined, ...started } as const;
  await startPrivateEngine(options, { signal });
}

async function runsSteps(dockerHost: string): Promise<boolean> {
  const Dockerfile = `FROM scratch\nCOPY busybox /bin/\nRUN ["/bin/busybox","echo","${randomUUID()}"]\n`;
  const build = async (): Promise<boolean> => {
    await using debugging = await startDebugging(parseAddress(dockerHost), { files: { Dockerfile } });
    debugging.debug.dispatch({ kind: "continue" });
    return where(await debugging.debug.rest()) === "finished";
  };
  // One that hangs ends with its engine.
  return await Promise.race([build().catch(() => false), delay(STEP_MS, false, { ref: false })]);
}

/** Where a private dockerd has its sockets, and writes what it is asked for by SIGUSR1 (seen on 20.10 and 28.5). */
const EXEC_ROOT = "run/bktui/exec";
const STACKS = /^goroutine-stacks/;
/** Those that have waited for a minute, and whatever runs a step. */
const OF_INTEREST = /^goroutine \d+ \[[^\]]*\d minutes|buildkit\/executor|libnetwork/;

/** Goroutines of its dockerd. */
async function stacksOf(directory: string): Promise<string> {
  const daemon = await daemonIn(directory);
  if (daemon === undefined) return "its dockerd does not run";
  const place = `/proc/${daemon}/root/${EXEC_ROOT}`;
  process.kill(daemon, "SIGUSR1");
  const text = await vi.waitFor(async () => {
    const name = (await readdir(place)).find((file) => STACKS.test(file));
    return await readFile(join(place, String(name)), "utf8");
  }, 10_000);
  return text
    .split("\n\n")
    .filter((stack) => OF_INTEREST.test(stack))
    .join("\n\n");
}

async function daemonIn(directory: string): Promise<number | undefined> {
  const status = await statusOf(directory);
  if (status.kind !== "running") return undefined;
  const found = [status.pid];
  for (const pid of found) {
    if ((await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim() === "dockerd") return pid;
    found.push(...(await childrenOf(pid)));
  }
  return undefined;
}
