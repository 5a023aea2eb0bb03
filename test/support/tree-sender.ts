/** The daemon's end of an output: announces a tree and sends what it is asked for. */
import { fsutil } from "#proto";
import type { PeerCall, PeerStatus, SessionPeer } from "./session-peer.ts";

const { Packet } = fsutil.types;
const TYPE = { stat: 0, request: 1, data: 2, fin: 3, error: 4 } as const;
export const FILE_SEND = "/moby.filesync.v1.FileSend/DiffCopy";

/** Go's os.FileMode of some types and bits. */
export const MODE = {
  directory: 2 ** 31 + 0o755,
  file: 0o644,
  link: 2 ** 27 + 0o777,
  pipe: 2 ** 25 + 0o600,
  device: 2 ** 26 + 0o666,
  charDevice: 2 ** 26 + 2 ** 21 + 0o666,
  socket: 2 ** 24 + 0o666,
  irregular: 2 ** 19 + 0o644,
  setuid: 2 ** 23 + 0o755,
} as const;

export interface SentEntry {
  readonly path: string;
  readonly mode?: number;
  /** Content; a file without one is empty. */
  readonly text?: string;
  /** When it is not the content's own. */
  readonly size?: number;
  readonly linkname?: string;
  /** Seconds since the epoch. */
  readonly mtime?: number;
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
}

export class TreeSender {
  readonly call: PeerCall;
  /** Numbers of what was asked for, in that order. */
  readonly asked: number[] = [];
  /** What the receiver says when it gives up. */
  complaint: string | undefined;
  readonly #entries: SentEntry[] = [];
  readonly #answers: boolean;
  #finished: () => void = () => undefined;
  /** Resolves when the receiver says that it has all. */
  readonly finished = new Promise<void>((resolve) => {
    this.#finished = resolve;
  });

  /** @param options.answers whether files are sent by themselves when they are asked for */
  constructor(
    peer: Pick<SessionPeer, "call">,
    {
      answers = true,
      headers = { "buildkit-attachable-exporter-id": "0" },
    }: { readonly answers?: boolean; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    this.call = peer.call(FILE_SEND, headers);
    this.#answers = answers;
    this.call.onMessage = (message) => this.#take(message);
  }

  announce(...entries: readonly SentEntry[]): this {
    for (const entry of entries) {
      const { path, mode = MODE.file, text = "", size, linkname = "", mtime = 1, xattrs = {} } = entry;
      this.#entries.push(entry);
      const bytes = size ?? (linkname === "" ? Buffer.byteLength(text) : 0);
      const stat = { path, mode, size: bytes, modTime: mtime * 1e9, linkname, xattrs: { ...xattrs } };
      this.send({ type: TYPE.stat, stat });
    }
    return this;
  }

  endOfEntries(): this {
    this.send({ type: TYPE.stat });
    return this;
  }

  data(id: number, text: string): void {
    this.send({ type: TYPE.data, ID: id, data: Buffer.from(text) });
  }

  send(packet: fsutil.types.Packet.$Properties): void {
    this.call.send(Packet.encode(packet).finish());
  }

  /** Ends the transfer as a daemon does once the receiver has all. */
  async end(): Promise<PeerStatus> {
    await Promise.race([this.finished, this.call.status]);
    this.send({ type: TYPE.fin });
    this.call.end();
    return await this.call.status;
  }

  #take(message: Uint8Array): void {
    const packet = Packet.decode(message);
    if (packet.type === TYPE.fin) this.#finished();
    if (packet.type === TYPE.error) this.complaint = Buffer.from(packet.data ?? []).toString();
    if (packet.type !== TYPE.request) return;
    const id = packet.ID ?? 0;
    this.asked.push(id);
    if (!this.#answers) return;
    const { text = "" } = this.#entries[id] ?? {};
    if (text !== "") this.data(id, text);
    this.data(id, "");
  }
}
