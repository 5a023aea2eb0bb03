import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { running } from "../support/processes.ts";

const WITHIN = { timeout: 15_000, interval: 100 };

forEachEngine((engine) => {
  test.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)("R08 · %s restores the terminal and ends what runs on the engine", async (signal, code) => {
    await using fx = await Fx.inShell(engine);
    const { terminal } = fx;
    const command = `sleep ${randomInt(1e6, 1e9)}`;
    terminal.type(`${command} & ${command}\r`);
    // Engines of this test run on this machine, where their processes are to be seen.
    if (engine.binDir !== undefined) await vi.waitFor(() => expect(running(command)).toBe(2), WITHIN);
    process.kill(await terminal.pid(), signal);
    const { exitCode, settings } = await terminal.left();
    expect(exitCode).toBe(code);
    expect(settings).toMatch(/ icanon .* echo /s);
    expect(terminal.modesLeftOn()).toEqual([]);
    await vi.waitFor(() => expect(running(command)).toBe(0), WITHIN);
  });

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

  test("R08 · bktui ends when its window is closed", async () => {
    const fx = await Fx.inShell(engine);
    const pid = await fx.terminal.pid();
    await fx[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect(await isGone(pid)).toBe(true), WITHIN);
  });
});

async function isGone(pid: number): Promise<boolean> {
  try {
    return / Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}
