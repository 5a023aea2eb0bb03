/** What a shell on an attached terminal does to that terminal, and what is left when it is gone. */
import { expect, test, vi } from "vitest";
import { forEachEngine, testEngines } from "../support/engines.ts";
import { hostileText } from "../support/hostile-text.ts";
import { program, runBktui } from "../support/program.ts";
import { ServedBuild } from "../support/served-build.ts";
import { Terminal } from "../support/terminal.ts";

const ESC = "\u001b";
const COOKED = / icanon .* echo /s;
const [newest] = testEngines();

const WITHIN = { timeout: 15_000, interval: 50 };

vi.setConfig({ testTimeout: 120_000 });

/** Stands at the step that has failed. */
async function failed(engine = newest): Promise<ServedBuild> {
  if (engine === undefined) throw new Error("there is no engine");
  const served = await ServedBuild.start(engine, undefined, { files: { hostile: hostileText } });
  await served.command("continue");
  return served;
}

forEachEngine((engine) => {
  test("R36 · a terminal that is closed, and one that is killed, leave nothing behind and harm no other", async () => {
    await using served = await failed(engine);
    await using stays = await served.shell({ args: ["--side", "base"] });
    await stays.until(/BASE \/app #$/m);
    for (let round = 0; round < 3; round += 1) {
      await using closed = await served.shell();
      await using killed = await served.shell();
      await closed.until(/FAILED \/app #$/m);
      await killed.until(/FAILED \/app #$/m);
      closed.type("sleep 1001 & sleep 1002\r");
      killed.type("trap '' HUP; sleep 1003 & sleep 1004\r");
      for (const command of ["sleep 1001", "sleep 1002", "sleep 1003", "sleep 1004"])
        await served.untilRuns(command);
      closed.close();
      process.kill(await killed.pid(), "SIGKILL");
      await killed.left();
      // By the watcher that it leaves behind.
      await vi.waitFor(async () => expect(await killed.settings()).toMatch(COOKED), WITHIN);
      await vi.waitFor(async () => {
        const left = await served.processes();
        expect(left.filter((line) => /sleep 100\d/.test(line))).toEqual([]);
      }, WITHIN);
    }
    stays.type("echo still $((40 + 2))\r");
    await stays.until(/^still 42$/m);
    expect(await served.sockets()).toHaveLength(1);
    // Before its shell has been opened.
    for (let round = 0; round < 3; round += 1) {
      await using hasty = await served.shell();
      await hasty.until(/^— FAILED/m);
      hasty.close();
    }
    stays.key("Ctrl-]");
    expect((await stays.left()).exitCode).toBe(0);
    await served.untilEmpty();
  });

  test("S55 · what a shell prints draws, and reaches nothing beyond the screen", async () => {
    await using served = await failed(engine);
    await using terminal = await served.shell({ args: ["--side", "base"] });
    await terminal.until(/BASE \/app #$/m);
    // Its own bytes, as a program would send them.
    const octal = [...Buffer.from(hostileText)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`);
    const from = terminal.output.length;
    for (let at = 0; at < octal.length; at += 60)
      terminal.type(`printf '${octal.slice(at, at + 60).join("")}' >> /h\r`);
    terminal.type(
      "cat /h; printf '\\033[?1049h\\033[?1003h\\033[4h\\033[>4;2m\\033[>1u\\033[5i'; echo all\r",
    );
    await terminal.until(/all$/m);
    const shown = terminal.output.slice(from);
    for (const sequence of [
      `${ESC}]`,
      `${ESC}P`,
      `${ESC}_`,
      `${ESC}^`,
      `${ESC}X`,
      `${ESC}[21t`,
      `${ESC}[>4;2m`,
      `${ESC}[>1u`,
      `${ESC}[5i`,
    ])
      expect(shown, JSON.stringify(sequence)).not.toContain(sequence);
    expect(shown).not.toMatch(/[\u0080-\u009f]/);
    terminal.key("Ctrl-]");
    const { exitCode, settings } = await terminal.left();
    expect(exitCode).toBe(0);
    expect(settings).toMatch(COOKED);
    expect(terminal.modesLeftOn()).toEqual([]);
  });
});

test("a step's text with orders for a terminal is shown as text", async () => {
  if (newest === undefined) throw new Error("there is no engine");
  const dockerfile = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN echo '${ESC}]0;owned\u0007${ESC}[2J'
`;
  await using served = await ServedBuild.start(newest, dockerfile);
  await served.runTo("RUN echo");
  await using terminal = await served.shell();
  await terminal.until(/^— BASE of step 3\/3: RUN echo '\^\[\]0;owned\^G/m);
  expect(terminal.output).not.toContain(`${ESC}]0`);
});

test("all lines of a flood arrive, and a program that floods is interrupted", async () => {
  await using served = await failed();
  await using terminal = await served.shell();
  await terminal.until(/FAILED \/app #$/m);
  const from = terminal.output.length;
  terminal.type("seq 1 100000; echo all $((40 + 2))\r");
  await terminal.until(/^all 42$/m);
  const lines = terminal.output
    .slice(from)
    .split(/\r+\n/)
    .filter((line) => /^\d+$/.test(line));
  expect(lines).toHaveLength(100_000);
  terminal.type("yes\r");
  await terminal.until(/^y\ny\ny$/m);
  terminal.key("Ctrl-C");
  terminal.type("echo quiet $((40 + 2))\r");
  await terminal.until(/^quiet 42$/m);
});

test("R34 · when the process is killed or hangs, the terminal is as before and says so", async () => {
  await using served = await failed();
  await using first = await served.shell();
  await using second = await served.shell({ args: ["--side", "base"] });
  await first.until(/FAILED \/app #$/m);
  await second.until(/BASE \/app #$/m);
  first.type("printf '\\033[?1049h\\033[?25l\\033[?2004h'; cat\r");
  await vi.waitFor(() => expect(first.modesLeftOn()).toContain("alternate screen"), WITHIN);
  const { child } = served.session;
  child.kill("SIGSTOP");
  second.key("Ctrl-]");
  expect((await second.left()).exitCode).toBe(0);
  expect(second.output).toMatch(/\[left; the process does not answer\]/);
  child.kill("SIGKILL");
  const { exitCode, settings } = await first.left();
  expect(exitCode).toBe(1);
  expect(settings).toMatch(COOKED);
  for (const terminal of [first, second]) expect(terminal.modesLeftOn()).toEqual([]);
  expect(first.output).toMatch(/the process of \S+ is gone: it was killed, or has crashed/);
});

test("a key that leaves where the shell takes it is no way out of a process that answers", async () => {
  await using served = await failed();
  await using terminal = await served.shell();
  await terminal.until(/FAILED \/app #$/m);
  // Longer than a process that says nothing is waited for.
  terminal.type("stty -echo; trap '' QUIT; sleep 4; echo here $((40 + 2))\r");
  await served.untilRuns("sleep 4");
  terminal.type("\u001c");
  await terminal.until(/^here 42$/m);
});

test("is suspended by a signal and comes back with its shell", async () => {
  await using served = await failed();
  await using terminal = await served.shell({ jobControl: true });
  await terminal.until(/FAILED \/app #$/m);
  process.kill(await terminal.pid(), "SIGTSTP");
  expect(await terminal.stopped()).toBe("same");
  terminal.callBack();
  terminal.type("echo back $((40 + 2))\r");
  await terminal.until(/^back 42$/m);
});

/** Orders to a terminal, without those that busybox's shell gives it while a line is typed. */
function orders(output: string): readonly string[] {
  const all = output.match(new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])|\u000f`, "g")) ?? [];
  return all.filter((order) => order !== `${ESC}[6n` && order !== `${ESC}[J`);
}

test.each([[["TERM=dumb"]], [["TERM="]], [["-u", "TERM"]]])(
  "a terminal that obeys no orders (env %j) gets none but those of its shell",
  async (variables) => {
    await using served = await failed();
    const attached = (): Promise<Terminal> =>
      Terminal.start({
        command: "env",
        args: [...variables, process.execPath, program, "attach", "--shell", served.socket],
      });
    await using left = await attached();
    await left.until(/FAILED \/app #$/m);
    left.type("echo $TERM $((40 + 2)); printf '\\033[?2004h\\033[1m'; sleep 1000\r");
    await left.until(/^dumb 42$/m);
    await served.untilRuns("sleep 1000");
    left.key("Ctrl-]");
    await left.until(/Leave\? \(y\/n\)$/m);
    left.type("n");
    left.key("Ctrl-C");
    left.type("exit 3\r");
    await left.until(/shell exited with 3/);
    left.key("Ctrl-]");
    expect((await left.left()).settings).toMatch(COOKED);
    expect(orders(left.output)).toEqual([`${ESC}[?2004h`, `${ESC}[1m`]);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await using ended = await attached();
      await ended.until(/FAILED \/app #$/m);
      process.kill(await ended.pid(), signal);
      await ended.left();
      await vi.waitFor(async () => expect(await ended.settings()).toMatch(COOKED), WITHIN);
      expect(orders(ended.output), signal).toEqual([]);
    }
  },
);

test("what cannot be is refused with what helps", async () => {
  await using served = await failed();
  const { socket } = served;
  for (const [args, words] of [
    [["--shell", socket], /attach needs a terminal\n.*exec runs a program in a state/],
    [["--shell", "--read-only", socket], /--shell and --read-only cannot be used together/],
    [["--side", "base", socket], /--side says which state --shell is in/],
    [["--shell", "--side", "both", socket], /--side both: not one of shown, base, failed, after/],
  ] as const) {
    const { exitCode, stderr } = await runBktui(["attach", ...args]);
    expect(stderr).toMatch(words);
    expect(exitCode).toBe(125);
  }
});
