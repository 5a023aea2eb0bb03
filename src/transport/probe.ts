/** Finds out whether a socket belongs to a dockerd, a buildkitd or something else. */
import type { Socket } from "node:net";
import { Deadline } from "../base/deadline.ts";
import { BktuiError, throwIfCancelled } from "../base/errors.ts";
import type { EngineKind, SocketAddress } from "./address.ts";
import { socketText } from "./address.ts";
import { connectSocket } from "./connect.ts";

const ANSWER_TIMEOUT_MS = 5000;
const ENOUGH_BYTES = 4096;
/** Docker's API answers it; an HTTP/2 server shows its own first frame, or hangs up. */
const HTTP_PING = "GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n";
/** RFC 9113: the client's preface and an empty SETTINGS frame. */
const HTTP2_HELLO = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/**
 * Finds out what listens on a socket by asking it (checked on dockerd 20.10 and 28.5).
 * @throws {BktuiError} "engine-unreachable" when nothing answers, "unsupported" for podman and for anything else.
 */
export async function probeKind(
  socket: SocketAddress,
  { signal }: { readonly signal: AbortSignal },
): Promise<EngineKind> {
  const answer = await askHttp(socket, { signal });
  if (answer.startsWith("HTTP/1.")) return kindOfHttp(socket, answer);
  if (isHttp2(await ask(socket, HTTP2_HELLO, signal))) return "buildkitd";
  throw new BktuiError(
    "unsupported",
    `what listens at ${socketText(socket)} is neither dockerd nor buildkitd`,
  );
}

/**
 * What answers `GET /_ping` there, head first, of an HTTP server or of something else; cut after its first bytes.
 * By hand: loading and using Node's HTTP client costs more than the answer.
 * @throws {BktuiError} "engine-unreachable" when nothing answers, "cancelled".
 */
export async function askHttp(
  socket: SocketAddress,
  { signal }: { readonly signal: AbortSignal },
): Promise<string> {
  return (await ask(socket, HTTP_PING, signal)).toString("latin1");
}

function kindOfHttp(socket: SocketAddress, answer: string): EngineKind {
  if (/^(libpod-api-version|server: *libpod)/im.test(answer)) {
    throw new BktuiError("unsupported", `${socketText(socket)} is podman, which has no BuildKit inside`, {
      hint: "Use a dockerd or a buildkitd.",
    });
  }
  if (/^(api-version|docker-experimental|server: *docker)/im.test(answer)) return "dockerd";
  const status = answer.split("\r\n", 1)[0] ?? "";
  throw new BktuiError("unsupported", `${socketText(socket)} is some other HTTP server (${status})`);
}

/** The first frame of an HTTP/2 server is SETTINGS: type 4 on stream 0. */
function isHttp2(answer: Buffer): boolean {
  return answer.length >= 9 && answer[3] === 4 && answer.readUInt32BE(5) === 0;
}

/** Sends a question and collects what comes until there is enough to tell, or the peer hangs up. */
async function ask(address: SocketAddress, question: string | Buffer, signal: AbortSignal): Promise<Buffer> {
  const socket = await connectSocket(address, { signal });
  try {
    socket.write(question);
    using deadline = new Deadline(ANSWER_TIMEOUT_MS, signal);
    return await firstBytes(socket, deadline.signal);
  } catch (error) {
    throwIfCancelled(signal);
    throw unanswered(address, error);
  } finally {
    socket.on("error", () => undefined).destroy();
  }
}

function unanswered(address: SocketAddress, cause: unknown): BktuiError {
  const why = `what listens at ${socketText(address)} accepts connections but does not answer`;
  return new BktuiError("engine-unreachable", why, { cause });
}

function firstBytes(socket: Socket, stop: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      seen = Buffer.concat([seen, chunk]);
      const whole = isHttp2(seen) || seen.includes("\r\n\r\n") || seen.length >= ENOUGH_BYTES;
      if (whole) resolve(seen);
    });
    socket.on("close", () => resolve(seen));
    // A peer that does not like the question resets the connection: what it said before still counts.
    socket.on("error", () => resolve(seen));
    stop.addEventListener("abort", () => reject(stop.reason), { once: true });
  });
}
