import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, test, vi } from "vitest";
import { statusOf } from "../../src/engine/private/private-engine.ts";
import { busyboxContext } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { running } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

const run = promisify(execFile);
const WITHIN = { timeout: 20_000, interval: 50 };
const suite = inject("privateSuite");
const starter = join(import.meta.dirname, "../support/start-engine.ts");

/** A bktui whose step sleeps for so many seconds, which is its name among the processes. */
async function inStep(
  own: OwnEngine,
  seconds: number,
): Promise<AsyncDisposable & { readonly terminal: Terminal }> {
  const dockerfile = `FROM scratch\nADD busybox /busybox\nRUN ["/busybox", "sleep", "${seconds}"]\n`;
  const context = await busyboxContext({ files: { Dockerfile: dockerfile } });
  const terminal = await Terminal.start({ engine: own.engine, args: ["--run", context.path] });
  await vi.waitFor(() => expect(running(`/busybox sleep ${seconds}`)).toBe(1), WITHIN);
  return {
    terminal,
    [Symbol.asyncDispose]: async () => {
      await terminal[Symbol.asyncDispose]();
      await context[Symbol.asyncDispose]();
    },
  };
}

describe.runIf(suite !== undefined)("a private engine", () => {
  test.each(["works", "is suspended"])(
    "R06 · that %s is stopped within 10 s in the middle of a step",
    async (how) => {
      await using own = await OwnEngine.start();
      const seconds = randomInt(1e6, 1e9);
      await using _step = await inStep(own, seconds);
      if (how === "is suspended") await own.suspend();
      const stoppedMs = performance.now();
      await own.stop();
      expect(performance.now() - stoppedMs).toBeLessThan(10_000);
      expect(running(`/busybox sleep ${seconds}`)).toBe(0);
      expect(await statusOf(own.directory)).toEqual({ kind: "stopped" });
    },
  );

  test("R07 · whose daemon is killed takes its steps along within 5 s, and starts again", async () => {
    await using own = await OwnEngine.start();
    const seconds = randomInt(1e6, 1e9);
    await using _step = await inStep(own, seconds);
    const killedMs = performance.now();
    await own.killDaemon();
    await vi.waitFor(() => expect(running(`/busybox sleep ${seconds}`)).toBe(0), WITHIN);
    expect(performance.now() - killedMs).toBeLessThan(5000);
    await own.startAgain();
    expect((await statusOf(own.directory)).kind).toBe("running");
  });

  test("R27 · has a limit of memory: a step beyond it is killed and told so, bktui goes on, and so does the engine", async () => {
    await using own = await OwnEngine.start(suite, { memoryBytes: 256 * 1024 * 1024 });
    const base = `FROM scratch\nADD busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n`;
    const dockerfile = `${base}RUN dd if=/dev/zero of=/dev/null bs=400M count=1\n`;
    await using fx = await Fx.loaded(own.engine, { dockerfile, columns: 120, rows: 40 });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /FAILED step 3\/3 · exit code 137 · line 4$/);
    await terminal.until(/exit code 137: killed by SIGKILL.*often out of memory/);
    await terminal.until(/The step may use 268 MB of memory; the kernel kills what uses more/);
    await fx.edit((text) => text.replace("400M", "4M"));
    terminal.type("r");
    await terminal.untilRow(1, /PAUSED|FINISHED|LOADED/);
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(0);
  });

  test("is started once by three processes that want it at the same moment", async () => {
    await using own = await OwnEngine.start();
    await own.stop();
    const start = (): Promise<unknown> =>
      run(process.execPath, ["--import", "tsx", starter, own.directory, suite ?? ""]);
    await Promise.all([start(), start(), start()]);
    expect((await statusOf(own.directory)).kind).toBe("running");
    const { stdout } = await run("ps", ["-eo", "args"]);
    const daemons = stdout
      .split("\n")
      .filter((line) => /^\S*\/dockerd /.test(line) && line.includes(own.directory));
    expect(daemons).toHaveLength(1);
  });
});
