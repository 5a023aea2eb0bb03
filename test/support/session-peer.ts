/** The daemon's end of a session: an HTTP/2 client that makes gRPC calls on what `serve` serves. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { Duplex } from "node:stream";
import type { Attachable } from "../../src/session/attachable.ts";
import { FrameReader } from "../../src/session/framing.ts";
import { type ServedConnection, serve } from "../../src/session/serve.ts";

export interface PeerStatus {
  readonly code: number;
  readonly message: string;
}

export class SessionPeer implements AsyncDisposable {
  readonly served: ServedConnection;
  readonly client: ClientHttp2Session;

  constructor(...services: readonly Attachable[]) {
    const [ours, theirs] = duplexPair();
    this.served = serve(ours, new Map(services.flatMap((service) => [...service.methods])));
    this.client = connect("http://session", { createConnection: () => theirs });
    this.client.on("error", () => undefined);
  }

  call(path: string, headers: Readonly<Record<string, string | readonly string[]>> = {}): PeerCall {
    const lists = Object.entries(headers).map(([key, value]) => [
      key,
      typeof value === "string" ? value : [...value],
    ]);
    return new PeerCall(
      this.client.request({ ":method": "POST", ":path": path, te: "trailers", ...Object.fromEntries(lists) }),
    );
  }

  async unary(
    path: string,
    request: Uint8Array,
  ): Promise<{ readonly reply: Uint8Array | undefined } & PeerStatus> {
    const call = this.call(path);
    call.send(request);
    call.end();
    const status = await call.status;
    return { ...status, reply: call.messages[0] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    await this.served[Symbol.asyncDispose]();
  }
}

export class PeerCall {
  readonly stream: ClientHttp2Stream;
  /** All messages so far, copied. */
  readonly messages: Uint8Array[] = [];
  readonly status: Promise<PeerStatus>;
  onMessage: (message: Uint8Array) => void = () => undefined;

  constructor(stream: ClientHttp2Stream) {
    this.stream = stream;
    const reader = new FrameReader();
    stream.on("data", (chunk: Uint8Array) => {
      for (const message of reader.push(chunk)) {
        this.messages.push(message);
        this.onMessage(message);
      }
    });
    this.status = new Promise((resolve, reject) => {
      const take = (headers: Readonly<Record<string, unknown>>): void => {
        const code = headers["grpc-status"];
        if (code === undefined) return;
        resolve({ code: Number(code), message: decodeURIComponent(String(headers["grpc-message"] ?? "")) });
      };
      stream.on("response", take);
      stream.on("trailers", take);
      stream.on("error", reject);
      stream.on("close", () => reject(new Error("the stream closed without a status")));
    });
    // A test that expects no status does not wait for it.
    this.status.catch(() => undefined);
  }

  send(message: Uint8Array): void {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(message.length, 1);
    this.stream.write(Buffer.concat([header, message]));
  }

  end(): void {
    this.stream.end();
  }
}

/** Two streams, each of which reads what is written to the other, with back-pressure. */
function duplexPair(): readonly [Duplex, Duplex] {
  const ends: Half[] = [];
  class Half extends Duplex {
    #continue: (() => void) | undefined;

    override _read(): void {
      const go = this.#continue;
      this.#continue = undefined;
      go?.();
    }

    override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
      const other = ends[ends[0] === this ? 1 : 0];
      if (other === undefined || other.destroyed || other.push(chunk)) done();
      else other.#continue = done;
    }

    override _final(done: () => void): void {
      ends[ends[0] === this ? 1 : 0]?.push(null);
      done();
    }

    override _destroy(_error: Error | null, done: () => void): void {
      const other = ends[ends[0] === this ? 1 : 0];
      if (other !== undefined && !other.destroyed) other.push(null);
      done();
    }
  }
  const pair = [new Half(), new Half()] as const;
  ends.push(...pair);
  return pair;
}
