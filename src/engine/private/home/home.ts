/** The directories of one private engine, which nobody else may enter. */
import { createHash } from "node:crypto";
import { mkdir, realpath, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BktuiError } from "../../../base/errors.ts";
import {
  ensurePrivateDirectory,
  MAX_SOCKET_PATH_BYTES,
  socketBases,
} from "../../../base/private-directory.ts";
import { errnoOf, ioFailure, readIfThere } from "../system/processes.ts";

/** Where one private engine keeps its things. All paths are absolute. */
export interface EngineHome {
  readonly directory: string;
  /** What runs now, see record.ts. */
  readonly record: string;
  readonly lock: string;
  readonly log: string;
  /** Mount point used while the engine sets up its own /run. */
  readonly stash: string;
  /** Short names the directory stands for, e.g. of the cgroup: `bktui-` and 8 hex digits. */
  readonly name: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const MARKER = "bktui-engine";

/** Names only; creates nothing. */
export function engineHome(directory: string): EngineHome {
  if (!directory.startsWith("/")) {
    throw new BktuiError("usage", `the engine directory "${directory}" is not an absolute path`);
  }
  const digest = createHash("sha256").update(directory).digest("hex").slice(0, 8);
  return {
    directory,
    record: join(directory, "engine.json"),
    lock: join(directory, "lock"),
    log: join(directory, "engine.log"),
    stash: join(directory, "stash"),
    name: `bktui-${digest}`,
  };
}

/**
 * Creates the engine's directory, or checks that an existing one is ours alone.
 * @throws {BktuiError} "io" when somebody else could write into it or it holds other things.
 */
export async function prepareHome(home: EngineHome): Promise<void> {
  const isNew = await ensurePrivateDirectory(home.directory);
  if (isNew) await writeFile(join(home.directory, MARKER), "", { mode: 0o600 });
  else if (!(await isEngineDirectory(home))) {
    throw new BktuiError("io", `${home.directory} holds something other than a bktui engine`, {
      hint: "Name a directory that does not exist yet.",
    });
  }
  await mkdir(home.stash, { recursive: true, mode: 0o700 });
}

/** Whether bktui made this directory; nothing else is ever deleted. */
export async function isEngineDirectory(home: EngineHome): Promise<boolean> {
  return (await readIfThere(join(home.directory, MARKER))) !== undefined;
}

/**
 * Creates the directory of the socket: under $XDG_RUNTIME_DIR, else a directory of this user in the system's tmp.
 * @throws {BktuiError} "io" when somebody else could write into it.
 */
export async function prepareSocketDirectory(
  home: EngineHome,
  env: Environment = process.env,
): Promise<string> {
  const bases = await socketBases(env);
  const base = bases.find(
    (path) => Buffer.byteLength(join(path, home.name, "engine.sock")) <= MAX_SOCKET_PATH_BYTES,
  );
  if (base === undefined)
    throw new BktuiError("internal", `no directory is short enough for a socket: ${bases}`);
  await ensurePrivateDirectory(base);
  const directory = join(base, home.name);
  await ensurePrivateDirectory(directory);
  return await realpath(directory);
}

/** Removes an engine's socket directory, and the one above it with the last engine. */
export async function removeSocketDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  try {
    await rmdir(dirname(directory));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ENOTEMPTY" && errno !== "ENOENT") {
      throw ioFailure(`cannot remove ${dirname(directory)}`, error);
    }
  }
}
