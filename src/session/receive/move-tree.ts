/** Puts a complete tree into a directory that may have things in it. */
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  type Dirent,
  lstatSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { type BytePath, fromBytes, fromText, joinBytes, sliceBytes, toBytes } from "../files/byte-path.ts";
import { OpenDirectory } from "./open-directory.ts";

/** What a directory gets when all is in it. */
export interface DirectoryStat {
  /** Relative to the tree. */
  readonly path: BytePath;
  /** Permissions and the three bits above them. */
  readonly mode: number;
  readonly modTimeNs: bigint;
}

export interface MoveOptions {
  /** A directory before what is in it. */
  readonly directories: readonly DirectoryStat[];
  readonly owner: { readonly uid: number; readonly gid: number };
  /** What is not in the tree goes. */
  readonly mirror: boolean;
}

const ROOT = fromText("");

/** @param staged a directory in `destination`, that nobody else can write to. @throws the system's error. */
export function moveTree(staged: BytePath, destination: BytePath, options: MoveOptions): void {
  const own = sliceBytes(staged, staged.lastIndexOf("/") + 1);
  using to = OpenDirectory.open(destination);
  const mover = new Mover(staged, options);
  mover.move(ROOT, to, own);
  mover.finish(to);
}

class Mover {
  readonly #staged: BytePath;
  readonly #options: MoveOptions;
  /** Were there before. */
  readonly #joined = new Set<BytePath>();
  readonly #stats: ReadonlyMap<BytePath, DirectoryStat>;

  constructor(staged: BytePath, options: MoveOptions) {
    this.#staged = staged;
    this.#options = options;
    this.#stats = new Map(options.directories.map((stat) => [stat.path, stat]));
  }

  /** @param except a name in `to` that is none of the tree's */
  move(directory: BytePath, to: OpenDirectory, except?: BytePath): void {
    const from = joinBytes(this.#staged, directory);
    const entries = list(toBytes(directory === ROOT ? this.#staged : from));
    if (this.#options.mirror) this.#removeOthers(entries, to, except);
    for (const entry of entries) {
      const name = fromBytes(entry.name);
      const path = joinBytes(directory, name);
      const there = lstatSync(to.at(name), { throwIfNoEntry: false });
      if (entry.isDirectory() && there?.isDirectory() === true) {
        this.#joined.add(path);
        using inner = to.inner(name);
        this.#touch(inner.path, path);
        this.move(path, inner);
        continue;
      }
      if (there !== undefined && there.isDirectory() !== entry.isDirectory())
        rmSync(to.at(name), { recursive: true });
      place(toBytes(joinBytes(this.#staged, path)), to.at(name), entry);
    }
  }

  /** Modes and times, the innermost directories first. */
  finish(to: OpenDirectory): void {
    for (const { path, mode } of [...this.#options.directories].reverse()) {
      this.#inDirectory(to, path, (place_) => {
        chownSync(place_, this.#options.owner.uid, this.#options.owner.gid);
        if (!this.#joined.has(path)) this.#touch(place_, path);
        chmodSync(place_, mode);
      });
    }
  }

  #touch(place_: Buffer, path: BytePath): void {
    const time = Number(this.#stats.get(path)?.modTimeNs ?? 0n) / 1e9;
    utimesSync(place_, time, time);
  }

  #inDirectory(to: OpenDirectory, path: BytePath, work: (place: Buffer) => void): void {
    const slash = path.indexOf("/");
    using inner = to.inner(slash < 0 ? path : sliceBytes(path, 0, slash));
    if (slash < 0) work(inner.path);
    else this.#inDirectory(inner, sliceBytes(path, slash + 1), work);
  }

  #removeOthers(entries: readonly Dirent<Buffer>[], to: OpenDirectory, except: BytePath | undefined): void {
    const wanted = new Set(entries.map(({ name }) => fromBytes(name)));
    for (const { name } of list(to.path)) {
      const path = fromBytes(name);
      if (path !== except && !wanted.has(path)) rmSync(to.at(path), { recursive: true });
    }
  }
}

function list(path: Buffer): readonly Dirent<Buffer>[] {
  return readdirSync(path, { withFileTypes: true, encoding: "buffer" });
}

/** A file on another file system, mounted below the destination, has to be copied. */
function place(from: Buffer, to: Buffer, entry: Dirent<Buffer>): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EXDEV" && entry.isFile())) throw error;
    const { mode, atime, mtime } = lstatSync(from);
    rmSync(to, { force: true });
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    chmodSync(to, mode & 0o7777);
    utimesSync(to, atime, mtime);
    unlinkSync(from);
  }
}
