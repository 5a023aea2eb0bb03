/** Finding an engine and connecting to it, as front ends ask for it. Types only; main.ts does it. */

import type { BktuiError } from "../base/errors.ts";
import type { WriteLine } from "../base/json-line.ts";
import type { Debugger } from "../debugger/debugger.ts";
import type { Engine } from "../engine/engine.ts";

/** May a private engine be started when none is found? */
export type EnginePolicy = "auto" | "ask" | "never";

/** TLS to the engine that is named by an address; paths absolute. */
export interface EngineTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** In the engine's certificate; undefined = the host of the address. */
  readonly serverName?: string | undefined;
}

/** Which engine to use and whether one may be started. */
export interface EngineChoice {
  readonly addr: string | undefined;
  /** For `addr`, else for BUILDKIT_HOST; undefined = tcp is plain. */
  readonly tls?: EngineTls | undefined;
  /** A builder of buildx, by name; undefined = as BUILDX_BUILDER and `docker buildx use` say. */
  readonly builder?: string | undefined;
  /** Decides among the nodes of a builder, e.g. "linux/arm64". */
  readonly platform?: string | undefined;
  /** The build context, absolute: some builders keep its cache on one of their nodes. */
  readonly contextPath?: string | undefined;
  readonly policy: EnginePolicy;
  /** A build that is over is shown first, without any engine; one is looked for when it is run again. */
  readonly record?: ShownRecord | undefined;
}

/** A record of a file. */
export interface ShownRecord {
  /** Absolute. */
  readonly path: string;
  readonly ref: string;
  /** Why its build cannot be made again here; undefined = it can. */
  readonly problem: BktuiError | undefined;
}

/** What finding or starting an engine may do meanwhile. */
export interface Waiting {
  readonly signal: AbortSignal;
  /** One line for the user while he waits. */
  readonly onProgress: (line: string) => void;
  /** Asks a question with yes or no; undefined = there is nobody to be asked. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
}

/** A debugger and the connection under it; disposing ends both. */
export interface Connected extends AsyncDisposable {
  readonly debugger: Debugger;
  readonly engine: Pick<Engine, "subrequest" | "open">;
}

/**
 * Finds or starts an engine and connects; the caller disposes it.
 * @param options.writeReport gets all that builds report, as lines of JSON
 */
export type Connect = (
  engine: EngineChoice,
  waiting: Waiting,
  options?: { readonly writeReport?: WriteLine | undefined },
) => Promise<Connected>;
