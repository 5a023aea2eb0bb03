/** Opens a session and serves on it what the engine calls back. */
import { randomBytes } from "node:crypto";
import { throwIfCancelled } from "../base/errors.ts";
import type { Channel } from "../transport/channel.ts";
import { openSessionStream } from "../transport/session-stream.ts";
import type { Attachable, Handler } from "./attachable.ts";
import { healthService } from "./health.ts";
import { serve } from "./serve.ts";

/** A session: what the daemon may ask of this client while a build runs. Disposing ends it; the daemon notices at once. */
export interface Session extends AsyncDisposable {
  /** Goes into `SolveRequest.Session`. New for each session: the daemon keeps local sources per id. */
  readonly id: string;
  /**
   * Fires when the session is over, also after disposal; the reason is a BktuiError. The build goes on without it,
   * but fails at the next use of context, secret or ssh, and the daemon remembers that failure for the build.
   */
  readonly closed: AbortSignal;
}

/**
 * Opens a session and serves on it.
 * @param options.sharedKey names the source tree for incremental transfer, see `sharedKeyOf`.
 * @param options.id of a session that broke off: the builds that name it use this one from now on (BuildKit 0.8 to
 * 0.32); default a new one.
 * @throws {BktuiError} "engine-unreachable", "engine" when the daemon refuses, "cancelled".
 */
export async function openSession(
  channel: Channel,
  services: readonly Attachable[],
  {
    sharedKey,
    id = newSessionId(),
    signal,
  }: { readonly sharedKey: string; readonly id?: string | undefined; readonly signal: AbortSignal },
): Promise<Session> {
  const methods = new Map<string, Handler>();
  for (const service of [healthService(), ...services]) {
    for (const [method, handler] of service.methods) methods.set(method, handler);
  }
  const headers: (readonly [string, string])[] = [
    ["x-docker-expose-session-uuid", id],
    // Only logged, and only by BuildKit 0.8.
    ["x-docker-expose-session-name", "bktui"],
    ["x-docker-expose-session-sharedkey", sharedKey],
  ];
  // The daemon treats a method that is not listed here as absent.
  for (const method of methods.keys()) headers.push(["x-docker-expose-session-grpc-method", method]);
  const stream = await openSessionStream(channel, headers, { signal });
  const served = serve(stream, methods);
  if (signal.aborted) {
    await served[Symbol.asyncDispose]();
    throwIfCancelled(signal);
  }
  return { id, closed: served.closed, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

/** Unique and without ":", which BuildKit uses as a separator. */
function newSessionId(): string {
  return randomBytes(16).toString("hex");
}
