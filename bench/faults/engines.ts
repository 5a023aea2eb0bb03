/** Engines that are killed, suspended, restarted, cut off. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { OwnEngine } from "../../test/support/own-engine.ts";
import { running } from "../../test/support/processes.ts";
import { wireTo } from "../../test/support/wire.ts";
import { context, leave, opened } from "../bench.ts";
import { type Fault, type FaultBench, msUntil, Peer, type Seen, seconds, uniqueSleep } from "./fault.ts";

/** How long nothing is heard of a suspended engine before it is let go on. */
const SILENCE_MS = 30_000;

async function killedInRun(bench: FaultBench): Promise<Seen> {
  const [ours, theirs] = [uniqueSleep(), uniqueSleep()];
  await using own = await OwnEngine.start(bench.suite);
  const its = { ...bench, engine: own.engine };
  await using terminal = await opened(its, await context(its, [`RUN ${ours}`]));
  terminal.type("c");
  await msUntil("the step runs", () => running(ours) === 1);
  const from = performance.now();
  await own.killDaemon();
  await terminal.untilRow(1, /LOST engine connection/);
  const notice = performance.now() - from;
  await msUntil("its step is gone", () => running(ours) === 0);
  const gone = performance.now() - from;
  const again = performance.now();
  await own.startAgain();
  const started = performance.now() - again;
  await terminal.untilRow(1, /PAUSED|LOADED/);
  const back = performance.now() - again - started;
  await leave(terminal);
  const peer = await Peer.build(its, [await context(its, [`RUN ${theirs}`])]);
  await msUntil("the peer's step runs", () => running(theirs) === 1);
  const killed = performance.now();
  await own.killDaemon();
  const code = await peer.ended();
  const ended = performance.now() - killed;
  return {
    ours: `said after ${seconds(notice)}, the screen stays; the step's processes are gone after ${seconds(gone)}; back at the stop ${seconds(back)} after the engine`,
    peer: `ends after ${seconds(ended)} with ${code}; has to be started again`,
  };
}

async function stopsInRun(bench: FaultBench): Promise<Seen> {
  const sleep = uniqueSleep();
  await using own = await OwnEngine.start(bench.suite);
  const its = { ...bench, engine: own.engine };
  await using terminal = await opened(its, await context(its, [`RUN ${sleep}`]));
  terminal.type("c");
  await msUntil("the step runs", () => running(sleep) === 1);
  const from = performance.now();
  await own.stop();
  const stopped = performance.now() - from;
  const left = running(sleep);
  await terminal.untilRow(1, /LOST engine connection/);
  await own.startAgain();
  return { ours: `stopped after ${seconds(stopped)}, ${left} processes left`, peer: undefined };
}

async function suspended(bench: FaultBench): Promise<Seen> {
  await using own = await OwnEngine.start(bench.suite);
  const its = { ...bench, engine: own.engine };
  await using terminal = await opened(its, await context(its, ["RUN sleep 20", "RUN true"]));
  const peer = await Peer.build(its, [await context(its, ["RUN sleep 20", "RUN true"])]);
  terminal.type("c");
  await terminal.untilRow(1, /RUNNING step 3/);
  await peer.says(/RUN sleep 20/);
  await own.suspend();
  const from = performance.now();
  const before = peer.output.length;
  await terminal.untilRow(1, /not answering/);
  const notice = performance.now() - from;
  const asked = performance.now();
  terminal.type("?");
  await terminal.until(/─ Help: /);
  const key = performance.now() - asked;
  terminal.key("Escape");
  await delay(Math.max(0, SILENCE_MS - (performance.now() - from)));
  const said = peer.output.length > before;
  await own.resume();
  await terminal.untilRow(1, /FINISHED/);
  const code = await peer.ended();
  await leave(terminal);
  return {
    ours: `said after ${seconds(notice)}, a key answers within ${seconds(key)}, goes on by itself`,
    peer: `${said ? "says something" : "says nothing"} in ${seconds(SILENCE_MS)}, ends with ${code} after it goes on`,
  };
}

const WITH_SECRET = ["RUN sleep 3", "RUN --mount=type=secret,id=token cat /run/secrets/token"];

async function sessionCut(bench: FaultBench): Promise<Seen> {
  const secret = join(bench.scratch, "token");
  await writeFile(secret, "value-of-the-token");
  const given = ["--secret", `id=token,src=${secret}`];
  await using wire = await wireTo(bench.engine);
  const its = { ...bench, engine: wire.engine };
  await using terminal = await opened(its, await context(its, WITH_SECRET), { more: given });
  terminal.type("c");
  await terminal.untilRow(1, /RUNNING step 3/);
  wire.cut("session");
  await terminal.untilRow(1, /FINISHED|FAILED|LOST/);
  const [, ours = "?"] = /(FINISHED|FAILED|LOST)/.exec(terminal.row(1)) ?? [];
  await leave(terminal);
  const peer = await Peer.build(its, [...given, await context(its, WITH_SECRET)], { engine: wire.engine });
  await peer.says(/RUN sleep 3/);
  await delay(500);
  wire.cut("session");
  const code = await peer.ended();
  return {
    ours: ours === "FINISHED" ? "heals it, the build is finished" : ours,
    peer: code === 0 ? "the build is finished" : `the build fails with ${code}`,
  };
}

export const engineFaults: readonly Fault[] = [
  { name: "engine-killed", failure: "the engine is killed in a RUN and started again", measure: killedInRun },
  {
    name: "engine-stops",
    failure: "the private engine is told to stop in a RUN",
    others: "buildkitd 0.32: not stopped after 600 s",
    measure: stopsInRun,
  },
  { name: "engine-suspended", failure: "the engine is suspended for 30 s in a RUN", measure: suspended },
  {
    name: "session-cut",
    failure: "the session is cut in a RUN, the next one wants a secret",
    measure: sessionCut,
  },
];
