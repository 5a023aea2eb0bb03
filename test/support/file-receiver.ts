/** The daemon's end of a file transfer: reads the announced entries and asks for files. */
import { fsutil } from "#proto";
import type { PeerCall, PeerStatus, SessionPeer } from "./session-peer.ts";

const { Packet } = fsutil.types;
type Stat = NonNullable<ReturnType<typeof Packet.decode>["stat"]>;

export class FileReceiver {
  readonly call: PeerCall;
  /** In the order of their numbers. */
  readonly stats: Stat[] = [];
  /** Resolves when all entries are announced. */
  readonly announced: Promise<void>;
  readonly #contents = new Map<number, Uint8Array[]>();
  readonly #finished = new Map<number, () => void>();
  #arrived = 0;
  #onArrival: () => void = () => undefined;

  constructor(peer: SessionPeer, headers: Readonly<Record<string, string | readonly string[]>>) {
    this.call = peer.call("/moby.filesync.v1.FileSync/DiffCopy", headers);
    this.announced = new Promise((resolve, reject) => {
      this.call.onMessage = (message) => this.#take(message, resolve);
      this.call.status.then(({ message }) => reject(new Error(message)), reject);
    });
    this.announced.catch(() => undefined);
  }

  get paths(): readonly string[] {
    return this.stats.map((stat) => stat.path ?? "");
  }

  numberOf(path: string): number {
    return this.paths.indexOf(path);
  }

  ask(id: number): void {
    this.call.send(Packet.encode({ type: 1, ID: id }).finish());
  }

  /** Asks for a file; resolves with its content, or with the status when the call ends first. */
  async get(path: string): Promise<string | PeerStatus> {
    const id = this.numberOf(path);
    const chunks: Uint8Array[] = [];
    this.#contents.set(id, chunks);
    const done = new Promise<string>((resolve) => {
      this.#finished.set(id, () => resolve(Buffer.concat(chunks).toString("latin1")));
    });
    this.ask(id);
    return await Promise.race([done, this.call.status]);
  }

  /** The status; or, when the sender does what it was asked for, what came instead: the tree, or so many files. */
  async refusal(files = 0): Promise<PeerStatus | string> {
    const came = files === 0 ? this.announced.then(() => "the tree came") : this.#arrivalOf(files);
    return await Promise.race([this.call.status, came]);
  }

  #arrivalOf(files: number): Promise<string> {
    return new Promise((resolve) => {
      this.#onArrival = () => {
        if (this.#arrived >= files) resolve(`${files} files came`);
      };
      this.#onArrival();
    });
  }

  async finish(): Promise<PeerStatus> {
    this.call.send(Packet.encode({ type: 3 }).finish());
    this.call.end();
    return await this.call.status;
  }

  #fileArrived(id: number): void {
    this.#finished.get(id)?.();
    this.#arrived += 1;
    this.#onArrival();
  }

  #take(message: Uint8Array, announced: () => void): void {
    const packet = Packet.decode(message);
    if (packet.type === 2) {
      const id = packet.ID ?? 0;
      const data = packet.data ?? new Uint8Array();
      if (data.length === 0) this.#fileArrived(id);
      else this.#contents.get(id)?.push(Uint8Array.from(data));
    } else if (packet.type === 0 || packet.type === undefined) {
      const stat = packet.stat;
      if (stat === null || stat === undefined) announced();
      else this.stats.push(stat);
    }
  }
}
