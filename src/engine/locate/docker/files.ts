/** Docker's own files: where they are, and their JSON with the place of what is wrong in it. */
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ParseError } from "jsonc-parser";
import { BktuiError } from "../../../base/errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type JsonRecord = Readonly<Partial<Record<string, unknown>>>;

/** `$DOCKER_CONFIG`, else `~/.docker`; an empty variable counts as none, as for docker. */
export function dockerDirectory(env: Environment): string {
  return setting(env, "DOCKER_CONFIG") ?? join(homeOf(env), ".docker");
}

export function homeOf(env: Environment): string {
  return env["HOME"] ?? homedir();
}

/** A variable that is set to something. */
export function setting(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === "" ? undefined : value;
}

/** What cannot be looked at cannot be used either: it counts as not there. */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * A file's text; undefined when there is no such file.
 * @throws {BktuiError} "io".
 */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isAbsence(error)) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BktuiError("io", `cannot read ${path}: ${reason}`, { cause: error });
  }
}

/**
 * The JSON object in a file; undefined when there is no such file. The text may hold credentials: neither it nor a parser's
 * excerpt goes into a message.
 * @param hint what to do about a broken file
 * @throws {BktuiError} "io" with file, line and column when it is no JSON object.
 */
export async function readJsonObject(path: string, hint: string): Promise<JsonRecord | undefined> {
  const text = await readTextFile(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BktuiError("io", `cannot read ${path}${await placeIn(text)}: it is not JSON`, { hint });
  }
  if (isJsonRecord(value)) return value;
  throw new BktuiError("io", `cannot read ${path}: it is no JSON object`, { hint });
}

export function isJsonRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function field(value: unknown, name: string): unknown {
  return isJsonRecord(value) ? value[name] : undefined;
}

/**
 * ":LINE:COLUMN", both from 1, of a value, or of the first fault. The parser of configuration files knows it; Node's own says
 * it not in every version.
 */
export async function placeIn(text: string, value?: readonly (string | number)[]): Promise<string> {
  const { findNodeAtLocation, parseTree } = await import("jsonc-parser");
  const faults: ParseError[] = [];
  const tree = parseTree(text, faults, { disallowComments: true });
  const node = tree === undefined || value === undefined ? undefined : findNodeAtLocation(tree, [...value]);
  const offset = value === undefined ? faults[0]?.offset : node?.offset;
  if (offset === undefined) return "";
  const before = text.slice(0, offset).split("\n");
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
