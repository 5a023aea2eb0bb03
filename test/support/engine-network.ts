/** Servers where an engine's builds can reach them: the test engines have a network of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { TestEngine } from "./test-engine.ts";

/** A program in the engine's network. Dispose to end it. */
export interface EngineServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as the engine sees it. */
  readonly host: string;
}

/**
 * Starts a program in the network of the engine and waits until it listens.
 * @param command its words, made for the port
 */
export async function serveInEngine(
  engine: Pick<TestEngine, "dockerHost">,
  command: (port: number) => readonly string[],
  { env = {} }: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<EngineServer> {
  const pid = await daemonPidOf(engine);
  const port = 20_000 + Math.floor(Math.random() * 40_000);
  const child = spawn("nsenter", [`--net=/proc/${pid}/ns/net`, ...command(port)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const ended = once(child, "close");
  while (!(await listens(pid, port))) {
    if (child.exitCode !== null) throw new Error(`${command(port).join(" ")} ended: ${said}`);
    await delay(20);
  }
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      end(child);
      await ended;
    },
  };
}

function end(child: ChildProcess): void {
  if (child.exitCode === null) child.kill();
}

/** The dockerd behind an address. */
export async function daemonPidOf({ dockerHost }: Pick<TestEngine, "dockerHost">): Promise<number> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const words = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    const [program = ""] = words.split("\0");
    if (/(^|\/)dockerd$/.test(program) && words.includes(dockerHost)) return Number(name);
  }
  throw new Error(`no dockerd of this machine serves ${dockerHost}`);
}

const LISTENING = "0A";

async function listens(pid: number, port: number): Promise<boolean> {
  const table = await readFile(`/proc/${pid}/net/tcp`, "utf8");
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").some((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return local?.endsWith(wanted) === true && state === LISTENING;
  });
}
