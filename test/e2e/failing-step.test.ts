import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { running } from "../support/processes.ts";

const WITHIN = { timeout: 15_000, interval: 100 };

forEachEngine((engine) => {
  const title = engine.keepsFailedState ? "FAILED state" : "FAILED (reproduced)";

  test.each([
    [80, 24],
    [120, 40],
  ])("a failing step shows where, why, and what can be done (%ix%i)", async (columns, rows) => {
    await using fx = await Fx.failed(engine, { columns, rows });
    const offers = [/! +shell on FAILED/, /x +switch to BASE/, /e +edit line 10/, /r +rerun from here/];
    const words = engine.keepsFailedState
      ? /Kept: FAILED \(what the command left\) and BASE/
      : /This engine keeps no FAILED state \(dockerd 20\.10\); ! runs the command again/;
    await fx.terminal.until((screen) => {
      const text = screen.join("\n");
      return [/^ > +10 ✗ RUN echo two/m, /step 7\/8 failed: exit code 1/, words, ...offers].every((pattern) =>
        pattern.test(text),
      );
    });
  });

  test.each([
    [80, 24],
    [120, 40],
  ])("the shell is in the step's own directory and state (%ix%i)", async (columns, rows) => {
    await using fx = await Fx.inShell(engine, { columns, rows });
    const { terminal } = fx;
    expect(terminal.screen().find((row) => row.includes("[ 4 Shell ]"))).toContain(title);
    expect(terminal.screen().at(-1)).toMatch(/^ SHELL.*Ctrl-\]/);
    terminal.type("pwd; cat a.txt b.txt\r");
    await terminal.until(/^\/app\none\ntwo\njunk$/m);
  });

  test("BASE and FAILED are alive side by side, neither is restarted", async () => {
    await using fx = await Fx.inShell(engine);
    const { terminal } = fx;
    terminal.type("echo remember-me > /tmp-mark; echo $$-here\r");
    await terminal.until(/^\d+-here$/m);
    terminal.key("Ctrl-]");
    await terminal.until(/FAILED step 7\/8 · exit code 1/);
    terminal.type("x!");
    await fx.prompt("BASE");
    expect(terminal.screen().find((row) => row.includes("[ 4 Shell ]"))).toMatch(/BASE state · x=FAILED/);
    terminal.type("ls; ls /tmp-mark\r");
    await terminal.until(/^a\.txt\nls: \/tmp-mark: No such file/m);
    terminal.key("Ctrl-]");
    await terminal.until(/FAILED step 7\/8 · exit code 1/);
    terminal.type("x");
    await terminal.until((rows) => {
      const text = rows.join("\n");
      return text.includes(`${title} · x=BASE`) && /^\d+-here$/m.test(text);
    });
    terminal.key("F12");
    await fx.prompt("FAILED");
    terminal.type("cat /tmp-mark\r");
    await terminal.until(/^remember-me$/m);
  });

  test("shells of a state share its files, also after an exit; X ends one and K all", async () => {
    await using fx = await Fx.inShell(engine);
    const { terminal } = fx;
    const leave = async (): Promise<void> => {
      terminal.key("Ctrl-]");
      await terminal.until((rows) => !/^ SHELL/.test(rows.at(-1) ?? ""));
    };
    terminal.type("echo of-the-first > /mark; echo ma''de\r");
    await terminal.until(/^made$/m);
    await leave();
    terminal.type("N");
    await terminal.until(/ shell 2\/2 /);
    await fx.prompt("FAILED");
    terminal.type("cat /mark; exit 3\r");
    await terminal.until(/^of-the-first$/m);
    await terminal.until(/shell exited with 3, ! opens again in its files/);
    terminal.type("!");
    await fx.prompt("FAILED");
    terminal.type("cat /mark; sleep 8888\r");
    await terminal.until(/^of-the-first$/m);
    await leave();
    terminal.type("<");
    await terminal.until(/ shell 1\/2 [\s\S]*^made$/m);
    terminal.type(">");
    await terminal.until(/ shell 2\/2 /);
    terminal.type("X");
    await terminal.until(/sleep is running in it and will be ended/);
    await terminal.press("y", (rows) => !rows.join("").includes("will be ended"));
    await terminal.until(/^made$/m);
    terminal.type("K");
    await fx.prompt("FAILED");
    terminal.type("cat /mark\r");
    await terminal.until(/can't open '\/mark'/);
  });

  if (!engine.keepsFailedState) {
    test("FAILED is reproduced: the command runs again, its output is shown, a pass is called flaky", async () => {
      await using fx = await Fx.inShell(engine);
      await fx.terminal.until(
        /^attempt 2: the command runs again, over BASE\n[\s\S]*attempt 2 failed with exit code 1; the shell opens/m,
      );
    });
  }

  test("an editor in the shell has the keyboard and the cursor, the debugger never reacts", async () => {
    await using fx = await Fx.inShell(engine);
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
  });

  test("Ctrl-C ends a flood in the shell, which costs little memory", async () => {
    await using fx = await Fx.inShell(engine);
    const { terminal } = fx;
    const pid = await terminal.pid();
    const before = await residentBytes(pid);
    // Numbered, because a screen full of the same line stands still.
    terminal.type("yes | cat -n\r");
    await terminal.until(/^ *[1-9]\d{5}\ty$|^ *[1-9]\d{5} +y$/m);
    const pressedMs = performance.now();
    terminal.key("Ctrl-C");
    await fx.prompt("FAILED");
    expect(performance.now() - pressedMs).toBeLessThan(1500);
    expect((await residentBytes(pid)) - before).toBeLessThan(60e6);
    terminal.key("Ctrl-]");
    await terminal.untilRow(1, /FAILED step 7\/8 · exit code 1/);
  });

  test("the zoomed shell has all rows but one, and follows the window", async () => {
    await using fx = await Fx.inShell(engine);
    const { terminal } = fx;
    terminal.key("Ctrl-]");
    await terminal.untilRow(1, /exit code 1/);
    terminal.type("z");
    await terminal.until((rows) => rows.every((row) => !row.startsWith("─")));
    terminal.resize(120, 40);
    await terminal.until((rows) => rows.at(-1)?.endsWith("? help") === true && rows.length === 40);
    terminal.key("Ctrl-]");
    await fx.prompt("FAILED");
    // The size is sent once it has settled: the shell itself waits for it.
    terminal.type("until stty size | grep '^39 120$'; do sleep 0.1; done\r");
    await terminal.until(/^39 120$/m);
    terminal.key("Ctrl-]");
    await terminal.until((rows) => !/^ SHELL/.test(rows.at(-1) ?? ""));
    terminal.type("z");
    await terminal.until((rows) => rows.some((row) => /─ 2 Steps ─/.test(row)));
  });

  test("quitting names the program that runs in a shell, and keeps everything unless told otherwise", async () => {
    await using fx = await Fx.inShell(engine);
    const { terminal } = fx;
    const command = `sleep ${randomInt(1e6, 1e9)}`;
    terminal.type(`${command}\r`);
    await terminal.until(new RegExp(`# ${command}$`, "m"));
    if (engine.binDir !== undefined) await vi.waitFor(() => expect(running(command)).toBe(1), WITHIN);
    terminal.key("Ctrl-]");
    await terminal.untilRow(1, /exit code 1/);
    terminal.type("q");
    await terminal.until(/┌─ Quit\?[\s\S]*sleep is running in the shell on/);
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
  });
});

/** Memory of a process that is in use, in bytes. */
async function residentBytes(pid: number): Promise<number> {
  const [, pages] = (await readFile(`/proc/${pid}/statm`, "utf8")).split(" ");
  return Number(pages) * 4096;
}
