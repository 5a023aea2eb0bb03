/** Sends one directory tree to the daemon. */
import { closeSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { BktuiError, unreachable } from "../../base/errors.ts";
import type { Call } from "../attachable.ts";
import { type BytePath, fromText, isUtf8Path } from "./byte-path.ts";
import {
  type FileProblem,
  type FileProblemKind,
  FileTransferFailed,
  fileProblem,
  problemKindOf,
} from "./file-problem.ts";
import { isRegularMode } from "./go-mode.ts";
import { type OpenedFile, openEntry, REPLACED } from "./open-file.ts";
import {
  DATA_HEADER_BYTES,
  decodeReceiverPacket,
  endOfStats,
  FIN_PACKET,
  frameData,
  StatEncoder,
} from "./packets.ts";
import { Slice } from "./slice.ts";
import { type Entry, type WalkFilter, walk } from "./walk.ts";
import { Weight } from "./weight.ts";

const MAX_FILES_AT_ONCE = 4;
const CHUNK_BYTES = 256 * 1024;
/** Smaller files are read without the thread pool, which costs more than the reading. */
const READ_AT_ONCE_BYTES = 64 * 1024;
const readAsync = promisify(read);

export interface TreeToSend {
  /** E.g. "context", for messages. */
  readonly name: string;
  /** Absolute, resolved. */
  readonly root: string;
  readonly filter: WalkFilter;
  readonly onProblem: (problem: FileProblem) => void;
  /** Called once, in words, when the daemon has asked for so many bytes and all is announced. */
  readonly large?: { readonly bytes: number; onLarge(words: string): void } | undefined;
}

/**
 * Serves one DiffCopy call as the sender: announces the tree, then sends the files that the daemon asks for.
 * Resolves when the daemon has all it wants.
 * @throws {FileTransferFailed} for a file that cannot be sent as announced; "engine" when the daemon breaks the
 * protocol or gives up; "cancelled".
 */
export async function sendTree(call: Call, tree: TreeToSend): Promise<void> {
  const sender = new TreeSender(call, tree);
  await sender.run();
}

class TreeSender {
  readonly #call: Call;
  readonly #tree: TreeToSend;
  readonly #root: BytePath;
  /** What may be asked for: regular files by number, each once. */
  readonly #offered = new Map<number, Entry>();
  readonly #wanted: WantedFile[] = [];
  #sending = 0;
  readonly #slice = new Slice();
  /** Unused ones of at most `maxFilesAtOnce`. */
  readonly #buffers: Buffer[] = [];
  /** Ends the walk and the sending of files once the call is decided. */
  readonly #over = new AbortController();
  readonly #failed = rejection();
  #oddName: BytePath | undefined;
  readonly #weight = new Weight();
  #isAnnounced = false;
  #askedBytes = 0;
  #isTold = false;

  constructor(call: Call, tree: TreeToSend) {
    this.#call = call;
    this.#tree = tree;
    this.#root = fromText(tree.root);
  }

  async run(): Promise<void> {
    try {
      await Promise.race([Promise.all([this.#announce(), this.#receive()]), this.#failed.promise]);
      this.#call.write(FIN_PACKET);
    } catch (error) {
      // The engine's own error names no file.
      if (this.#call.cancelled.aborted && this.#oddName !== undefined)
        this.#notice(this.#oddName, "not-utf8");
      throw error;
    } finally {
      this.#over.abort(new BktuiError("cancelled", "the transfer is over"));
    }
  }

  async #announce(): Promise<void> {
    const encoder = new StatEncoder();
    const entries = walk(this.#tree.root, this.#tree.filter, {
      signal: this.#over.signal,
      onUnreadable: (path, error) => this.#problem(path, problemKindOf(error), error),
    });
    let id = 0;
    for await (const entry of entries) {
      if (isRegularMode(entry.mode)) this.#offered.set(id, entry);
      if (this.#tree.large !== undefined) this.#weight.add(entry.path, entry.contentBytes);
      id += 1;
      if (!isUtf8Path(entry.path)) this.#oddName ??= entry.path;
      if (!this.#call.write(encoder.encode(entry))) await this.#call.drained();
    }
    // A Packet of kind STAT without a stat is an empty message.
    this.#call.write(endOfStats);
    this.#isAnnounced = true;
    this.#tellWeight();
  }

  /** What is not asked for, because an earlier build has brought it, costs nothing. */
  #tellWeight(): void {
    const { large, name } = this.#tree;
    if (large === undefined || this.#isTold || !this.#isAnnounced || this.#askedBytes < large.bytes) return;
    this.#isTold = true;
    large.onLarge(this.#weight.words(name));
  }

  /** Resolves at the daemon's FIN. */
  async #receive(): Promise<void> {
    for await (const message of this.#call.messages) {
      const packet = decodeReceiverPacket(message);
      switch (packet.kind) {
        case "request":
          this.#request(packet.id);
          break;
        case "error":
          throw new BktuiError(
            "engine",
            `the engine gave up receiving the ${this.#tree.name}: ${packet.message}`,
          );
        case "fin":
          return;
        default:
          unreachable(packet);
      }
    }
    throw new BktuiError("engine", `the engine ended the transfer of the ${this.#tree.name} too early`);
  }

  #request(id: number): void {
    const entry = this.#offered.get(id);
    if (entry === undefined) {
      throw new BktuiError(
        "engine",
        `the engine asked for file ${id} of the ${this.#tree.name}, which was not offered or is sent already`,
      );
    }
    this.#offered.delete(id);
    this.#wanted.push({ id, entry });
    this.#askedBytes += entry.contentBytes;
    this.#tellWeight();
    this.#sendNext();
  }

  #sendNext(): void {
    while (this.#sending < MAX_FILES_AT_ONCE && this.#wanted.length > 0 && !this.#over.signal.aborted) {
      // Several at a time, since a promise chain per file would cost more than a small file.
      const batch = this.#wanted.splice(0, Math.ceil(this.#wanted.length / MAX_FILES_AT_ONCE));
      this.#sending += 1;
      this.#sendAll(batch).then(() => {
        this.#sending -= 1;
        this.#sendNext();
      }, this.#failed.reject);
    }
  }

  async #sendAll(batch: readonly WantedFile[]): Promise<void> {
    const buffer = this.#buffers.pop() ?? Buffer.allocUnsafeSlow(DATA_HEADER_BYTES + CHUNK_BYTES);
    for (const { id, entry } of batch) {
      if (this.#slice.usedUp) await this.#slice.rest();
      this.#over.signal.throwIfAborted();
      await this.#sendFile(id, entry, buffer);
    }
    this.#buffers.push(buffer);
  }

  async #sendFile(id: number, entry: Entry, buffer: Buffer): Promise<void> {
    if (entry.contentBytes > 0) {
      const file = this.#open(entry);
      try {
        if (file.bytes > entry.contentBytes) this.#notice(entry.path, "grew");
        await this.#sendContent(id, entry, file, buffer);
      } finally {
        closeSync(file.fd);
      }
    }
    // A DATA packet without data ends the file.
    if (!this.#call.write(frameData(buffer, id, 0))) await this.#call.drained();
  }

  /** Sends exactly as much as was announced. */
  async #sendContent(id: number, entry: Entry, { fd }: OpenedFile, buffer: Buffer): Promise<void> {
    for (let sent = 0; sent < entry.contentBytes; ) {
      const most = Math.min(CHUNK_BYTES, entry.contentBytes - sent);
      const count = await this.#read(fd, buffer, most, sent, entry);
      if (count === 0) this.#problem(entry.path, "shrank");
      sent += count;
      // The call copies the packet, so the buffer is free again afterwards.
      if (!this.#call.write(frameData(buffer, id, count))) await this.#call.drained();
      this.#over.signal.throwIfAborted();
    }
  }

  async #read(fd: number, buffer: Buffer, most: number, position: number, entry: Entry): Promise<number> {
    try {
      if (entry.contentBytes <= READ_AT_ONCE_BYTES)
        return readSync(fd, buffer, DATA_HEADER_BYTES, most, position);
      return (await readAsync(fd, buffer, DATA_HEADER_BYTES, most, position)).bytesRead;
    } catch (error) {
      return this.#problem(entry.path, "unreadable", error);
    }
  }

  #open(entry: Entry): OpenedFile {
    let file: OpenedFile | typeof REPLACED;
    try {
      file = openEntry(this.#root, entry);
    } catch (error) {
      return this.#problem(entry.path, problemKindOf(error), error);
    }
    return file === REPLACED ? this.#problem(entry.path, "replaced") : file;
  }

  #notice(path: BytePath, kind: FileProblemKind): void {
    this.#tree.onProblem(fileProblem(this.#tree.name, path, kind));
  }

  #problem(path: BytePath, kind: FileProblemKind, cause?: unknown): never {
    const problem = fileProblem(this.#tree.name, path, kind, cause);
    this.#tree.onProblem(problem);
    throw new FileTransferFailed(problem, { cause });
  }
}

interface WantedFile {
  readonly id: number;
  readonly entry: Entry;
}

function rejection(): { readonly promise: Promise<never>; readonly reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = unreachableReject;
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}

function unreachableReject(): void {
  throw new BktuiError("internal", "a promise did not run its executor");
}
