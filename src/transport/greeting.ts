/** Asks a dockerd who it is on the very connection that becomes the build's: another one may cost seconds. */
import type { Duplex } from "node:stream";
import { Deadline } from "../base/deadline.ts";
import { throwIfCancelled } from "../base/errors.ts";
import type { SocketAddress } from "./address.ts";
import { unreachableError } from "./connect.ts";
import { readHead } from "./http-head.ts";
import { dockerVersionIn, kindOfHttp } from "./http-kind.ts";

/** HEAD has no body, and the connection stays (dockerd since 19.03). */
const QUESTION = "HEAD /_ping HTTP/1.1\r\nHost: docker\r\n\r\n";
/** Longer than a program may take to connect; it has a limit of its own. */
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * The version of the dockerd at the other end, undefined when it does not say. On failure the stream is destroyed.
 * @throws {BktuiError} "engine-unreachable" with the reason in words, "unsupported" for what is no dockerd, "cancelled".
 */
export async function greetDockerd(
  stream: Duplex,
  address: SocketAddress,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  using deadline = new Deadline(ANSWER_TIMEOUT_MS, signal);
  try {
    stream.write(QUESTION, "latin1");
    const { head } = await readHead(stream, deadline.signal);
    kindOfHttp(address, head);
    return dockerVersionIn(head);
  } catch (error) {
    // The failure is reported; what the dying stream adds is of no use.
    stream.on("error", () => undefined).destroy();
    throwIfCancelled(signal);
    throw unreachableError(address, error);
  }
}
