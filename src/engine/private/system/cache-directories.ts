/** Where bktui keeps what it can make again, below the user's cache. Names only; creates nothing. */
import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's own engine: `$XDG_CACHE_HOME/bktui/engine`. */
export function defaultEngineDirectory(env: Environment = process.env): string {
  return join(cacheDirectory(env), "engine");
}

/** Unpacked engines, shared by all engine directories: `$XDG_CACHE_HOME/bktui/engines`. */
export function packageCacheDirectory(env: Environment = process.env): string {
  return join(cacheDirectory(env), "engines");
}

/** Root file systems for looking at states: `$XDG_CACHE_HOME/bktui/debug-root`. */
export function debugRootDirectory(env: Environment = process.env): string {
  return join(cacheDirectory(env), "debug-root");
}

function cacheDirectory(env: Environment): string {
  const base = env["XDG_CACHE_HOME"];
  return join(base?.startsWith("/") ? base : join(env["HOME"] ?? homedir(), ".cache"), "bktui");
}
