import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import xterm from "@xterm/headless";
import type { IPty } from "node-pty";
import { afterEach, describe, expect, test, vi } from "vitest";
import { programEnvironment } from "../support/program-environment.ts";

const program = fileURLToPath(new URL("guard-program.ts", import.meta.url));

/** A job-control shell on a pty, and an emulator that shows what a user sees. */
class TerminalWindow implements Disposable {
  readonly #pty: IPty;
  readonly screen = new xterm.Terminal({ cols: 120, rows: 30, allowProposedApi: true, logLevel: "off" });
  output = "";
  #device = "";
  #before = "";

  private constructor(pty: IPty) {
    this.#pty = pty;
    pty.onData((data) => {
      this.output += data;
      this.screen.write(data);
    });
  }

  /** /bin/sh leaves the terminal's settings alone, unlike shells with a line editor. */
  static async open(): Promise<TerminalWindow> {
    const { spawn } = await import("node-pty");
    const env = { ...programEnvironment(), TERM: "xterm-256color", PS1: "sh> " };
    const window = new TerminalWindow(spawn("/bin/sh", ["-i"], { cols: 120, rows: 30, env }));
    await window.seen(/sh> /);
    window.type("tty\r");
    window.#device = (await window.seen(/\/dev\/pts\/\d+/))[0];
    window.#before = window.settings();
    return window;
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  /** Waits until the output since `from` matches; returns the match. */
  async seen(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    return vi.waitFor(
      () => {
        const match = pattern.exec(this.output.slice(from));
        if (match === null) throw new Error(`${pattern} not in ${JSON.stringify(this.output.slice(from))}`);
        return match;
      },
      { timeout: 30_000, interval: 20 },
    );
  }

  /** Waits for the shell's next prompt and asks it for the status of the program that ended. */
  async exitStatus(): Promise<number> {
    await this.seen(/READY[\s\S]*sh> /);
    // The watcher may still be at it; in raw mode the shell would not see the end of the line.
    await vi.waitFor(() => expect(this.settings()).toBe(this.#before));
    const from = this.output.length;
    this.type("echo rc=$?\r");
    return Number((await this.seen(/rc=(\d+)/, from))[1]);
  }

  /** The line discipline's settings. */
  settings(): string {
    return execFileSync("stty", ["-g", "-F", this.#device], { encoding: "utf8" }).trim();
  }

  [Symbol.dispose](): void {
    this.#pty.kill("SIGKILL");
    this.screen.dispose();
  }
}

/** Every mode the guard or the compositor may switch, as the last switch in the output left it. */
function modesLeftOn(output: string): string[] {
  const last = new Map<string, string>();
  for (const [, mode = "", state = ""] of output.matchAll(new RegExp(`${"\u001b"}\\[\\?(\\d+)([hl])`, "g")))
    last.set(mode, state);
  const normallyOn = new Set(["7", "25"]);
  return [...last]
    .filter(([mode, state]) => state === (normallyOn.has(mode) ? "l" : "h"))
    .map(([mode]) => mode)
    .filter((mode) => mode !== "1007");
}

/** A process that nobody waited for counts as ended. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("terminal guard", () => {
  const windows: TerminalWindow[] = [];
  afterEach(() => {
    for (const window of windows.splice(0)) window[Symbol.dispose]();
  });

  async function start(way: string): Promise<{ window: TerminalWindow; pid: number; before: string }> {
    const window = await TerminalWindow.open();
    windows.push(window);
    const before = window.settings();
    const limit = way === "out-of-memory" ? "--max-old-space-size=150 " : "";
    window.type(`node ${limit}--import tsx ${program} ${way}\r`);
    const [, pid = ""] = await window.seen(/READY (\d+)/);
    await vi.waitFor(() => expect(window.screen.buffer.active.type).toBe("alternate"));
    await vi.waitFor(() => expect(window.screen.modes.mouseTrackingMode).toBe("any"));
    return { window, pid: Number(pid), before };
  }

  async function expectRestored(window: TerminalWindow, before: string): Promise<void> {
    await vi.waitFor(() => expect(window.settings()).toBe(before));
    await vi.waitFor(() => expect(window.screen.buffer.active.type).toBe("normal"));
    expect(modesLeftOn(window.output)).toEqual([]);
    expect(window.screen.modes).toMatchObject({
      applicationCursorKeysMode: false,
      applicationKeypadMode: false,
      mouseTrackingMode: "none",
    });
  }

  test.each([
    ["exit", 7],
    ["throw", 1],
    ["reject", 1],
    ["abort", 134],
    ["out-of-memory", 134],
  ])("R09 · the terminal is as before after %s", async (way, code) => {
    const { window, before } = await start(way);
    window.type("x");
    expect(await window.exitStatus()).toBe(code);
    await expectRestored(window, before);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
    ["SIGKILL", 137],
    ["SIGSEGV", 139],
  ] as const)(
    "R08 · the terminal is as before after %s, and the exit status names it",
    async (signal, code) => {
      const { window, pid, before } = await start("wait");
      process.kill(pid, signal);
      expect(await window.exitStatus()).toBe(code);
      await expectRestored(window, before);
    },
  );

  test("R09 · a program whose loop is blocked ends after 5 s of it, also for a signal, and says where it was", async () => {
    const { window, pid, before } = await start("block");
    window.type("x");
    await window.seen(/BLOCKED/);
    // Nothing but the watching thread can end it: the handler of this one never runs.
    process.kill(pid, "SIGTERM");
    expect(await window.exitStatus()).toBe(137);
    expect(window.output).toMatch(
      /\?1049l[\s\S]*bktui stopped: it was busy with one thing for more than 5 s[\s\S]* at endless/,
    );
    await expectRestored(window, before);
  });

  test("S06 R09 · an uncaught error is told after the terminal is restored, without its control characters", async () => {
    const { window } = await start("throw");
    window.type("x");
    expect(await window.exitStatus()).toBe(1);
    expect(window.output).toMatch(/\?1049l[\s\S]*bktui stopped: Error: broken␛\]0;owned␇/);
    expect(window.output).not.toContain("\u001b]0;owned");
  });

  test("R08 · a closed window ends the program", async () => {
    const { window, pid } = await start("wait");
    window[Symbol.dispose]();
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5000 });
  });

  test("another program gets an ordinary terminal, and bktui its own back", async () => {
    const { window, pid } = await start("hand-over");
    window.type("x");
    await window.seen(/HANDED OVER/);
    expect(modesLeftOn(window.output)).toEqual([]);
    const from = window.output.length;
    process.kill(pid, "SIGINT");
    window.type("line\r");
    await window.seen(/KEY "line\\n"/, from);
    await window.seen(/\?1049h[\s\S]*BACK/, from);
  });

  test.each(["by itself", "by a signal"])(
    "R10 · stopped %s, the shell has an ordinary terminal, and fg brings the screen back",
    async (how) => {
      const { window, pid, before } = await start(how === "by itself" ? "stop" : "wait");
      const from = window.output.length;
      if (how === "by itself") window.type("x");
      else process.kill(pid, "SIGTSTP");
      await window.seen(/Stopped/, from);
      await expectRestored(window, before);
      const resumedFrom = window.output.length;
      window.type("fg\r");
      await window.seen(/\?1049h[\s\S]*CONTINUED/, resumedFrom);
      window.type("k");
      await window.seen(/KEY "k"/, resumedFrom);
    },
  );
});
