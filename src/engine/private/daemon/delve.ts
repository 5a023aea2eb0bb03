/** A Go debugger on the daemon: which dlv, where it listens, when it has attached, and how people reach it. */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BktuiError, throwIfCancelled } from "../../../base/errors.ts";
import { findProgram, searchPath } from "../packages/programs.ts";
import { lastLines } from "../system/run-program.ts";

/** What a daemon is to be debugged with. */
export interface DelvePlan {
  /** Absolute. */
  readonly program: string;
  readonly listen: DelveAddress;
}

/** On loopback; port 0 = a free one. */
export interface DelveAddress {
  /** "127.0.0.1" or another one of that network, or "::1". */
  readonly host: string;
  readonly port: number;
}

/** Where a debugger listens, and what it cannot do. */
export interface Attached {
  readonly listen: string;
  readonly notes: readonly string[];
}

/** BuildKit's own debug image listens on this port. */
export const DELVE_ADDRESS = "127.0.0.1:5000";

const ATTACH_TIMEOUT_MS = 90_000;
const ANSWER_TIMEOUT_MS = 2000;
const LOOK_MS = 50;
/** The end of dlv, as the engine's first process writes it into the log. */
export const DELVE_ENDED = "bktui: dlv ended with status";
const WITHOUT_SYMBOLS =
  "the daemon has no debug information: dlv can stop it and let it go on, but may know none of its functions and variables";

/**
 * `HOST:PORT` on loopback: who reaches dlv controls the daemon, and dlv asks for no password.
 * @throws {BktuiError} "usage".
 */
export function parseDelveAddress(text: string): DelveAddress {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const named = bracketed ?? plain;
  const port = Number(digits);
  if (named === undefined || port > 65_535)
    throw new BktuiError("usage", `--delve=${text}: not HOST:PORT`, {
      hint: `e.g. --delve=${DELVE_ADDRESS}`,
    });
  const host = named === "localhost" ? "127.0.0.1" : named;
  if (host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)) return { host, port };
  throw new BktuiError(
    "usage",
    `--delve=${text}: not on loopback, and whoever reaches dlv can run anything as the engine's user`,
    { hint: `use --delve=127.0.0.1:${port}; from another machine: ssh -L ${port}:127.0.0.1:${port}` },
  );
}

export function delveAddressText({ host, port }: DelveAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * Finds dlv on PATH, or where `go install` puts it.
 * @throws {BktuiError} "not-found", "usage" for a bad address.
 */
export async function delvePlan(
  address: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DelvePlan> {
  const listen = parseDelveAddress(address);
  const own = [env["GOBIN"], join(env["GOPATH"] ?? join(env["HOME"] ?? "/root", "go"), "bin")];
  const places = [...searchPath(env), ...own.filter((place) => place?.startsWith("/") === true)];
  const program = await findProgram(
    "dlv",
    places.filter((place) => place !== undefined),
  );
  if (program !== undefined) return { program, listen: await withPort(listen) };
  throw new BktuiError("not-found", "--delve needs dlv, which is not on PATH", {
    hint: "Install it: apt-get install delve, or go install github.com/go-delve/delve/cmd/dlv@latest.",
  });
}

/** Chosen here and not by dlv: after it has ended it is there again in the same place. */
async function withPort({ host, port }: DelveAddress): Promise<DelveAddress> {
  if (port !== 0) return { host, port };
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const place = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof place === "object" && place !== null) return { host, port: place.port };
  throw new BktuiError("internal", "a server has no port");
}

/**
 * Waits until dlv has attached to a daemon and lets it run.
 * @param log what daemon and dlv print, as a file
 * @throws {NotDebugged} with dlv's own words when it ends or takes too long; BktuiError "cancelled".
 */
export async function attachedDelve(
  log: string,
  { program }: DelvePlan,
  { signal }: { readonly signal: AbortSignal },
): Promise<Attached> {
  const deadline = performance.now() + ATTACH_TIMEOUT_MS;
  for (;;) {
    throwIfCancelled(signal);
    const text = await readFile(log, "utf8");
    const listen = /^API server listening at: (\S+)$/m.exec(text)?.[1];
    if (text.includes(DELVE_ENDED)) throw notAttached(program, log, text);
    if (listen !== undefined && (await letsRun(listen))) {
      const lacksSymbols = /no debug info found/.test(text);
      return { listen, notes: lacksSymbols ? [WITHOUT_SYMBOLS] : [] };
    }
    if (performance.now() > deadline) throw notAttached(program, log, text);
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The daemon runs, and dlv does not take it: another daemon would not help. */
export class NotDebugged extends BktuiError {}

function notAttached(program: string, log: string, text: string): NotDebugged {
  const words = lastLines(
    text.replaceAll(new RegExp(`^(${DELVE_ENDED}|API server listening).*$`, "gm"), ""),
    1,
  );
  const tooOld = /could not open debug info|too old/.test(text);
  const hint = tooOld
    ? `${program} is too old for this daemon; a newer one debugs programs without debug information too (1.27 does, 1.20 does not).`
    : `Its log is ${log}.`;
  return new NotDebugged("no-engine", `${program} cannot debug the daemon: ${words}`, { hint });
}

/** Asks dlv (JSON-RPC of its API 2, checked on 1.27) whether the program runs; a client that leaves changes nothing. */
async function letsRun(listen: string): Promise<boolean> {
  const { host, port } = parseDelveAddress(listen);
  const socket = createConnection({ host, port });
  socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
  socket.setEncoding("utf8").write(`${JSON.stringify(STATE_REQUEST)}\n`);
  let answer = "";
  try {
    for await (const part of socket) {
      answer += part;
      if (answer.includes("\n")) break;
    }
  } catch {
    // It does not accept yet, or has ended, which the log tells.
    return false;
  } finally {
    socket.destroy();
  }
  return /"Running":true/.test(answer);
}

const STATE_REQUEST = { method: "RPCServer.State", params: [{ NonBlocking: true }], id: 1 };

/** How to attach with dlv, GoLand and VS Code, for people. */
export function howToAttach(listen: string): readonly string[] {
  const { host, port } = parseDelveAddress(listen);
  const launch = { name: "bktui engine", type: "go", request: "attach", mode: "remote", host, port };
  return [
    "To attach a Go debugger (at its breakpoints the engine stands still, and bktui waits):",
    `  dlv        dlv connect ${listen}, and to leave: quit -c`,
    `  GoLand     Run > Edit Configurations > + > Go Remote: host ${host}, port ${port}; on disconnect: leave it running`,
    `  VS Code    in launch.json: ${JSON.stringify(launch)}`,
  ];
}
