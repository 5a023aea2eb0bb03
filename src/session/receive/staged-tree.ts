/** A received tree while it is not complete, beside where it will be. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { type BytePath, fromBytes, fromText, joinBytes, toBytes } from "../files/byte-path.ts";
import { toUnixMode } from "../files/go-mode.ts";
import { type DirectoryStat, moveTree } from "./move-tree.ts";
import type { EntryStat } from "./sender-packets.ts";
import { StagedAttributes } from "./staged-attributes.ts";
import { removeLeft, temporaryName } from "./temporary-names.ts";

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Everything that is received goes into a new directory of its own that only this user can enter, inside the destination so
 * that it need not be copied; only `commit` moves it to where it belongs. Disposing without a commit leaves nothing behind.
 *
 * As docker's client has it, owner and group of everything are the user's, whatever is announced.
 */
export class StagedTree implements Disposable {
  /** Resolved. */
  readonly destination: string;
  /** Whether all has been received. */
  isComplete = false;
  /** Entries of every kind. */
  files = 0;
  bytes = 0;
  readonly #root: BytePath;
  /** The outermost directory that had to be made for the destination. */
  readonly #made: string | undefined;
  readonly #directories: DirectoryStat[] = [];
  readonly #hardLinks: EntryStat[] = [];
  readonly #attributes = new StagedAttributes();
  readonly #owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  #isOver = false;

  /** @param destination absolute; made when it is not there. @throws the system's error. */
  constructor(destination: string) {
    // 0700 as docker's client makes it.
    this.#made = mkdirSync(destination, { recursive: true, mode: 0o700 });
    this.destination = realpathSync(destination);
    removeLeft(this.destination);
    this.#root = joinBytes(fromText(this.destination), fromText(temporaryName()));
    mkdirSync(toBytes(this.#root), { mode: 0o700 });
  }

  /** Its mode and times come last: nothing could be put into one that is not writable. */
  addDirectory(stat: EntryStat): void {
    mkdirSync(this.#at(stat.path), { mode: 0o700 });
    this.#directories.push({ path: stat.path, mode: toUnixMode(stat.mode), modTimeNs: stat.modTimeNs });
    this.#note(stat);
  }

  addLink(stat: EntryStat): void {
    const path = this.#at(stat.path);
    symlinkSync(toBytes(stat.linkname), path);
    lchownSync(path, this.#owner.uid, this.#owner.gid);
    lutimesSync(path, seconds(stat.modTimeNs), seconds(stat.modTimeNs));
    this.#note(stat);
  }

  addPipe(stat: EntryStat): void {
    // Node cannot make one, and an argument cannot be any bytes.
    const name = temporaryName();
    const made = joinBytes(this.#root, fromText(name));
    const { status, error } = spawnSync("mkfifo", ["-m", "600", name], {
      cwd: toBytes(this.#root).toString(),
      stdio: "ignore",
    });
    if (status !== 0)
      throw new BktuiError("io", `cannot make a pipe: mkfifo ended with ${status ?? error?.message}`);
    const fd = openSync(toBytes(made), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      this.#finish(fd, stat);
    } finally {
      closeSync(fd);
    }
    renameSync(toBytes(made), this.#at(stat.path));
    this.#note(stat);
  }

  /** Another name of a file; made once all files are here. */
  addHardLink(stat: EntryStat): void {
    this.#hardLinks.push(stat);
    this.files += 1;
  }

  /** A new file, open for writing; `endFile` closes it. */
  beginFile({ path }: EntryStat): number {
    return openSync(this.#at(path), NEW_FILE, 0o600);
  }

  endFile(fd: number, stat: EntryStat): void {
    try {
      this.#finish(fd, stat);
    } finally {
      closeSync(fd);
    }
    this.bytes += stat.size;
    this.#note(stat);
  }

  /** Of a file that does not come to its end; the tree is of no use then. */
  dropFile(fd: number): void {
    closeSync(fd);
  }

  /** All has been received: what could not be made before. */
  complete(): void {
    for (const { path, linkname } of this.#hardLinks) linkSync(this.#at(linkname), this.#at(path));
    this.#attributes.setIn(toBytes(this.#root).toString());
    this.isComplete = true;
  }

  /**
   * Moves everything to where it belongs, as docker's client puts it there: a file or link takes the place of whatever has
   * its name, a directory joins one that is there and takes the place of anything else.
   * @param options.mirror what is in the destination and was not received goes.
   * @throws the system's error; what has been moved by then stays.
   */
  commit({ mirror }: { readonly mirror: boolean }): void {
    const root = fromBytes(toBytes(this.#root));
    moveTree(root, fromText(this.destination), {
      directories: this.#directories,
      owner: this.#owner,
      mirror,
    });
    this.#isOver = true;
    rmSync(toBytes(this.#root), { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    rmSync(toBytes(this.#root), { recursive: true, force: true });
    if (this.#made !== undefined) removeEmpty(this.destination, realParent(this.#made));
  }

  #at(path: BytePath): Buffer {
    return toBytes(joinBytes(this.#root, path));
  }

  /** The owner first: a change of owner takes setuid and setgid away. */
  #finish(fd: number, stat: EntryStat): void {
    fchownSync(fd, this.#owner.uid, this.#owner.gid);
    fchmodSync(fd, toUnixMode(stat.mode));
    futimesSync(fd, seconds(stat.modTimeNs), seconds(stat.modTimeNs));
  }

  #note({ path, attributes }: EntryStat): void {
    this.files += 1;
    this.#attributes.add(path, attributes);
  }
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9;
}

/** The directory above the outermost one that was made. */
function realParent(made: string): string {
  return realpathSync(dirname(made));
}

function removeEmpty(innermost: string, until: string): void {
  for (let path = innermost; path !== until && path !== dirname(path); path = dirname(path)) {
    try {
      rmdirSync(path);
    } catch {
      // Somebody else has put something there.
      return;
    }
  }
}
