import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { forEachEngine, testEngines } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { running } from "../support/processes.ts";
import { SITUATIONS, type Situation, situationsOn } from "../support/situations.ts";

/** A blocked loop is ended after five seconds of a processor's time, which others may want too. */
const PATIENCE_MS = 60_000;
const WITHIN = { timeout: 15_000, interval: 50 };

/** Each way to end from outside, with the exit code that a shell sees; a window that is closed has no shell any more. */
const DEATHS = [
  ["SIGTERM", 143],
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGQUIT", 131],
  ["SIGKILL", 137],
  ["SIGABRT", 134],
  ["SIGSEGV", 139],
  ["a closed window", undefined],
] as const;

/** What goes wrong inside, with the exit code. */
const FAULTS = [
  ["an uncaught error", 1, "setImmediate(() => { throw new Error('broken') })"],
  ["a rejection", 1, "void Promise.reject(new Error('broken'))"],
  ["an abort", 134, "process.abort()"],
  ["no memory", 134, "for (const kept = []; ; ) kept.push(new Array(1e7).fill(0.5))"],
  ["a blocked loop", 137, "for (;;);"],
] as const;

/** Those take seconds of a processor: they are tried where most is at stake, and R08 has the same death elsewhere. */
const COSTLY: ReadonlySet<string> = new Set(["no memory", "a blocked loop"]);

/** Ways that leave it no chance to clean up. */
const UNSEEN: ReadonlySet<string> = new Set([
  "SIGKILL",
  "SIGABRT",
  "SIGSEGV",
  "an abort",
  "no memory",
  "a blocked loop",
]);

/** Loads code into bktui that does what it is told to at SIGUSR2: the program itself is as it is shipped. */
function faulty(code: string): Readonly<Record<string, string>> {
  const module = `process.on("SIGUSR2", () => { ${code} });`;
  const url = `data:text/javascript;base64,${Buffer.from(module).toString("base64")}`;
  return { NODE_OPTIONS: `--max-old-space-size=200 --import=${url}` };
}

const [newest] = testEngines();

forEachEngine((engine) => {
  test.each(situationsOn(engine, newest))(
    "R08 · %s, each way to end gives the terminal back, with its exit code, and ends what runs on the engine",
    async (name) => {
      // BuildKit 0.8 never releases the containers of a client that is gone: bktui must be able to do it.
      const deaths = DEATHS.filter(([death]) => engine.keepsFailedState || !UNSEEN.has(death));
      // Beside each other: most of the time goes into waiting for starts.
      await Promise.all(
        deaths.map(async ([death, code]) => expectClean(await SITUATIONS[name](engine, {}), death, code)),
      );
    },
  );

  test.each(situationsOn(engine, newest))(
    "R09 · %s, each fault of bktui itself gives the terminal back, with an exit code, and ends what runs on the engine",
    async (name) => {
      const faults = FAULTS.filter(([fault]) => {
        if (UNSEEN.has(fault) && !engine.keepsFailedState) return false;
        return !COSTLY.has(fault) || name === "in a shell";
      });
      await Promise.all(
        faults.map(async ([fault, code, program]) => {
          const options = { env: faulty(program), waitMs: PATIENCE_MS };
          await expectClean(await SITUATIONS[name](engine, options), fault, code);
        }),
      );
    },
    2 * PATIENCE_MS,
  );

  test("q leaves at once when nothing is lost, and the terminal is as before", async () => {
    await using fx = await Fx.loaded(engine);
    const { terminal } = fx;
    terminal.type("q");
    const { exitCode, settings } = await terminal.left();
    expect(exitCode).toBe(1);
    expect(settings).toMatch(/ icanon .* echo /s);
    expect(terminal.modesLeftOn()).toEqual([]);
  });

  test("Ctrl-C three times leaves", async () => {
    await using fx = await Fx.loaded(engine);
    fx.terminal.key("Ctrl-C", "Ctrl-C", "Ctrl-C");
    expect((await fx.terminal.left()).exitCode).toBe(130);
    expect(fx.terminal.modesLeftOn()).toEqual([]);
  });
});

async function expectClean(
  situation: Situation,
  death: (typeof DEATHS | typeof FAULTS)[number][0],
  code: number | undefined,
): Promise<void> {
  await using _ = situation;
  const { fx, command } = situation;
  const { terminal } = fx;
  const pid = await terminal.pid();
  if (death === "a closed window") terminal.close();
  else {
    process.kill(pid, isFault(death) ? "SIGUSR2" : death);
    expect((await terminal.left()).exitCode, death).toBe(code);
    // After a death without a chance to clean up, the watcher is as quick as the shell.
    await vi.waitFor(async () => {
      expect(terminal.modesLeftOn(), death).toEqual([]);
      expect(await terminal.settings(), death).toMatch(/ icanon .* echo /s);
    }, WITHIN);
  }
  await vi.waitFor(async () => expect(await isGone(pid), death).toBe(true), WITHIN);
  if (command !== undefined) await vi.waitFor(() => expect(running(command), death).toBe(0), WITHIN);
}

test.each([
  ["SIGTERM", 143, ""],
  ["SIGHUP", 129, 'trap "" TERM HUP; '],
] as const)(
  "R08 · %s while the editor has the terminal ends both, and the terminal is as before",
  async (signal, code, deaf) => {
    if (newest === undefined) throw new Error("no engine");
    await using fx = await Fx.loaded(newest, { env: { EDITOR: "./vi", VISUAL: "" } });
    const { terminal, context } = fx;
    const script = `#!/bin/sh\nstty -icanon -echo\ntrap 'echo kept > kept; exit' TERM HUP\n${deaf}printf '\\033[?1049hEDITS %s.' $$\nwhile :; do sleep 0.05; done\n`;
    await writeFile(join(context.path, "vi"), script);
    await chmod(join(context.path, "vi"), 0o755);
    terminal.type("e");
    await terminal.until(/EDITS \d+\./);
    const editor = Number(/EDITS (\d+)\./.exec(terminal.screen().join())?.[1]);
    process.kill(await terminal.pid(), signal);
    const { exitCode, settings } = await terminal.left();
    expect(exitCode).toBe(code);
    expect(settings).toMatch(/ icanon .* echo /s);
    expect(terminal.modesLeftOn()).toEqual([]);
    expect(await isGone(editor)).toBe(true);
    // One that listens could still save.
    if (deaf === "") expect(await readFile(join(context.path, "kept"), "utf8")).toBe("kept\n");
  },
);

function isFault(death: string): death is (typeof FAULTS)[number][0] {
  return FAULTS.some(([fault]) => fault === death);
}

async function isGone(pid: number): Promise<boolean> {
  try {
    return / Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}
