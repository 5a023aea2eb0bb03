/** Finds out whether a socket belongs to a dockerd, a buildkitd or something else. */
import type { Duplex } from "node:stream";
import { Deadline } from "../base/deadline.ts";
import { BktuiError, throwIfCancelled } from "../base/errors.ts";
import type { EngineKind, SocketAddress } from "./address.ts";
import { socketText } from "./address.ts";
import { connectSocket, unreachableError } from "./connect.ts";
import { kindOfHttp, wantsTls } from "./http-kind.ts";
import { chosenProtocol, isSecure } from "./secure.ts";

const ANSWER_TIMEOUT_MS = 5000;
const ENOUGH_BYTES = 4096;
/** Docker's API answers it; an HTTP/2 server shows its own first frame, or hangs up. */
const HTTP_PING = "GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n";
/** RFC 9113: the client's preface and an empty SETTINGS frame. */
const HTTP2_HELLO = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
/** The kind of record in which a TLS server refuses what is no TLS (RFC 8446, 5.1). */
const TLS_ALERT = 21;

interface ProbeOptions {
  readonly signal: AbortSignal;
  /** What it should be, as who named it says: TLS is told what will be spoken. */
  readonly expected?: EngineKind | undefined;
}

/**
 * Finds out what listens on a socket by asking it (checked on dockerd 20.10 and 28.5). What a program reaches is not
 * asked: the address says what that is, and each run of the program may cost seconds.
 * @throws {BktuiError} "engine-unreachable" when nothing answers, "unsupported" for podman and for anything else, "io" for
 * files of TLS that cannot be used.
 */
export async function probeKind(socket: SocketAddress, options: ProbeOptions): Promise<EngineKind> {
  if (socket.kind === "command") return socket.speaks;
  const answer = await ask(socket, firstQuestion, options);
  if (isHttp2(answer)) return "buildkitd";
  const text = answer.toString("latin1");
  if (text.startsWith("HTTP/1.")) return kindOfHttp(socket, text);
  if (answer[0] === TLS_ALERT) throw wantsTls(socket);
  // A server of HTTP/2 may have hung up without a word.
  if (!isSecure(socket) && isHttp2(await ask(socket, () => HTTP2_HELLO, options))) return "buildkitd";
  if (await speaksTls(socket, options)) throw wantsTls(socket);
  throw new BktuiError(
    "unsupported",
    `what listens at ${socketText(socket)} is neither dockerd nor buildkitd`,
  );
}

/** Servers of TLS often hang up without a word on what is none: OpenSSL's, and Go's behind gRPC. */
async function speaksTls(socket: SocketAddress, { signal }: ProbeOptions): Promise<boolean> {
  if (socket.kind !== "tcp" || isSecure(socket)) return false;
  try {
    (await connectSocket({ ...socket, tls: { skipVerify: true } }, { signal })).destroy();
    return true;
  } catch {
    throwIfCancelled(signal);
    return false;
  }
}

/**
 * What answers `GET /_ping` there, head first, of an HTTP server or of something else; cut after its first bytes.
 * By hand: loading and using Node's HTTP client costs more than the answer.
 * @throws {BktuiError} "engine-unreachable" when nothing answers, "cancelled".
 */
export async function askHttp(socket: SocketAddress, options: ProbeOptions): Promise<string> {
  return (await ask(socket, () => HTTP_PING, options)).toString("latin1");
}

/** Behind TLS an engine has already said what it wants to be spoken to. */
function firstQuestion(stream: Duplex, { expected }: ProbeOptions): string | Buffer {
  const protocol = chosenProtocol(stream);
  if (protocol === undefined) return HTTP_PING;
  return (expected ?? (protocol === "h2" ? "buildkitd" : "dockerd")) === "buildkitd"
    ? HTTP2_HELLO
    : HTTP_PING;
}

/** The first frame of an HTTP/2 server is SETTINGS: type 4 on stream 0. */
function isHttp2(answer: Buffer): boolean {
  return answer.length >= 9 && answer[3] === 4 && answer.readUInt32BE(5) === 0;
}

/** Sends a question and collects what comes until there is enough to tell, or the peer hangs up. */
async function ask(
  address: SocketAddress,
  question: (stream: Duplex, options: ProbeOptions) => string | Buffer,
  options: ProbeOptions,
): Promise<Buffer> {
  const { signal, expected } = options;
  const stream = await connectSocket(address, { signal, speaks: expected });
  using deadline = new Deadline(answerTimeout(address), signal);
  try {
    stream.write(question(stream, options));
    return await firstBytes(stream, deadline.signal);
  } catch (error) {
    throwIfCancelled(signal);
    throw deadline.passed ? unanswered(address, error) : unreachableError(address, error);
  } finally {
    stream.on("error", () => undefined).destroy();
  }
}

/** What a program reaches has a time limit of its own. */
function answerTimeout(address: SocketAddress): number {
  return address.kind === "command" ? 60_000 : ANSWER_TIMEOUT_MS;
}

function unanswered(address: SocketAddress, cause: unknown): BktuiError {
  const why = `what listens at ${socketText(address)} accepts connections but does not answer`;
  return new BktuiError("engine-unreachable", why, { cause });
}

function firstBytes(stream: Duplex, stop: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    stream.on("data", (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const whole = isHttp2(seen) || seen.includes("\r\n\r\n") || seen.length >= ENOUGH_BYTES;
      if (whole) resolve(seen);
    });
    stream.on("close", () => resolve(seen));
    stream.on("error", (error) => {
      // A peer that does not like the question resets the connection: what it said before still counts.
      if (seen.length > 0 || isReset(error)) resolve(seen);
      else reject(error);
    });
    stop.addEventListener("abort", () => reject(stop.reason), { once: true });
  });
}

function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}
