/** dockerd's HTTP/1.1 upgrade to a byte stream. */
import type { Duplex } from "node:stream";
import { Deadline } from "../base/deadline.ts";
import { BktuiError, throwIfCancelled } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { type Answer, readHead, readUntil } from "./http-head.ts";

/** dockerd answers at once; only an engine that is stopped or dead is silent. */
const ANSWER_TIMEOUT_MS = 15_000;
const BODY_TIMEOUT_MS = 1000;

/** Headers in order; a name may occur several times. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * Turns a stream to dockerd into an HTTP/2 byte stream. Bytes that came right behind the answer stay
 * readable on the socket. On failure the socket is destroyed.
 * Checked on dockerd 20.10 and 28.5, which take `POST /grpc` and `POST /session` without an API version in the path.
 * @throws {BktuiError} "engine" with the daemon's words when it refuses, "engine-unreachable", "cancelled".
 */
export async function upgrade<Stream extends Duplex>(
  socket: Stream,
  path: "/grpc" | "/session",
  headers: HeaderList,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Stream> {
  using deadline = new Deadline(ANSWER_TIMEOUT_MS, signal);
  try {
    throwIfCancelled(signal);
    socket.write(requestHead(path, headers), "latin1");
    const answer = await readHead(socket, deadline.signal);
    if (!/^HTTP\/1\.[01] 101 /.test(answer.head)) throw await refusal(socket, path, answer);
    if (answer.rest.length > 0) socket.unshift(answer.rest);
    return socket;
  } catch (error) {
    // The failure has been reported; what the dying socket adds is of no use.
    socket.on("error", () => undefined).destroy();
    throwIfCancelled(signal);
    if (error instanceof BktuiError) throw error;
    throw unanswered(path, error);
  }
}

function unanswered(path: string, cause: unknown): BktuiError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BktuiError("engine-unreachable", `the engine did not answer POST ${path}: ${why}`, { cause });
}

function requestHead(path: string, headers: HeaderList): string {
  const lines = [`POST ${path} HTTP/1.1`, "Host: docker", "Connection: Upgrade", "Upgrade: h2c"];
  for (const [name, value] of headers) {
    if (/[\r\n\0]/.test(name + value)) {
      throw new BktuiError("internal", `the header ${JSON.stringify(name)} has a line break in it`);
    }
    lines.push(`${name}: ${value}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

async function refusal(socket: Duplex, path: string, { head, rest }: Answer): Promise<BktuiError> {
  const declared = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  const length = Math.min(declared, limits.httpAnswerBytes);
  let body = rest;
  if (body.length < length) {
    // The body only embellishes the message: when it does not come, the status line must do.
    using deadline = new Deadline(BODY_TIMEOUT_MS);
    body = await readUntil(socket, deadline.signal, (chunk) => {
      body = Buffer.concat([body, chunk]);
      return body.length >= length ? body : undefined;
    }).catch(() => body);
  }
  const status = head.split("\r\n", 1)[0] ?? head;
  const words = messageOf(body.toString()) ?? status;
  return new BktuiError("engine", `the engine refused POST ${path}: ${words}`, {
    hint: "This may be something else than dockerd, or a dockerd without BuildKit.",
  });
}

/** Docker's API puts `{"message": …}` into the body. */
function messageOf(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) return String(parsed.message);
  } catch {
    // Not JSON: a proxy's page, say. The status line tells more.
  }
  return undefined;
}
