/** Looks at paths that were typed, and says exactly what is wrong with one. */
import type { Stats } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { quote } from "../base/quote.ts";
import { nearCommand } from "./arguments.ts";

/** @throws {BktuiError} "not-found", with the hint where there is one, or "io". */
export async function look(path: string, what: string, hint?: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    const missing = codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
    throw missing
      ? failure("not-found", `${what} ${path}`, error, hint ?? (await nearNames(path)))
      : failure("io", `${what} ${path}`, error, `look at it with: ls -ld ${quote(path)}`);
  }
}

/** A failure of the system at a path. */
export function failure(code: "not-found" | "io", what: string, cause: unknown, hint: string): BktuiError {
  return new BktuiError(code, `${what}: ${reasonOf(cause)}`, { cause, hint });
}

/** Names like the missing one in the nearest directory that exists. */
async function nearNames(path: string): Promise<string> {
  const directory = dirname(path);
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    return `there is no readable directory ${directory} (${reasonOf(error)})`;
  }
  const wanted = basename(path).toLowerCase();
  const near = names.filter((name) => {
    const candidate = name.toLowerCase();
    return candidate === wanted || candidate.startsWith(wanted) || wanted.startsWith(candidate);
  });
  const [first] = near.sort();
  if (first !== undefined) return `did you mean ${join(directory, first)}?`;
  const command = nearCommand(basename(path));
  if (command !== undefined) return `did you mean bktui ${command}?`;
  return `see what is there: ls ${quote(directory)}`;
}

/** @throws {BktuiError} "io". */
export async function mustBeReadable(path: string, mode: number, what: string): Promise<void> {
  try {
    await access(path, mode);
  } catch (error) {
    throw failure("io", `cannot read the ${what} ${path}`, error, `see who may: ls -ld ${quote(path)}`);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The system's reason in words. */
function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case "ENOENT":
      return "no such file or directory";
    case "ENOTDIR":
      return "a part of the path is not a directory";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "ELOOP":
      return "too many symbolic links";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
