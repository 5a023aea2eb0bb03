import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { open, readdir, readFile } from "node:fs/promises";
import { errnoOf, sendSignal } from "../../src/engine/private/system/processes.ts";

/** In the environment of everything that a run starts. */
const marker = "BKTUI_GUARDS_RUN";

/**
 * Runs a program until it ends or the signal fires, its output into a file. What it started and left running is ended
 * too: a program without one of its guards may leave anything. Resolves with the exit code; undefined after a signal.
 */
export async function runWhole(
  command: readonly string[],
  options: { readonly cwd: string; readonly log: string; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const [program = "", ...rest] = command;
  const id = randomUUID();
  await using log = await open(options.log, "a");
  const child = spawn(program, rest, {
    cwd: options.cwd,
    stdio: ["ignore", log.fd, log.fd],
    env: { ...process.env, [marker]: id, NO_COLOR: "1" },
    // Ctrl-C is for this program alone: it ends the other in its own order.
    detached: true,
  });
  const stop = (): void => {
    child.kill("SIGKILL");
  };
  options.signal.addEventListener("abort", stop);
  if (options.signal.aborted) stop();
  try {
    return await new Promise<number | undefined>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? undefined));
    });
  } finally {
    options.signal.removeEventListener("abort", stop);
    await endMarked(id);
  }
}

/** Again and again, since one of them may start another meanwhile. */
async function endMarked(id: string): Promise<void> {
  for (let left = await marked(id); left.length > 0; left = await marked(id))
    for (const pid of left) sendSignal(pid, "SIGKILL");
}

async function marked(id: string): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger);
  const found: number[] = [];
  for (const pid of pids) if ((await environmentOf(pid)).includes(`${marker}=${id}`)) found.push(pid);
  return found;
}

/** Empty for a process that has ended or is another user's. */
async function environmentOf(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/environ`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(errnoOf(error) ?? "")) return "";
    throw error;
  }
}
