/** Acceptance scenarios around a step that fails and its shells, on every engine and at both sizes. */
import { randomInt } from "node:crypto";
import { expect, test, vi } from "vitest";
import { forEachEngine } from "../../support/engines.ts";
import { Fx, SIZES } from "../../support/fx.ts";
import { running } from "../../support/processes.ts";
import type { Terminal } from "../../support/terminal.ts";

const WITHIN = { timeout: 15_000, interval: 100 };

forEachEngine((engine) => {
  const title = engine.keepsFailedState ? "FAILED state" : "FAILED (reproduced)";
  const shellRow = (terminal: Terminal): string | undefined =>
    terminal.screen().find((row) => row.includes("[ 4 Shell ]"));

  test.each(SIZES)(
    "scenario 3 · scenario 4 · scenario 5 · scenario 6 · %s: a failing step, its FAILED, its BASE, and FAILED as it was left",
    async (_name, size) => {
      await using fx = await Fx.failed(engine, size);
      const { terminal } = fx;
      const offers = [/! +shell on FAILED/, /x +switch to BASE/, /e +edit line 10/, /r +rerun from here/];
      const words = engine.keepsFailedState
        ? /Kept: FAILED \(what the command left\) and BASE/
        : /This engine keeps no FAILED state \(dockerd 20\.10\); ! runs the command again/;
      await terminal.until((screen) => {
        const text = screen.join("\n");
        return [/^ > +10 ✗ RUN echo two/m, /step 7\/8 failed: exit code 1/, words, ...offers].every(
          (pattern) => pattern.test(text),
        );
      });
      terminal.type("!");
      await fx.prompt("FAILED");
      expect(shellRow(terminal)).toContain(title);
      expect(terminal.screen().at(-1)).toMatch(/^ SHELL.*Ctrl-\]/);
      terminal.type("pwd; cat a.txt b.txt; echo mark > /mark; echo $$-here\r");
      await terminal.until(/^\/app\none\ntwo\njunk\n\d+-here$/m);
      terminal.key("Ctrl-]");
      await terminal.untilRow(1, /exit code 1 · line 10$/);
      terminal.type("x!");
      await fx.prompt("BASE");
      expect(shellRow(terminal)).toMatch(/BASE state · x=FAILED/);
      terminal.type("ls; ls /mark\r");
      await terminal.until(/^a\.txt\nls: \/mark: No such file/m);
      terminal.key("Ctrl-]");
      await terminal.untilRow(1, /exit code 1 · line 10$/);
      terminal.type("x");
      await terminal.until((screen) => {
        const text = screen.join("\n");
        return text.includes(`${title} · x=BASE`) && /^\d+-here$/m.test(text);
      });
      terminal.key("F12");
      await fx.prompt("FAILED");
      terminal.type("cat /mark\r");
      await terminal.until(/^mark$/m);
    },
  );

  test.each(SIZES)("scenario 13 · %s: an editor in the shell has the keyboard", async (_name, size) => {
    await using fx = await Fx.inShell(engine, size);
    const { terminal } = fx;
    terminal.type("printf 'one\\ntwo\\nthree\\n' > t.txt; vi t.txt\r");
    await terminal.until(/^one\ntwo\nthree\n~/m);
    await terminal.untilCursor(/^one$/);
    const above = terminal.screen().slice(0, 8);
    terminal.key("Down");
    await terminal.untilCursor(/^two$/);
    // One key at a time: busybox's vi loses some of a burst, on any terminal.
    terminal.key("Right");
    await terminal.untilCursor(/^two$/, 2);
    terminal.key("Down");
    await terminal.untilCursor(/^three$/, 2);
    terminal.type("i-");
    await terminal.until(/^I t\.txt/m);
    terminal.key("Escape");
    await terminal.until(/^- t\.txt/m);
    terminal.type(":q!\r");
    await fx.prompt("FAILED");
    expect(terminal.screen().slice(0, 8)).toEqual(above);
    terminal.key("Ctrl-]");
    await terminal.untilRow(1, /FAILED step 7\/8 · exit code 1/);
  });

  test.each(SIZES)(
    "scenario 15 · scenario 17 · %s: a zoomed shell follows the window, and quitting names what runs in it",
    async (_name, size) => {
      await using fx = await Fx.inShell(engine, size);
      const { terminal } = fx;
      const other = size.columns === 80 ? SIZES[1][1] : SIZES[0][1];
      terminal.key("Ctrl-]");
      await terminal.untilRow(1, /exit code 1/);
      terminal.type("z");
      await terminal.until((screen) => screen.every((row) => !row.startsWith("─")));
      terminal.resize(other.columns, other.rows);
      await terminal.until(
        (screen) => screen.at(-1)?.endsWith("? help") === true && screen.length === other.rows,
      );
      terminal.key("Ctrl-]");
      await fx.prompt("FAILED");
      const inside = `${other.rows - 1} ${other.columns}`;
      // The size is sent once it has settled: the shell itself waits for it.
      terminal.type(`until stty size | grep '^${inside}$'; do sleep 0.1; done\r`);
      await terminal.until(new RegExp(`^${inside}$`, "m"));
      terminal.key("Ctrl-]");
      await terminal.until((screen) => !/^ SHELL/.test(screen.at(-1) ?? ""));
      terminal.type("z");
      const hasSteps = other.columns >= 110;
      await terminal.until((screen) => screen.some((row) => /─ 2 Steps ─|\[ 4 Shell \]/.test(row)));
      expect(terminal.screen().some((row) => /─ 2 Steps ─/.test(row))).toBe(hasSteps);
      terminal.key("Ctrl-]");
      await terminal.until((screen) => /^ SHELL/.test(screen.at(-1) ?? ""));
      await quitsWithQuestion(fx, engine.binDir !== undefined);
    },
  );

  test.each(SIZES)(
    "scenario 21 · %s: a signal restores the terminal and leaves no build on the builder",
    async (_name, size) => {
      await using fx = await Fx.inShell(engine, size);
      const { terminal } = fx;
      const command = `sleep ${randomInt(1e6, 1e9)}`;
      terminal.type(`${command}\r`);
      // Engines of this test run on this machine, where their processes are to be seen.
      if (engine.binDir !== undefined) await vi.waitFor(() => expect(running(command)).toBe(1), WITHIN);
      process.kill(await terminal.pid(), "SIGTERM");
      const { exitCode, settings } = await terminal.left();
      expect(exitCode).toBe(143);
      expect(settings).toMatch(/ icanon .* echo /s);
      expect(terminal.modesLeftOn()).toEqual([]);
      await vi.waitFor(() => expect(running(command)).toBe(0), WITHIN);
    },
  );

  test.each(SIZES)(
    "scenario 19 · %s: the line mode writes no escape sequence of its own",
    async (_name, size) => {
      await using fx = await Fx.open(engine, {
        columns: size.columns,
        rows: size.rows,
        args: ["--ui=plain"],
      });
      const { terminal } = fx;
      await terminal.until(/^\(bktui 1\/8 loaded\)$/m);
      terminal.type("continue\r");
      await terminal.until(/^step 7\/8 failed: exit code 1[^\n]*\n[\s\S]*^\(bktui 7\/8 failed\)$/m);
      expect(terminal.output).not.toContain("\u001b");
      terminal.type("shell\r");
      await terminal.until(/^root@7\/8 FAILED \/app #$/m);
      terminal.type("ls\r");
      await terminal.until(/^a\.txt +b\.txt$/m);
      terminal.type("exit\r");
      await terminal.until(/^shell exited with 0[^\n]*\n\(bktui 7\/8 failed\)$/m);
      terminal.type("swap\rquit\r");
      const { exitCode } = await terminal.left();
      expect(exitCode).toBe(1);
      const after = terminal.output.slice(terminal.output.lastIndexOf("shell exited with 0"));
      expect(after).toMatch(/BASE of step 7 is shown/);
      expect(after).not.toContain("\u001b");
    },
  );
});

/** Scenario 17: `q` in a debugger whose shell runs a program. */
async function quitsWithQuestion({ terminal }: Fx, isLocal: boolean): Promise<void> {
  const command = `sleep ${randomInt(1e6, 1e9)}`;
  terminal.type(`${command}\r`);
  await terminal.until(new RegExp(`# ${command}$`, "m"));
  if (isLocal) await vi.waitFor(() => expect(running(command)).toBe(1), WITHIN);
  terminal.key("Ctrl-]");
  await terminal.untilRow(1, /exit code 1/);
  // The name is left out when the engine does not tell it in time.
  for (let named = false; !named; ) {
    terminal.type("q");
    await terminal.until(/┌─ Quit\?/);
    named = /sleep is running in the shell on/.test(terminal.screen().join("\n"));
    if (!named) await terminal.press("\r", (rows) => !rows.join("").includes("Quit?"));
  }
  await terminal.press("\r", (rows) => !rows.join("").includes("Quit?"));
  await terminal.untilRow(1, /FAILED step 7\/8 · exit code 1/);
  terminal.type("q");
  await terminal.until(/┌─ Quit\?/);
  await terminal.press("y", () => /LEFT/.test(terminal.output));
  const { exitCode, settings } = await terminal.left();
  expect(exitCode).toBe(1);
  expect(settings).toMatch(/ icanon .* echo /s);
  expect(terminal.modesLeftOn()).toEqual([]);
  await vi.waitFor(() => expect(running(command)).toBe(0), WITHIN);
}
