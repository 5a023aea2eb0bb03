/** Much of everything, and Dockerfiles that are none. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { forbiddenIn } from "../../test/support/hostile-text.ts";
import { run, runBktui } from "../../test/support/program.ts";
import { Terminal } from "../../test/support/terminal.ts";
import { context, contextOf, docker, leave, opened, openedInShell, SHELL_PROMPT, WINDOW } from "../bench.ts";
import { median, timed } from "../figure.ts";
import { memoryOf } from "../figures/memory.ts";
import { type Fault, type FaultBench, Peer, type Seen, seconds } from "./fault.ts";

const MEGABYTES = 100;
const LINES = 1_000_000;
const FILES = 200_000;
const LONG_FILE_ROUNDS = 5;

/** Milliseconds from a key to what it shows. */
async function keyMs(terminal: Terminal): Promise<number> {
  const ms = await timed(async () => {
    terminal.type("?");
    await terminal.until(/─ Help: /);
  });
  terminal.key("Escape");
  await terminal.until((rows) => !rows.some((row) => row.includes("─ Help: ")));
  return ms;
}

async function logFlood(bench: FaultBench): Promise<Seen> {
  const lines = [`RUN yes 0123456789012345678901234567890123456789 | head -c ${MEGABYTES}000000`];
  await using terminal = await opened(bench, await context(bench, lines), { waitMs: 120_000 });
  let key = 0;
  const ours = await timed(async () => {
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step 3/);
    key = await keyMs(terminal);
    await terminal.untilRow(1, /FINISHED/);
  });
  const memory = await memoryOf(await terminal.pid());
  await leave(terminal);
  const path = await context(bench, lines);
  let length = 0;
  const theirs = await timed(async () => {
    const peer = await Peer.build(bench, [path]);
    await peer.ended();
    length = peer.output.length;
  });
  const rate = (ms: number): string => `${((MEGABYTES * 1000) / ms).toFixed(0)} MB/s`;
  return {
    ours: `${rate(ours)}, a key answers within ${seconds(key)}, at most ${memory.toFixed(0)} MB of memory`,
    peer: `${rate(theirs)} (${(length / 1e6).toFixed(0)} MB came out)`,
  };
}

async function millionLines(bench: FaultBench): Promise<Seen> {
  const lines = [`RUN seq ${LINES}`, "RUN false"];
  await using terminal = await opened(bench, await context(bench, lines), { waitMs: 120_000 });
  const printed = await timed(async () => {
    terminal.type("c");
    await terminal.untilRow(1, /FAILED/);
    terminal.type("3z");
    // The engine reports what was printed for a while after the failure.
    await terminal.press(`/${LINES - 1}\r`, (rows) => rows.some((row) => row.endsWith(` ${LINES - 1}`)));
  });
  const found = await timed(async () => {
    terminal.type("/777777\r");
    await terminal.until(/ 777777$/m);
  });
  const first = await timed(async () => {
    terminal.type("g");
    await terminal.until(/ 1$/m);
  });
  const memory = await memoryOf(await terminal.pid());
  await leave(terminal);
  const peer = await Peer.build(bench, [await context(bench, lines)]);
  const theirs = await timed(async () => {
    await peer.ended();
  });
  const all = [...peer.output.matchAll(/^#\d+ [\d.]+ \d+$/gm)].length;
  return {
    ours: `all there after ${seconds(printed)}; line 777,777 is found after ${seconds(found)}, the first one shown after ${seconds(first)}; at most ${memory.toFixed(0)} MB of memory`,
    peer: `ends after ${seconds(theirs)}, ${all.toLocaleString("en")} lines came out`,
  };
}

async function shellFlood(bench: FaultBench): Promise<Seen> {
  await using terminal = await openedInShell(bench, ["RUN false"]);
  terminal.type("yes\r");
  await terminal.until(/^y$/m);
  await delay(3000);
  const stopped = await timed(async () => {
    terminal.key("Ctrl-C");
    await terminal.until(SHELL_PROMPT);
  });
  const memory = await memoryOf(await terminal.pid());
  return {
    ours: `Ctrl-C is answered after ${seconds(stopped)}, at most ${memory.toFixed(0)} MB of memory`,
    peer: undefined,
  };
}

async function longFile(bench: FaultBench): Promise<Seen> {
  const lines = Array.from({ length: 10_000 }, (_, index) => `ENV V${index}=${index}`);
  const path = await context(bench, lines);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < LONG_FILE_ROUNDS; round += 1) {
    const from = performance.now();
    await using terminal = await opened(bench, path);
    await terminal.untilRow(1, /LOADED/);
    ours.push(performance.now() - from);
    await leave(terminal);
    theirs.push(await timed(() => docker(bench, ["build", "--progress=plain", path])));
  }
  return {
    ours: `the first stop after ${seconds(median(ours))}`,
    peer: `the build takes ${seconds(median(theirs))}`,
  };
}

const GARBAGE: readonly Buffer[] = [
  Buffer.from("\ufeffFROM scratch\nRUN echo \u001b]0;x\u0007\n", "utf16le"),
  Buffer.from("FROM scratch\nRUNN \u001b]52;c;AAAA\u0007\u001b[2J\u009d0;t\u0007\n"),
  Buffer.from("FROM scratch\nRUN a\0b\0\n"),
  Buffer.from("FROM scratch\rRUN true\r"),
  Buffer.concat([Buffer.from("FROM scratch\nENV A="), Buffer.from([0xff, 0xfe, 0x0a])]),
];

async function garbage(bench: FaultBench): Promise<Seen> {
  let [ours, peers] = [0, 0];
  for (const bytes of GARBAGE) {
    const path = await contextOf(bench, "");
    await writeFile(join(path, "Dockerfile"), bytes);
    await using terminal = await Terminal.start({ ...WINDOW, engine: bench.engine, args: [path] });
    await terminal.until(/FAILED|LOADED|FINISHED|ERROR|^bktui: the Dockerfile/m);
    if (!/LEFT/.test(terminal.output)) terminal.type("q");
    await terminal.left();
    if (forbiddenIn(terminal.output) !== undefined) ours += 1;
    const { stdout, stderr } = await runBktui(["--run", path], { engine: bench.engine });
    ours += control(stdout + stderr);
    const peer = await Peer.build(bench, [path]);
    await peer.ended();
    peers += control(peer.output);
  }
  return {
    ours: `the error is shown in words, ${ours} control bytes of theirs come out`,
    peer: `${peers} come out`,
  };
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/** All but line ends and tabs. */
function control(output: string): number {
  return [...output].filter((character) => isControl(character) && !"\t\n\r".includes(character)).length;
}

async function manyFiles(bench: FaultBench): Promise<Seen> {
  const path = await context(bench, ["COPY many /many"]);
  for (let from = 0; from < FILES; from += 1000) {
    const folder = join(path, "many", `d${from}`);
    await mkdir(folder, { recursive: true });
    await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        writeFile(join(folder, `file-${index}`), `content ${from + index}`),
      ),
    );
  }
  await using terminal = await opened(bench, path, { waitMs: 240_000 });
  terminal.type("c");
  await terminal.untilRow(1, /load build context [\d.]+ ?[kM]B/);
  await delay(5000);
  const cancelled = await timed(async () => {
    terminal.key("Ctrl-C", "Ctrl-C");
    await terminal.untilRow(1, /PAUSED|LOADED/);
  });
  const first = await timed(async () => {
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
  });
  const memory = await memoryOf(await terminal.pid());
  await leave(terminal);
  const again = await timed(() => runBktui(["--run", path], { engine: bench.engine }));
  await docker(bench, ["prune", "-af"]);
  const theirs = await timed(() => docker(bench, ["build", "--progress=plain", path]));
  const theirsAgain = await timed(() => docker(bench, ["build", "--progress=plain", path]));
  return {
    ours: `${seconds(first)} after a cancelled try, which ended after ${seconds(cancelled)}; ${seconds(again)} again; at most ${memory.toFixed(0)} MB of memory`,
    peer: `${seconds(theirs)}, ${seconds(theirsAgain)} again`,
  };
}

async function longPath(bench: FaultBench): Promise<Seen> {
  const made = async (): Promise<string> => {
    const path = await context(bench, ["COPY deep /deep"]);
    // Longer than one call takes: made from within.
    const name = "n".repeat(200);
    const script = `cd "$0" && mkdir deep && cd deep && for i in $(seq 30); do mkdir ${name} && cd ${name} || exit 1; done; : > end`;
    const { exitCode, stderr } = await run("bash", ["-c", script, path]);
    if (exitCode !== 0) throw new Error(stderr);
    return path;
  };
  const ours = await runBktui(["--run", await made()], { engine: bench.engine });
  const peer = await Peer.build(bench, [await made()]);
  const code = await peer.ended();
  const longest = Math.max(...ours.stderr.split("\n").map((line) => line.length));
  const theirs = Math.max(...peer.output.split("\n").map((line) => line.length));
  return {
    ours: `exit code ${ours.exitCode}, the longest line said has ${longest} characters`,
    peer: `exit code ${code}, ${theirs} characters`,
  };
}

export const inputFaults: readonly Fault[] = [
  { name: "log-flood", failure: `a step prints ${MEGABYTES} MB`, measure: logFlood },
  { name: "million-lines", failure: "a step prints a million lines", measure: millionLines },
  { name: "shell-flood", failure: "`yes` in the shell", measure: shellFlood },
  { name: "long-file", failure: "a Dockerfile of 10,000 lines", measure: longFile },
  { name: "garbage", failure: "Dockerfiles of UTF-16, escapes, NUL, CR only, no UTF-8", measure: garbage },
  { name: "many-files", failure: "a context of 200,000 files", measure: manyFiles },
  { name: "long-path", failure: "a path of 6,000 bytes in the context", measure: longPath },
];
