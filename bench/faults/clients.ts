/** Clients that die, sleep, or cannot write what they were asked for. */
import { randomInt } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { running } from "../../test/support/processes.ts";
import { run, runBktui } from "../../test/support/program.ts";
import { Terminal } from "../../test/support/terminal.ts";
import { context, leave, opened, openedInShell, WINDOW } from "../bench.ts";
import { median } from "../figure.ts";
import { type Fault, type FaultBench, msUntil, Peer, type Seen, seconds, uniqueSleep } from "./fault.ts";

const SLEEP_MS = 60_000;
const ROUNDS = 9;
const DEATHS = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGABRT"] as const;

async function suspended(bench: FaultBench): Promise<Seen> {
  const secret = join(bench.scratch, "token");
  await writeFile(secret, "value-of-the-token");
  const given = ["--secret", `id=token,src=${secret}`];
  const lines = [
    `RUN sleep ${SLEEP_MS / 1000 + 5}`,
    "RUN --mount=type=secret,id=token cat /run/secrets/token",
  ];
  await using terminal = await opened(bench, await context(bench, lines), { more: given, waitMs: 120_000 });
  terminal.type("c");
  await terminal.untilRow(1, /RUNNING step 3/);
  const peer = await Peer.build(bench, [...given, await context(bench, lines)]);
  await peer.says(/RUN sleep 65/);
  const pids = [await terminal.pid(), peer.child.pid ?? 0];
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  await delay(SLEEP_MS);
  for (const pid of pids) process.kill(pid, "SIGCONT");
  await terminal.untilRow(1, /FINISHED|FAILED|LOST/);
  const [, ours = "?"] = /(FINISHED|FAILED|LOST)/.exec(terminal.row(1)) ?? [];
  await leave(terminal);
  const code = await peer.ended();
  return {
    ours: ours === "FINISHED" ? "has its session again, the build is finished" : ours,
    peer: code === 0 ? "the build is finished" : `the build fails with ${code}`,
  };
}

/** Milliseconds to the end of a step's processes, the median of several. */
async function medianOf(measure: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) all.push(await measure());
  return median(all);
}

async function killedInRun(bench: FaultBench): Promise<Seen> {
  const ours = await medianOf(async () => {
    const sleep = uniqueSleep();
    await using terminal = await opened(bench, await context(bench, [`RUN ${sleep}`]));
    terminal.type("c");
    await msUntil("the step runs", () => running(sleep) === 1);
    process.kill(await terminal.pid(), "SIGKILL");
    return await msUntil("its step is gone", () => running(sleep) === 0);
  });
  const theirs = await medianOf(async () => {
    const sleep = uniqueSleep();
    const peer = await Peer.build(bench, [await context(bench, [`RUN ${sleep}`])]);
    await msUntil("the peer's step runs", () => running(sleep) === 1);
    peer.child.kill("SIGKILL");
    return await msUntil("the peer's step is gone", () => running(sleep) === 0);
  });
  return { ours: `the step's processes are gone after ${seconds(ours)}`, peer: `after ${seconds(theirs)}` };
}

async function terminalBack(bench: FaultBench): Promise<Seen> {
  let restored = 0;
  let slowest = 0;
  for (const death of DEATHS) {
    await using terminal = await openedInShell(bench, ["RUN false"]);
    process.kill(await terminal.pid(), death);
    const isBack = async (): Promise<boolean> =>
      terminal.modesLeftOn().length === 0 && / icanon .* echo /s.test(await terminal.settings());
    slowest = Math.max(slowest, await msUntil(`the terminal is back after ${death}`, isBack));
    restored += 1;
  }
  return {
    ours: `as before after ${restored} of ${DEATHS.length} (TERM, HUP, INT, QUIT, KILL, ABRT), within ${seconds(slowest)}`,
    peer: undefined,
  };
}

async function outputFull(bench: FaultBench): Promise<Seen> {
  const [ours, theirs] = [await context(bench, ["RUN true"]), await context(bench, ["RUN true"])];
  const full = openSync("/dev/full", "w");
  const program = new URL("../../dist/bktui.js", import.meta.url).pathname;
  const script = 'exec "$@" > /dev/full 2>&1';
  const env = { DOCKER_HOST: bench.engine.dockerHost, HOME: bench.scratch };
  const ran = await run("sh", ["-c", script, "sh", process.execPath, program, "--run", ours], { env });
  const peer = await Peer.build(bench, ["-q", theirs], { stdout: full });
  const code = await peer.ended();
  closeSync(full);
  return { ours: `exit code ${ran.exitCode}`, peer: `exit code ${code} (-q)` };
}

async function diskFull(bench: FaultBench): Promise<Seen> {
  const small = await mkdtemp(join(bench.scratch, "small-"));
  const state = await context(bench, ["RUN dd if=/dev/zero of=/large bs=1M count=3", "RUN false"]);
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=1m", "bktui", small]);
  if (mounted.exitCode !== 0) throw new Error(mounted.stderr);
  try {
    await using terminal = await opened(bench, state);
    terminal.type("c");
    await terminal.untilRow(1, /FAILED/);
    terminal.type("[d");
    await terminal.until(/^> \+ large/m);
    terminal.type("w");
    await terminal.until(/write a copy to: /);
    terminal.type(`\u0015${small}/copy\r`);
    await terminal.until(/no space left/);
    await leave(terminal);
    const left = await readdir(small);
    return { ours: `"no space left", ${left.length} partial files`, peer: undefined };
  } finally {
    await run("umount", [small]);
  }
}

async function resizeStorm(bench: FaultBench): Promise<Seen> {
  await using terminal = await openedInShell(bench, ["RUN false"]);
  const frames = (): number => terminal.output.split("\u001b[?2026h").length;
  const before = frames();
  const from = performance.now();
  for (let round = 0; round < 1000; round += 1) {
    terminal.resize(60 + ((round * 7) % 80), 16 + ((round * 5) % 30));
    await delay(5);
  }
  const stormed = performance.now() - from;
  for (const [columns, rows] of [
    [1, 1],
    [500, 200],
    [WINDOW.columns, WINDOW.rows],
  ] as const)
    terminal.resize(columns, rows);
  const last = performance.now();
  terminal.type("stty size\r");
  await terminal.until(/^\d+ \d+$/m);
  const answered = performance.now() - last;
  const rate = (frames() - before) / (stormed / 1000);
  return {
    ours: `${rate.toFixed(0)} frames per second, the shell answers ${seconds(answered)} after the last of 1,000 sizes`,
    peer: undefined,
  };
}

async function deafStep(bench: FaultBench): Promise<Seen> {
  const deaf = (sleep: string): string => `RUN trap '' TERM INT HUP QUIT; ${sleep}; true`;
  const ours = await medianOf(async () => {
    const sleep = uniqueSleep();
    await using terminal = await opened(bench, await context(bench, [deaf(sleep)]));
    terminal.type("c");
    await msUntil("the step runs", () => running(sleep) === 1);
    terminal.key("Ctrl-C");
    await terminal.untilRow(1, /PAUSING/);
    terminal.key("Ctrl-C");
    const gone = await msUntil("its step is gone", () => running(sleep) === 0);
    await terminal.untilRow(1, /PAUSED|CANCELLED|LOADED/);
    await leave(terminal);
    return gone;
  });
  const theirs = await medianOf(async () => {
    const sleep = uniqueSleep();
    const peer = await Peer.build(bench, [await context(bench, [deaf(sleep)])]);
    await msUntil("the peer's step runs", () => running(sleep) === 1);
    peer.child.kill("SIGINT");
    return await msUntil("the peer's step is gone", () => running(sleep) === 0);
  });
  return {
    ours: `its processes are gone ${seconds(ours)} after the second Ctrl-C, the build is paused`,
    peer: `gone after ${seconds(theirs)}, the build is over`,
  };
}

async function lockedCache(bench: FaultBench): Promise<Seen> {
  const id = `bench-${randomInt(1e9)}`;
  const cache = `RUN --mount=type=cache,id=${id},sharing=locked,target=/c`;
  const holder = await Peer.build(bench, [await context(bench, [`${cache} sleep 15`])]);
  await holder.says(/sleep 15/);
  await delay(1000);
  const waiting = `${cache} echo has-it`;
  await using terminal = await Terminal.start({
    ...WINDOW,
    engine: bench.engine,
    args: [await context(bench, [waiting])],
  });
  await terminal.untilRow(1, /LOADED/);
  terminal.type("c");
  await terminal.untilRow(1, /RUNNING step 3/);
  const from = performance.now();
  await terminal.until(/waits|waiting/i);
  const said = performance.now() - from;
  await terminal.untilRow(1, /FINISHED/);
  await leave(terminal);
  await holder.ended();
  return { ours: `says after ${seconds(said)} which cache it may be waiting for`, peer: "says nothing" };
}

async function unreadable(bench: FaultBench): Promise<Seen> {
  const made = async (): Promise<string> => {
    const path = await context(bench, ["COPY shut /shut", "RUN wc -c < /shut"]);
    await writeFile(join(path, "shut"), "content", { mode: 0o000 });
    return path;
  };
  const { engine } = bench;
  const ours = await runBktui(["--run", await made()], { engine, asOrdinaryUser: true });
  const home = join(bench.scratch, "docker-home");
  await mkdir(home, { recursive: true });
  const peer = await Peer.build(bench, [await made()], { limited: true });
  const code = await peer.ended();
  const bytes = /^#\d+ [\d.]+ (\d+)$/m.exec(peer.output)?.[1];
  const isNamed = /shut.*cannot be read|cannot.*read.*shut|permission denied/i.test(ours.stderr);
  return {
    ours: `exit code ${ours.exitCode}, ${isNamed ? "the file is named" : "nothing is said"}`,
    peer: `exit code ${code}${bytes === undefined ? "" : `, a file of ${bytes} bytes`}`,
  };
}

export const clientFaults: readonly Fault[] = [
  {
    name: "client-suspended",
    failure: "the client is suspended for 60 s in a RUN, the next one wants a secret",
    measure: suspended,
  },
  { name: "client-killed", failure: "the client is killed in a RUN", measure: killedInRun },
  {
    name: "terminal",
    failure: "the client dies in a shell: the terminal",
    others: "`docker buildx debug` 0.36: as before after 2 of 6",
    measure: terminalBack,
  },
  { name: "output-full", failure: "standard output is a full disk", measure: outputFull },
  {
    name: "disk-full",
    failure: "a file is written to a full disk of the client",
    others: "buildctl 0.32 and buildx 0.36 leave a part of the file, for all to read",
    measure: diskFull,
  },
  { name: "resize", failure: "1,000 window sizes in 5 s with a shell open", measure: resizeStorm },
  { name: "deaf-step", failure: "a step that ignores signals is cancelled", measure: deafStep },
  { name: "locked-cache", failure: "a step waits for the cache of another build", measure: lockedCache },
  { name: "unreadable", failure: "a file of the context cannot be read", measure: unreadable },
];
