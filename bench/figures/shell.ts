/** The shell in a step: how soon it is there, how it feels, how much it can print. */
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createDebugger } from "../../src/debugger/runtime.ts";
import { BuildkitEngine } from "../../src/engine/buildkit/engine.ts";
import type { Container } from "../../src/engine/engine.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { run } from "../../test/support/program.ts";
import { Terminal } from "../../test/support/terminal.ts";
import {
  type Bench,
  context,
  docker,
  opened,
  openedInShell,
  requestFor,
  SHELL_PROMPT,
  WINDOW,
} from "../bench.ts";
import { type Figure, inTurns, median, ROUNDS, type Row, timed, times } from "../figure.ts";

const KEYS = 60;
const BETWEEN_KEYS_MS = 60;
const FLOOD_BYTES = 50_000_000;
const READY = /^ready #$/m;

async function failureToPrompt(bench: Bench): Promise<readonly Row[]> {
  const path = await context(bench, ["RUN false"]);
  const { binDir = "", dockerHost } = bench.engine;
  const image = "busybox:1.36";
  await docker(bench, ["pull", "-q", image]);
  const container = ["run", "--rm", "-it", "--network", "none", "-e", "PS1=ready # ", image, "sh"];
  const options = { command: join(binDir, "docker"), args: container, env: { DOCKER_HOST: dockerHost } };
  const { ours, peer } = await inTurns(
    ROUNDS,
    async () => {
      await using terminal = await opened(bench, path);
      terminal.type("c");
      await terminal.untilRow(1, /FAILED/);
      return await timed(async () => {
        terminal.type("!");
        await terminal.until(SHELL_PROMPT);
      });
    },
    async () => {
      const from = performance.now();
      await using terminal = await Terminal.start(options);
      await terminal.until(READY);
      const took = performance.now() - from;
      terminal.type("exit\r");
      await terminal.left();
      return took;
    },
  );
  return [
    {
      what: "a failed step to a usable prompt",
      unit: "ms",
      ours,
      peer: { what: "`docker run -it` to its prompt", samples: peer },
      target: { words: "the peer + 60 ms", allowed: median(peer) + 60 },
      limit: "the engine makes the mounts and starts the container",
    },
  ];
}

/** Types characters one by one, as a person with pauses; each must move the cursor. */
async function echoes(terminal: Terminal): Promise<readonly number[]> {
  return await times(KEYS, async () => {
    const { column } = terminal.cursor;
    await setTimeout(BETWEEN_KEYS_MS);
    const took = await timed(async () => {
      terminal.type("x");
      await terminal.until(() => terminal.cursor.column === column + 1);
    });
    // One out, one in: the line must not grow into the next row.
    terminal.type("\u007f");
    await terminal.until(() => terminal.cursor.column === column);
    return took;
  });
}

async function echoIn(command: string, args: readonly string[]): Promise<readonly number[]> {
  await using terminal = await Terminal.start({ command, args, env: { PS1: "ready # " }, ...WINDOW });
  await terminal.until(READY);
  return await echoes(terminal);
}

async function keyToEcho(bench: Bench): Promise<readonly Row[]> {
  const bare = await echoIn(bench.busybox, ["sh"]);
  await using terminal = await openedInShell(bench, ["RUN false"]);
  const ours = await echoes(terminal);
  const row: Row = {
    what: "a key to its echo in the shell pane",
    unit: "ms",
    ours,
    peer: { what: "a bare pty", samples: bare },
    target: { words: "the peer + 2 ms", allowed: median(bare) + 2 },
    limit: "two passes through the engine's gRPC stream and its container's pty",
  };
  const rows: Row[] = [
    row,
    {
      ...row,
      target: undefined,
      peer: { what: "the same key by gRPC, without a screen", samples: await echoesByGrpc(bench) },
    },
  ];
  const tmux = await throughTmux(bench);
  if (tmux === undefined) return rows;
  return [...rows, { ...row, target: undefined, peer: { what: "the same key in tmux", samples: tmux } }];
}

/** undefined where there is no tmux. */
async function throughTmux({ busybox }: Bench): Promise<readonly number[] | undefined> {
  const socket = `bktui-bench-${process.pid}`;
  try {
    await run("tmux", ["-V"]);
    return await echoIn("tmux", [
      "-L",
      socket,
      "-f",
      "/dev/null",
      "new-session",
      `PS1='ready # ' ${busybox} sh`,
    ]);
  } catch {
    return undefined;
  } finally {
    await run("tmux", ["-L", socket, "kill-server"]).catch(() => undefined);
  }
}

const FLOOD_STEP = `RUN yes 'a line of a flood that is as long as lines of logs are, 0123456789' | head -c ${FLOOD_BYTES} > /flood; false`;
const FLOOD = "cat /flood; echo";

/** A container over the failed step, without any screen. */
async function inFailedStep<T>(
  bench: Bench,
  path: string,
  use: (container: Container, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(120_000);
  const address = parseAddress(bench.engine.dockerHost, bench.engine.kind);
  await using engine = await BuildkitEngine.connect(address, { signal, origin: "bench", env: {} });
  await using debug = createDebugger(engine);
  debug.dispatch({ kind: "launch", request: requestFor(path), stopOnEntry: false });
  const { phase } = await debug.rest();
  if (phase.kind !== "paused") throw new Error(`the build is ${phase.kind}`);
  const failed = phase.execution.program.steps.find(({ id }) => debug.states(id).includes("failed"));
  if (failed === undefined) throw new Error("nothing has failed");
  await using container = await debug.container(failed.id, "failed", { signal });
  return await use(container, signal);
}

/** The same bytes from a container of the same state, to nobody: what the engine and gRPC can do. */
async function relayed(bench: Bench, path: string): Promise<number> {
  return await inFailedStep(bench, path, async (container, signal) => {
    const from = performance.now();
    const args = ["/bin/sh", "-c", FLOOD];
    const terminal = { columns: 118, rows: 14 };
    const process = await container.start({ args, env: [], terminal }, { signal });
    process.onData(() => undefined);
    await process.exited;
    return performance.now() - from;
  });
}

/** A key to the engine and its echo back, without a screen. */
async function echoesByGrpc(bench: Bench): Promise<readonly number[]> {
  const path = await context(bench, ["RUN false"]);
  return await inFailedStep(bench, path, async (container, signal) => {
    const terminal = { columns: 118, rows: 14 };
    const process = await container.start({ args: ["/bin/sh"], env: [], terminal }, { signal });
    let heard: () => void = () => undefined;
    process.onData(() => heard());
    const echo = (key: string): Promise<void> =>
      new Promise((resolve) => {
        heard = resolve;
        process.write(Buffer.from(key));
      });
    await echo("\r");
    return await times(KEYS, async () => {
      await setTimeout(BETWEEN_KEYS_MS);
      const took = await timed(() => echo("x"));
      await echo("\u007f");
      return took;
    });
  });
}

async function flood(bench: Bench): Promise<readonly Row[]> {
  const path = await context(bench, [FLOOD_STEP]);
  await using terminal = await openedInShell(bench, [FLOOD_STEP]);
  const { ours, peer } = await inTurns(
    ROUNDS,
    (round) =>
      timed(async () => {
        terminal.type(`${FLOOD}; echo end-$((${round} + 1000))\r`);
        await terminal.until(new RegExp(`^end-${round + 1000}$`, "m"));
      }),
    () => relayed(bench, path),
  );
  return [
    {
      what: `${FLOOD_BYTES / 1_000_000} MB printed in the shell pane`,
      unit: "ms",
      ours,
      peer: { what: "the same gRPC stream, read and dropped", samples: peer },
      target: { words: "1.2 x the peer", allowed: 1.2 * median(peer) },
      limit: "the emulator, which parses every byte on the thread that also reads the stream",
    },
  ];
}

/** Sends a thousand sizes as fast as a window that is dragged could. */
async function resizes(bench: Bench): Promise<readonly Row[]> {
  await using terminal = await opened(bench, await context(bench, ["RUN true"]));
  const rates: number[] = [];
  const finals: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = terminal.output.length;
    const from = performance.now();
    for (let index = 0; index < 1000; index += 1) {
      terminal.resize(80 + (index % 50), 24 + (index % 20));
      if (index % 4 === 3) await setTimeout(1);
    }
    const end = performance.now();
    terminal.resize(100 + round, 30);
    await terminal.until(
      (rows) => rows.length === 30 && /LOADED/.test(rows[0] ?? "") && / help$/.test(rows[29] ?? ""),
    );
    finals.push(performance.now() - end);
    const frames = terminal.output.slice(before).split("\u001b[?2026h").length - 1;
    rates.push((frames * 1000) / (performance.now() - from));
  }
  const none = { what: "", samples: [] };
  return [
    {
      what: "frames during 1,000 changes of size",
      unit: "/s",
      ours: rates,
      peer: none,
      target: { words: "60 /s", allowed: 60 },
      limit: "the compositor's clock",
    },
    {
      what: "the last change of size to its frame",
      unit: "ms",
      ours: finals,
      peer: none,
      target: { words: "200 ms", allowed: 200 },
      limit: "one frame",
    },
  ];
}

export const shellFigures: readonly Figure[] = [
  { name: "prompt", measure: failureToPrompt },
  { name: "echo", measure: keyToEcho },
  { name: "flood", measure: flood },
  { name: "resize", measure: resizes },
];
