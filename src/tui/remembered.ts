/** What bktui remembers between runs, per Dockerfile: its breakpoints. */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { BktuiError } from "../base/errors.ts";
import type { BreakpointSpec } from "../debugger/debugger.ts";
import { lineOf } from "../graph/graph.ts";

export interface RememberedBreakpoint {
  readonly spec: BreakpointSpec;
  readonly enabled: boolean;
}

/** Breakpoints per Dockerfile; a store that cannot be read counts as empty. */
export interface RememberedStore {
  load(dockerfile: string): Promise<readonly RememberedBreakpoint[]>;
  /** @throws {BktuiError} "io" when the file cannot be written. */
  save(dockerfile: string, breakpoints: readonly RememberedBreakpoint[]): Promise<void>;
}

const MAX_DOCKERFILES = 200;
const MAX_BREAKPOINTS = 500;

/** `$XDG_STATE_HOME/bktui/breakpoints.json`; a relative XDG_STATE_HOME is ignored, as its specification asks. */
export function rememberedPath(env: Readonly<Record<string, string | undefined>>): string {
  const state = env["XDG_STATE_HOME"];
  const base =
    state !== undefined && isAbsolute(state) ? state : join(env["HOME"] ?? homedir(), ".local", "state");
  return join(base, "bktui", "breakpoints.json");
}

/** A store in one JSON file, written whole and atomically, readable by its owner only. */
export function createRememberedStore(path: string): RememberedStore {
  // One save at a time: two could each read the old file and lose the other's entry.
  let last: Promise<void> = Promise.resolve();
  return {
    async load(dockerfile) {
      return (await readAll(path)).get(dockerfile) ?? [];
    },
    save(dockerfile, breakpoints) {
      const write = last.then(
        () => saveOne(path, dockerfile, breakpoints),
        () => saveOne(path, dockerfile, breakpoints),
      );
      last = write;
      return write;
    },
  };
}

async function saveOne(
  path: string,
  dockerfile: string,
  breakpoints: readonly RememberedBreakpoint[],
): Promise<void> {
  const all = await readAll(path);
  const unchanged = JSON.stringify(all.get(dockerfile) ?? []) === JSON.stringify(breakpoints);
  if (unchanged) return;
  // Deleting first moves the entry to the end, so that the oldest Dockerfiles are dropped first.
  all.delete(dockerfile);
  if (breakpoints.length > 0) all.set(dockerfile, breakpoints);
  const kept = [...all].slice(-MAX_DOCKERFILES);
  await writeAtomically(path, `${JSON.stringify({ version: 1, dockerfiles: Object.fromEntries(kept) })}\n`);
}

async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // Best effort: the temporary file may not exist, and the first failure is the one to report.
    await unlink(temporary).catch(() => undefined);
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, cause: unknown): BktuiError {
  return new BktuiError("io", `cannot remember breakpoints in ${path}`, {
    cause,
    hint: "check the permissions of the directory, or set XDG_STATE_HOME",
  });
}

/** A missing or damaged file is an empty one: memory is a convenience, never a reason not to start. */
async function readAll(path: string): Promise<Map<string, readonly RememberedBreakpoint[]>> {
  const found = new Map<string, readonly RememberedBreakpoint[]>();
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, "utf8"));
  } catch {
    return found;
  }
  const dockerfiles = property(parsed, "dockerfiles");
  if (typeof dockerfiles !== "object" || dockerfiles === null) return found;
  for (const [dockerfile, list] of Object.entries(dockerfiles)) {
    if (Array.isArray(list)) found.set(dockerfile, list.slice(0, MAX_BREAKPOINTS).flatMap(breakpointOf));
  }
  return found;
}

function breakpointOf(value: unknown): readonly RememberedBreakpoint[] {
  const spec = specOf(property(value, "spec"));
  return spec === undefined ? [] : [{ spec, enabled: property(value, "enabled") !== false }];
}

function specOf(value: unknown): BreakpointSpec | undefined {
  const line = property(value, "line");
  const stage = property(value, "stage");
  if (property(value, "kind") === "line" && typeof line === "number" && Number.isInteger(line) && line > 0) {
    return { kind: "line", line: lineOf(line) };
  }
  if (property(value, "kind") === "stage-end" && typeof stage === "string") {
    return { kind: "stage-end", stage };
  }
  return undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
