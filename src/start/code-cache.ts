/**
 * The compiled form of the bundle, kept between runs. What is read here is executed without being compiled, so only
 * a file that nobody but this user can have written is read, and only when it is whole. Anything else counts as
 * none: the program starts without it, 0.1 s later.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

export interface CodeCache {
  /** Absolute. */
  readonly directory: string;
  /** Of the program's text: code that was compiled from another one is not used. */
  readonly build: string;
  /** What the program is for in this run, where that is not a screen: each use needs other parts of it. */
  readonly use?: "dap" | "attach" | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DIGEST_BYTES = 32;
const WRITABLE_BY_OTHERS = 0o022;
const NO_ROOM = Buffer.alloc(0);

/** `$XDG_CACHE_HOME/bktui/code`; undefined = nothing is kept, as Node's own NODE_DISABLE_COMPILE_CACHE=1 wants it too. */
export function codeDirectory(env: Environment): string | undefined {
  if (isSet(env["NODE_DISABLE_COMPILE_CACHE"])) return undefined;
  const base = env["XDG_CACHE_HOME"] ?? "";
  if (isAbsolute(base)) return join(base, "bktui", "code");
  const home = env["HOME"] ?? "";
  return isAbsolute(home) ? join(home, ".cache", "bktui", "code") : undefined;
}

/**
 * undefined when there is none, or none that may be trusted.
 * @param room is read into where it is large enough: what is taken anew is the peak of a start's memory
 */
export function readCode(cache: CodeCache, room: Buffer = NO_ROOM): Buffer | undefined {
  try {
    if (!isOurs(lstatSync(cache.directory), "directory")) return undefined;
    const bytes = readOurs(fileOf(cache), room);
    const code = bytes?.subarray(DIGEST_BYTES);
    if (bytes === undefined || code === undefined) return undefined;
    return digestOf(cache, code).equals(bytes.subarray(0, DIGEST_BYTES)) ? code : undefined;
  } catch {
    // Most often there is none yet.
    return undefined;
  }
}

/** Replaces what is there. Under a home of somebody else, as with sudo, nothing is written. */
export function writeCode(cache: CodeCache, code: Buffer): void {
  try {
    if (nearest(cache.directory).uid !== process.geteuid?.()) return;
    mkdirSync(cache.directory, { recursive: true, mode: 0o700 });
    if (!isOurs(lstatSync(cache.directory), "directory")) return;
    const draft = `${fileOf(cache)}.${process.pid}`;
    try {
      writeFileSync(draft, Buffer.concat([digestOf(cache, code), code]), { mode: 0o600, flag: "wx" });
      renameSync(draft, fileOf(cache));
    } finally {
      rmSync(draft, { force: true });
    }
  } catch {
    // A full disk, a read-only home: the next start compiles again.
  }
}

/** One per version of Node, kind of processor and use: V8 takes no other's, and a newer bktui replaces it. */
function fileOf({ directory, use }: CodeCache): string {
  return join(directory, [process.version, process.arch, ...(use === undefined ? [] : [use])].join("-"));
}

function digestOf({ build }: CodeCache, code: Buffer): Buffer {
  return createHash("sha256").update(build).update(code).digest();
}

function readOurs(path: string, room: Buffer): Buffer | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(file);
    if (!isOurs(stats, "file")) return undefined;
    if (stats.size > room.length) return readFileSync(file);
    return room.subarray(0, readSync(file, room, 0, stats.size, 0));
  } finally {
    closeSync(file);
  }
}

/** Owned by the user who runs this, without a set-uid bit in between, and written by nobody else. */
function isOurs(stats: Stats, kind: "directory" | "file"): boolean {
  const user = process.geteuid?.();
  const isKind = kind === "file" ? stats.isFile() : stats.isDirectory();
  const isAlone = stats.uid === user && (stats.mode & WRITABLE_BY_OTHERS) === 0;
  return isKind && isAlone && user !== undefined && user === process.getuid?.();
}

/** The directory, or the nearest one above it that exists. */
function nearest(directory: string): Stats {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  return stats ?? nearest(dirname(directory));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
