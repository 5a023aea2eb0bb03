/** Directories that only this user can enter, for sockets. */
import { lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BktuiError } from "./errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** sun_path holds 108 bytes; other tools append suffixes to ours. */
export const MAX_SOCKET_PATH_BYTES = 100;

/** Where sockets of this user may be: below $XDG_RUNTIME_DIR when that is ours, else below the system's tmp. Names only. */
export async function socketBases(env: Environment): Promise<readonly string[]> {
  const runtime = env["XDG_RUNTIME_DIR"];
  const inTmp = (parent: string): string => join(parent, `bktui-${ownUid()}`);
  const bases = [inTmp(tmpdir()), inTmp("/tmp")];
  if (runtime?.startsWith("/") && (await isOwnDirectory(runtime))) bases.unshift(join(runtime, "bktui"));
  return bases;
}

/** 0 where the system has no users. */
export function ownUid(): number {
  return process.geteuid?.() ?? 0;
}

async function isOwnDirectory(path: string): Promise<boolean> {
  try {
    const stats = await lstat(path);
    return stats.isDirectory() && stats.uid === ownUid();
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "EACCES") return false;
    throw new BktuiError("io", `cannot look at ${path}: ${String(error)}`, { cause: error });
  }
}

/** Returns whether it was created. Never follows a link in the last place: others can write to tmp. */
export async function ensurePrivateDirectory(path: string): Promise<boolean> {
  try {
    const created = (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined;
    if ((await privacyOf(path)) === "private") return created;
  } catch (error) {
    if (error instanceof BktuiError) throw error;
    throw new BktuiError("io", `cannot create the directory ${path}: ${String(error)}`, { cause: error });
  }
  throw new BktuiError("io", `${path} is not a directory that only this user can enter`, {
    hint: `Look at it, then remove it or run chmod 700 ${path}.`,
  });
}

/** Whose a directory is: "private" = this user's, and nobody else can enter it; "open" = somebody else can, or it is a link. */
export async function privacyOf(
  path: string,
): Promise<"private" | "open" | "missing" | { readonly uid: number }> {
  try {
    const stats = await lstat(path);
    if (!stats.isDirectory()) return "open";
    if (stats.uid !== ownUid()) return { uid: stats.uid };
    return (stats.mode & 0o077) === 0 ? "private" : "open";
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "missing";
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
