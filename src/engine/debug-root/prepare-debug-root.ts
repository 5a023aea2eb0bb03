/** A root file system with a static busybox, kept in the cache, for those who look at states without programs. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { debugRootDirectory } from "../private/system/cache-directories.ts";
import { errnoOf, ioFailure } from "../private/system/processes.ts";
import { findStaticBusybox, writeBusyboxRootfs } from "./busybox.ts";

export interface RootDirectory {
  /** Absolute. */
  readonly path: string;
  /** Of its programs, as Go names it, e.g. "amd64". */
  readonly architecture: string;
}

interface DebugRootOptions {
  /** Where it is kept; default: in the user's cache. */
  readonly cache?: string | undefined;
  /** Default: the one that is installed, else one of a package. */
  readonly busybox?: string | undefined;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** ELF: `e_machine` of the 64-bit little-endian machines that Go and BuildKit know. */
const ARCHITECTURES: ReadonlyMap<number, string> = new Map([
  [0x15, "ppc64le"],
  [0x3e, "amd64"],
  [0xb7, "arm64"],
  [0xf3, "riscv64"],
  [0x102, "loong64"],
]);
const MACHINE_AT = 18;
const NAME_AN_IMAGE = "--debug-image names an image with a shell that the engine can fetch, e.g. alpine.";

/**
 * Written once per busybox. Takes the first one that is written when several runs begin at the same time.
 * @throws {BktuiError} "unsupported" when no static busybox is to be had or its machine is unknown, "io", "cancelled".
 */
export async function prepareDebugRoot(options: DebugRootOptions): Promise<RootDirectory> {
  const { cache = debugRootDirectory(), signal } = options;
  const busybox = options.busybox ?? (await findBusybox(options));
  const architecture = await architectureOf(busybox);
  const digest = createHash("sha256")
    .update(await readFile(busybox))
    .digest("hex");
  const path = join(cache, digest.slice(0, 16));
  if (await isThere(path)) return { path, architecture };
  try {
    await mkdir(cache, { recursive: true, mode: 0o700 });
    const draft = await mkdtemp(join(cache, "new-"));
    try {
      await writeBusyboxRootfs(busybox, join(draft, "root"), { signal });
      await mkdir(dirname(path), { recursive: true });
      await rename(join(draft, "root"), path);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof BktuiError) throw error;
    // Another run was faster.
    if (!(await isThere(path))) throw ioFailure(`cannot write the debug root to ${cache}`, error);
  }
  return { path, architecture };
}

async function findBusybox(options: DebugRootOptions): Promise<string> {
  try {
    return await findStaticBusybox({ onProgress: options.onProgress, signal: options.signal });
  } catch (error) {
    const { code, message } = toBktuiError(error);
    if (code === "cancelled") throw error;
    throw new BktuiError("unsupported", `this machine has no static busybox to look with: ${message}`, {
      cause: error,
      hint: `Install busybox-static, or ${NAME_AN_IMAGE}`,
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await using file = await open(join(path, "bin/busybox"), "r");
    return (await file.stat()).isFile();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw ioFailure(`cannot look at ${path}`, error);
  }
}

async function architectureOf(busybox: string): Promise<string> {
  await using file = await open(busybox, "r");
  const { buffer } = await file.read(Buffer.alloc(MACHINE_AT + 2), 0, MACHINE_AT + 2, 0);
  const machine = buffer.readUInt16LE(MACHINE_AT);
  const known = ARCHITECTURES.get(machine);
  if (known !== undefined) return known;
  throw new BktuiError(
    "unsupported",
    `${busybox} is for a machine that bktui does not know (ELF ${machine})`,
    {
      hint: NAME_AN_IMAGE,
    },
  );
}
