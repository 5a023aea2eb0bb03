/** The server in this process, over streams in memory: for tests that need very many sessions. */
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { ProgramConsole } from "../../src/answers/program-console.ts";
import { BktuiError } from "../../src/base/errors.ts";
import { readPieces, type TakePiece } from "../../src/base/pieces.ts";
import { Scope } from "../../src/base/scope.ts";
import { DEFAULT_SETTINGS } from "../../src/console/settings.ts";
import type { DapBuild, DapHost } from "../../src/dap/host.ts";
import { serveDap } from "../../src/dap/serve-dap.ts";
import { createDebugger } from "../../src/debugger/runtime.ts";
import type { BuildRequest } from "../../src/engine/build-request.ts";
import { BuildkitEngine } from "../../src/engine/buildkit/engine.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { DapClient, type DapClientOptions } from "./dap-client.ts";
import { debugRoot } from "./debugging.ts";
import type { TestEngine } from "./test-engine.ts";

/** A session. Disposing cuts the connection, waits for the server's end, and throws what was wrong with what it said. */
export interface ServedSession extends AsyncDisposable {
  readonly client: DapClient;
  /** What the server said of the connection. */
  readonly problems: readonly string[];
  /** Resolves when the server has done with this client. */
  readonly done: Promise<void>;
  /** As when the client is killed: nothing more comes, nothing more is taken. */
  cut(): void;
}

export function servedSession(
  host: DapHost,
  options: Partial<Omit<DapClientOptions, "input" | "output">> = {},
): ServedSession {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const closed = new AbortController();
  const problems: string[] = [];
  for (const stream of [toServer, toClient]) stream.on("error", () => undefined);
  toClient.on("close", () => closed.abort());
  const streams = {
    read: async (take: TakePiece, signal: AbortSignal) => {
      await readPieces(toServer, take, signal);
      toServer.destroy();
    },
    write: (data: string | Uint8Array) => toClient.destroyed || toClient.write(data),
    drained: async () => {
      if (!toClient.destroyed) await Promise.race([once(toClient, "drain"), once(toClient, "close")]);
    },
    closed: closed.signal,
    onProblem: (words: string) => void problems.push(words),
  };
  const done = serveDap(host, streams, { signal: new AbortController().signal }).finally(() =>
    toClient.end(),
  );
  const client = new DapClient({ ...options, input: toClient, output: toServer });
  return {
    client,
    problems,
    done,
    cut: () => {
      toServer.destroy();
      toClient.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      if (!client.isOver) toServer.destroy();
      await done;
      client.check();
    },
  };
}

export interface EngineHostOptions {
  /** Of what is launched, by the launch body. */
  requestOf(body: Readonly<Record<string, unknown>>): BuildRequest;
  /** What an opening waits for, so that something can be asked meanwhile. */
  readonly gate?: (signal: AbortSignal) => Promise<void>;
}

/** Each build has a connection of its own to the engine. */
export function engineHost(engine: TestEngine, { requestOf, gate }: EngineHostOptions): DapHost {
  return {
    version: "0.0.0",
    open: async (_request, body, { signal }) => {
      if (typeof body !== "object" || body === null) throw new BktuiError("usage", "no launch body");
      const given: Readonly<Record<string, unknown>> = { ...body };
      await gate?.(signal);
      signal.throwIfAborted();
      const options = { signal, origin: "test", env: {}, findRootDirectory: debugRoot };
      const connected = await BuildkitEngine.connect(parseAddress(engine.dockerHost), options);
      return builtOn(connected, requestOf(given), given["stopOnEntry"] === false);
    },
  };
}

function builtOn(engine: BuildkitEngine, request: BuildRequest, run: boolean): DapBuild {
  const scope = new Scope();
  scope.own(engine);
  const debug = scope.own(createDebugger(engine));
  const surroundings = { env: {}, cwd: "/" };
  const own = scope.own(new ProgramConsole({ debug, request, surroundings, settings: DEFAULT_SETTINGS }));
  return {
    debug,
    console: own,
    request,
    breakpoints: [],
    run,
    atFailure: "pause",
    isShared: false,
    others: [],
    notes: [],
    again: () => Promise.resolve({}),
    masked: (text) => debug.masked(text),
    shellCommand: () => Promise.resolve(["true"]),
    end: async () => {
      debug.dispatch({ kind: "quit" });
      await scope[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
  };
}

/** For sessions that never get that far. */
export const NO_BUILDS: DapHost = {
  version: "0.0.0",
  open: () => Promise.reject(new BktuiError("no-engine", "there is nothing to build with")),
};
