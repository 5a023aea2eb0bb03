/** What of bktui others on this machine could get at: while it works, and after it was killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, inject, test, vi } from "vitest";
import { purgePrivateEngine, stopPrivateEngine } from "../../src/engine/private/private-engine.ts";
import { childrenOf, sendSignal } from "../../src/engine/private/system/processes.ts";
import { forEachEngine, testEngines } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { serveLocally } from "../support/local-server.ts";
import { commandLine, commandLinesWith, familyOf, processesWith } from "../support/processes.ts";
import { socketsOf } from "../support/sockets.ts";

const WITHIN = { timeout: 20_000, interval: 50 };
const starter = join(import.meta.dirname, "../support/start-engine.ts");
const suite = inject("privateSuite");

forEachEngine((engine) => {
  test("S39 · nobody can connect to bktui: at a stop with a shell it has nothing but its own connections, and no directory that others can enter", async () => {
    const directory = await mkdtemp(join(tmpdir(), "bktui-outside-"));
    try {
      const env = {
        TMPDIR: directory,
        XDG_RUNTIME_DIR: directory,
        XDG_CACHE_HOME: directory,
        XDG_STATE_HOME: directory,
      };
      await using fx = await Fx.failed(engine, { env });
      // Kept for the next start: it has a directory then.
      fx.terminal.type("b");
      await fx.terminal.until(/^●/m);
      fx.terminal.type("!");
      await fx.prompt("FAILED");
      const family = await familyOf(await fx.terminal.pid());
      const { open, count } = await socketsOf(family);
      // Calls, the session, the watcher's pipe.
      expect(count).toBeGreaterThan(2);
      expect(open).toEqual([]);
      const made = await readdir(directory, { recursive: true, withFileTypes: true });
      const entered = made
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name));
      expect(entered.length).toBeGreaterThan(0);
      for (const path of entered) expect((await stat(path)).mode & 0o077, path).toBe(0);
      expect(made.filter((entry) => entry.isSocket() || entry.isFIFO())).toEqual([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

test("S39 · what would be open to others is seen: sockets on a path, without one, and on a port", async () => {
  await using _path = await serveLocally(() => undefined);
  const others = [
    net.createServer().listen("\0bktui-seen"),
    net.createServer().listen(0, "127.0.0.1"),
    net.createServer().listen(0, "::1"),
  ];
  try {
    await Promise.all(others.map((server) => once(server, "listening")));
    const { open } = await socketsOf([process.pid]);
    expect(open.join("\n")).toMatch(/^tcp [\s\S]*^tcp6 [\s\S]*^unix .*\/s$/m);
    expect(open.join("\n")).toMatch(/^unix .*@bktui-seen/m);
  } finally {
    for (const server of others) server.close();
  }
});

const [newest] = testEngines();

test("S40 · a bktui that is killed leaves nothing in the directory for temporary files, nor does the next one", async () => {
  if (newest === undefined) throw new Error("no engine");
  const directory = await mkdtemp(join(tmpdir(), "bktui-killed-"));
  try {
    const env = { TMPDIR: directory, XDG_RUNTIME_DIR: directory };
    {
      await using fx = await Fx.inShell(newest, { env });
      process.kill(await fx.terminal.pid(), "SIGKILL");
      await fx.terminal.left();
      expect(await readdir(directory)).toEqual([]);
    }
    await using fx = await Fx.loaded(newest, { env });
    fx.terminal.type("q");
    await fx.terminal.left();
    expect(await readdir(directory)).toEqual([]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

/** Whether a start has come so far. */
type Moment = (start: {
  readonly pid: number;
  readonly home: string;
  readonly sockets: string;
}) => Promise<boolean>;

const MOMENTS: Readonly<Record<string, Moment>> = {
  "as soon as it has a directory for its socket": async ({ sockets }) => existsSync(sockets),
  "before it has noted which process the engine is": async ({ pid, home }) =>
    (await childrenOf(pid)).some((child) => /^unshare /.test(commandLine(child))) &&
    !existsSync(join(home, "engine.json")),
  "when it has noted that": async ({ home }) => existsSync(join(home, "engine.json")),
};

describe.runIf(suite !== undefined)("an engine of bktui's own", () => {
  test.each(Object.entries(MOMENTS))(
    "S40 · whose start is killed %s leaves nothing that the next start does not find",
    async (_name, isReached) => {
      const base = await mkdtemp(join(tmpdir(), "bktui-own-"));
      const [home, sockets] = [join(base, "engine"), join(base, `bktui-${process.geteuid?.()}`)];
      const env = { ...process.env, TMPDIR: base, XDG_RUNTIME_DIR: "" };
      const args = ["--import", "tsx", starter, home, suite ?? ""];
      const begin = (): ChildProcess => spawn(process.execPath, args, { env, stdio: "ignore" });
      try {
        const killed = begin();
        while (!(await isReached({ pid: killed.pid ?? 0, home, sockets }))) await nextTurn();
        killed.kill("SIGKILL");
        await once(killed, "exit");
        expect(killed.signalCode).toBe("SIGKILL");
        const [code] = await once(begin(), "exit");
        expect(code).toBe(0);
        await stopPrivateEngine(home, { signal: AbortSignal.timeout(30_000) });
        await vi.waitFor(() => expect(commandLinesWith(home)).toEqual([]), WITHIN);
      } finally {
        // One that was forgotten must not outlive the test.
        for (const pid of processesWith(home)) sendSignal(pid, "SIGKILL");
        await vi.waitFor(() => expect(commandLinesWith(home)).toEqual([]), WITHIN);
        await purgePrivateEngine(home, { signal: AbortSignal.timeout(30_000) });
      }
      expect((await readdir(base)).filter((name) => !name.startsWith("tsx-"))).toEqual([]);
      await rm(base, { recursive: true });
    },
  );
});
