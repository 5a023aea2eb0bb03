/** A shell's pane as the terminal that its programs have: questions, pastes, sizes. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { testEngines } from "../support/engines.ts";
import { Fx, type FxOptions } from "../support/fx.ts";

const esc = "\u001b";
const [newest] = testEngines();

async function inShell(options: FxOptions = {}): Promise<Fx> {
  if (newest === undefined) throw new Error("no engine");
  return await Fx.inShell(newest, options);
}

/** Prints `first`, then every byte that comes until a `#`; ^[ is Escape, ^M Return. */
function showBytes(first: string): string {
  return `clear; stty -icanon -echo -icrnl; printf '${first}asked\\n'; IFS= read -r -d '#' got; stty sane; printf %s "$got" | cat -v; echo; echo shown\r`;
}

test("S10 · a shell's questions to its terminal are answered to its program, and reach no other terminal", async () => {
  await using fx = await inShell();
  const { terminal } = fx;
  const from = terminal.output.length;
  terminal.type(
    showBytes(String.raw`\033[21t\033[?996n\033P$q"p\033\134\033]10;?\033\134\033]11;?\007\033[6n\033[c`),
  );
  // What it was asked before is answered before what is typed now.
  await terminal.until(/^asked$/m);
  terminal.type("#");
  await terminal.until(/^shown$/m);
  expect(terminal.screen().join("\n")).toMatch(/^(\^\[P\S*\^\[\\)?\^\[\[1;1R\^\[\[\?1;2c\nshown$/m);
  // What it did not get would stand in the shell's line.
  terminal.type("echo $((40 + 2))\r");
  await terminal.until(/ # echo \$\(\(40 \+ 2\)\)\n42$/m);
  const shown = terminal.output.slice(from);
  for (const sequence of ["[21t", "[?996n", "P$q", "]10;", "]11;", "[6n", "[c"])
    expect(shown, sequence).not.toContain(esc + sequence);
  expect(shown).not.toMatch(/[\u0080-\u009f]/);
});

/** What is pasted, as a terminal sends it that does not look at it. */
const smuggled = `${esc}[200~one${esc}[201~\rtouch /pwned\r${esc}[201~`;

test("S11 · a paste that holds its own end stays one paste, in which nothing is typed", async () => {
  await using fx = await inShell();
  const { terminal } = fx;
  terminal.type(showBytes(String.raw`\033[?2004h`));
  await terminal.until(/^asked$/m);
  terminal.type(smuggled);
  terminal.type("#");
  await terminal.until(/^shown$/m);
  expect(terminal.screen()).toContain("^[[200~one^Mtouch /pwned^M^[[201~");
  terminal.type("clear; ls /pwned\r");
  await terminal.until(/\/pwned: No such file/);
});

test("S11 · nor does it type keys of the debugger", async () => {
  await using fx = await inShell();
  const { terminal } = fx;
  terminal.key("Ctrl-]");
  await terminal.untilRow(1, /FAILED/);
  terminal.type(`${esc}[200~one${esc}[201~:quit\r${esc}[201~`);
  await terminal.until(/paste ignored/);
  await terminal.untilRow(1, /FAILED/);
});

const STORM = 1000;
/** A window that is dragged. */
const PAUSE_MS = 2;
/** What the frame clock lets pass, in milliseconds a frame, and what it lets pass at once. */
const FRAME_MS = 17;
const AT_ONCE = 2;

test("R23 · a storm of sizes is drawn as often as a screen is, and the last one is the shell's", async () => {
  await using fx = await inShell({ columns: 100, rows: 30 });
  const { terminal } = fx;
  const from = terminal.output.length;
  const begunMs = performance.now();
  for (let round = 0; round < STORM; round += 1) {
    terminal.resize(60 + ((round * 7) % 80), 16 + ((round * 5) % 30));
    await delay(PAUSE_MS);
  }
  terminal.resize(110, 35);
  await terminal.until(/SHELL/);
  // Read before the clock: frames that come later are not counted.
  const frames = terminal.output.slice(from).split(`${esc}[?2026h`).length - 1;
  const tookMs = performance.now() - begunMs;
  expect(frames).toBeGreaterThan(10);
  expect(frames).toBeLessThanOrEqual(tookMs / FRAME_MS + AT_ONCE);
  // A pty takes sizes that no window has.
  for (const [columns, rows] of [
    [1, 1],
    [0, 0],
    [500, 200],
    [101, 33],
  ] as const) {
    await terminal.setSize(columns, rows);
    terminal.type("x");
  }
  terminal.resize(101, 33);
  terminal.key("Ctrl-C");
  // The sizes reach the container one after the other, beside the keys.
  terminal.type("clear; until stty size | grep -q ' 101$'; do sleep 0.1; done; stty size\r");
  await terminal.until(/^\d+ \d+$/m);
  const [, rows = "", columns = ""] = /^(\d+) (\d+)$/m.exec(terminal.screen().join("\n")) ?? [];
  // The pane itself tells how large it is: what fills a row, and how much of a long list is to be seen.
  terminal.type(`clear; printf '%0${columns}d%0${columns}d\\n' 1 2; seq 500\r`);
  await terminal.until(/^500$/m);
  const numbers = terminal.screen().filter((row) => /^\d+$/.test(row));
  expect(numbers.length + 1).toBe(Number(rows));
  terminal.type(`clear; printf '%0${columns}d%0${columns}d\\n' 1 2\r`);
  await terminal.until((shown) => shown.includes(`${"0".repeat(Number(columns) - 1)}1`));
  expect(terminal.screen()).toContain(`${"0".repeat(Number(columns) - 1)}2`);
});
