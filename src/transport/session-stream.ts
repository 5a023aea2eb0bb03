/** Opens the byte stream on which an engine calls back. */
import { Duplex } from "node:stream";
import type { Channel, Method } from "./channel.ts";
import { connectSocket } from "./connect.ts";
import type { DuplexCall } from "./duplex-call.ts";
import type { HeaderList } from "./upgrade.ts";
import { upgrade } from "./upgrade.ts";
import { decodeBytesMessage, encodeBytesMessage } from "./wire-fields.ts";

/** Far below the engine's limit for one message (4 MiB up to BuildKit 0.8, 16 MiB since). */
const PIECE_BYTES = 1024 * 1024;

const sessionMethod: Method<Uint8Array, Uint8Array> = {
  path: "/moby.buildkit.v1.Control/Session",
  encode: encodeBytesMessage,
  decode: decodeBytesMessage,
};

/**
 * Opens the byte stream of a session: an HTTP/2 connection on which the engine is the client and we are the server.
 * dockerd gets a second connection (`POST /session`, one HTTP/2 layer less), buildkitd a tunnel inside `Control.Session`,
 * and so does a dockerd behind a program, of which another run may take seconds (both ways work on 20.10 and 28.5).
 * `signal` ends the opening only. The caller destroys the stream and listens to its "error" event.
 * @throws {BktuiError} "engine-unreachable", "engine" when refused (e.g. the session id is taken), "cancelled".
 */
export async function openSessionStream(
  channel: Channel,
  headers: HeaderList,
  { signal }: { readonly signal: AbortSignal },
): Promise<Duplex> {
  const { kind, socket } = channel.address;
  if (kind === "dockerd" && socket.kind !== "command") {
    const stream = await connectSocket(socket, { signal, speaks: kind });
    return await upgrade(stream, "/session", headers, { signal });
  }
  const metadata = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  return tunnel(channel.duplex(sessionMethod, { metadata }));
}

function tunnel(call: DuplexCall<Uint8Array, Uint8Array>): Duplex {
  const send = async (data: Buffer): Promise<void> => {
    for (let at = 0; at < data.length; at += PIECE_BYTES) {
      if (!call.write(data.subarray(at, at + PIECE_BYTES))) await call.drained();
    }
  };
  const stream = new Duplex({
    readableHighWaterMark: PIECE_BYTES,
    writableHighWaterMark: PIECE_BYTES,
    read: () => call.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      send(chunk).then(() => done(), done);
    },
    // HTTP/2 writes many small frames at once; each message costs a frame of the outer connection.
    writev: (chunks, done) => {
      send(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
    },
    final: (done) => {
      call.end();
      done();
    },
    destroy: (error, done) => {
      call.cancel();
      done(error);
    },
  });
  call.onMessage((data) => {
    if (!stream.push(data)) call.pause();
  });
  call.ended.then(
    () => stream.push(null),
    (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return stream;
}
