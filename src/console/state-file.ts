/** Files in which bktui remembers things between runs: JSON, written whole and atomically, readable by their owner only. */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { BktuiError } from "../base/errors.ts";

/** `$XDG_STATE_HOME/bktui`; a relative XDG_STATE_HOME is ignored, as its specification asks. */
export function stateDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const state = env["XDG_STATE_HOME"];
  const base =
    state !== undefined && isAbsolute(state) ? state : join(env["HOME"] ?? homedir(), ".local", "state");
  return join(base, "bktui");
}

/** A missing or damaged file is an empty one (undefined): memory is a convenience, never a reason not to start. */
export async function readStateFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * @param what what is remembered, for the message
 * @throws {BktuiError} "io" when the file cannot be written.
 */
export async function writeStateFile(path: string, content: object, what: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(content)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // Best effort: the temporary file may not exist, and the first failure is the one to report.
    await unlink(temporary).catch(() => undefined);
    throw new BktuiError("io", `cannot remember ${what} in ${path}`, {
      cause: error,
      hint: "check the permissions of the directory, or set XDG_STATE_HOME",
    });
  }
}

/** A property of what was read, whatever that is. */
export function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
