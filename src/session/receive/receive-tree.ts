/** Receives one directory tree from the daemon. */
import { writeSync } from "node:fs";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { clipText, limits } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Call } from "../attachable.ts";
import type { BytePath } from "../files/byte-path.ts";
import { goMode, isRegularMode } from "../files/go-mode.ts";
import { FIN_PACKET } from "../files/packets.ts";
import { Slice } from "../files/slice.ts";
import { EntryOrder, refused } from "./entry-order.ts";
import { decodeSenderPacket, type EntryStat, errorPacket, requestPacket } from "./sender-packets.ts";
import type { StagedTree } from "./staged-tree.ts";

const MAX_FILES_AT_ONCE = 16;
/** Types that are no file, directory, link or pipe: a socket (bit 24) and what Go calls irregular (bit 19). */
const ODD_TYPES = 2 ** 24 + 2 ** 19;

interface Wanted {
  readonly id: number;
  readonly stat: EntryStat;
}

interface Arriving {
  readonly fd: number;
  readonly stat: EntryStat;
  left: number;
}

/**
 * Serves one DiffCopy call as the receiver of the files: takes the announced tree, asks for the content of every file, and
 * resolves when all is in the staged tree. Whatever the daemon sends, nothing is written outside of that.
 * @throws {BktuiError} "engine" when the daemon breaks the protocol, gives up, or sends what is not taken; "io" for an
 * obstacle on this side; "cancelled".
 */
export async function receiveTree(call: Call, tree: StagedTree): Promise<void> {
  const receiver = new TreeReceiver(call, tree);
  try {
    await receiver.run();
  } catch (error) {
    const failure = localProblem(error);
    // In the daemon's words it becomes the build's error.
    call.write(errorPacket(failure.message));
    throw failure;
  } finally {
    receiver.end();
  }
}

class TreeReceiver {
  readonly #call: Call;
  readonly #tree: StagedTree;
  readonly #order = new EntryOrder();
  /** Files that a later name may be another name of. */
  readonly #files = new Set<BytePath>();
  readonly #wanted: Wanted[] = [];
  readonly #arriving = new Map<number, Arriving>();
  readonly #slice = new Slice();
  #nextId = 0;
  #isAnnounced = false;

  constructor(call: Call, tree: StagedTree) {
    this.#call = call;
    this.#tree = tree;
  }

  async run(): Promise<void> {
    try {
      for await (const message of this.#call.messages) {
        this.#take(message);
        if (this.#slice.usedUp) await this.#slice.rest();
      }
    } catch (error) {
      // BuildKit 0.8 drops the call as soon as it has been told that all is here.
      if (!this.#tree.isComplete || !this.#call.cancelled.aborted) throw error;
    }
    if (!this.#tree.isComplete)
      throw new BktuiError("engine", "the engine ended an output before all of it was sent");
  }

  /** Closes what is still open. */
  end(): void {
    for (const { fd } of this.#arriving.values()) this.#tree.dropFile(fd);
    this.#arriving.clear();
  }

  #take(message: Uint8Array): void {
    const packet = decodeSenderPacket(message);
    switch (packet.kind) {
      case "entry":
        this.#entry(packet.stat);
        break;
      case "announced":
        this.#isAnnounced = true;
        break;
      case "data":
        this.#data(packet.id, packet.data);
        break;
      case "fin":
        break;
      case "error":
        throw new BktuiError("engine", `the engine gave an output up: ${said(packet.message)}`);
    }
    this.#askForMore();
    this.#completeIfDone();
  }

  #entry(stat: EntryStat): void {
    if (this.#isAnnounced) throw refused(stat.path, "is announced after the end");
    const { path, mode } = stat;
    const id = this.#nextId;
    this.#nextId += 1;
    const isDirectory = has(mode, goMode.directory);
    this.#order.take(path, { isDirectory });
    if (isDirectory) this.#tree.addDirectory(stat);
    else if (has(mode, goMode.symlink)) this.#tree.addLink(stat);
    else if (has(mode, goMode.device) || has(mode, goMode.charDevice))
      throw new BktuiError(
        "engine",
        `the build's result has a device in it, ${named(path)}, which bktui does not make here`,
        {
          hint: "take the result as a tar (-o type=tar,dest=FILE), or remove the device in the build's last stage",
        },
      );
    else if (has(mode, goMode.fifo)) this.#tree.addPipe(stat);
    else if (has(mode, ODD_TYPES) || !isRegularMode(mode))
      throw refused(path, "is no kind of file that is known");
    else this.#file(stat, id);
  }

  #file(stat: EntryStat, id: number): void {
    const { path, linkname, size } = stat;
    if (linkname !== "") {
      if (!this.#files.has(linkname)) throw refused(path, "is another name of a file that was not announced");
      this.#tree.addHardLink(stat);
      return;
    }
    if (!Number.isSafeInteger(size) || size < 0) throw refused(path, `has an impossible size, ${size} bytes`);
    this.#files.add(path);
    this.#wanted.push({ id, stat });
  }

  #askForMore(): void {
    while (this.#arriving.size < MAX_FILES_AT_ONCE) {
      const next = this.#wanted.shift();
      if (next === undefined) return;
      const { id, stat } = next;
      this.#arriving.set(id, { fd: this.#tree.beginFile(stat), stat, left: stat.size });
      this.#call.write(requestPacket(id));
    }
  }

  #data(id: number, data: Uint8Array): void {
    const file = this.#arriving.get(id);
    if (file === undefined)
      throw new BktuiError("engine", `the engine sent the content of file ${id}, which it was not asked for`);
    const { fd, stat } = file;
    if (data.length > file.left)
      throw refused(stat.path, `is longer than the ${stat.size} bytes that were announced`);
    if (data.length > 0) {
      write(fd, data);
      file.left -= data.length;
      return;
    }
    // A sender that cannot read a file sends nothing of it and says nothing.
    if (file.left > 0) throw refused(stat.path, `ends after ${stat.size - file.left} of ${stat.size} bytes`);
    this.#arriving.delete(id);
    this.#tree.endFile(fd, stat);
  }

  #completeIfDone(): void {
    if (this.#tree.isComplete || !this.#isAnnounced || this.#arriving.size > 0 || this.#wanted.length > 0)
      return;
    this.#tree.complete();
    this.#call.write(FIN_PACKET);
  }
}

function write(fd: number, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
}

function has(mode: number, bits: number): boolean {
  return (mode & bits) !== 0;
}

function named(path: BytePath): string {
  return said(JSON.stringify(Buffer.from(path, "latin1").toString("utf8")));
}

function said(text: string): string {
  return visibleLine(clipText(text, limits.vertexErrorCharacters));
}

/** The system's errors have paths in them that nobody knows; what counts is the reason. */
function localProblem(error: unknown): BktuiError {
  if (error instanceof BktuiError || !(error instanceof Error) || !("code" in error))
    return toBktuiError(error);
  return new BktuiError("io", `an output could not be written: ${error.message.replace(/, \w+ '.*$/s, "")}`, {
    cause: error,
  });
}
