/** What bktui remembers between runs, per Dockerfile, plan or definition: its breakpoints. */
import { join } from "node:path";
import type { BreakpointOrder } from "../debugger/breakpoint.ts";
import type { BreakpointAnchor } from "../debugger/breakpoint-anchor.ts";
import { orderText, parseOrder } from "../debugger/breakpoints/break-order.ts";
import { property, readStateFile, stateDirectory, writeStateFile } from "./state-file.ts";

export interface RememberedBreakpoint extends BreakpointOrder {
  readonly enabled: boolean;
  /** Of a line: what it is on. */
  readonly on?: BreakpointAnchor;
}

/** Breakpoints per Dockerfile; a store that cannot be read counts as empty. */
export interface RememberedStore {
  load(dockerfile: string): Promise<readonly RememberedBreakpoint[]>;
  /** @throws {BktuiError} "io" when the file cannot be written. */
  save(dockerfile: string, breakpoints: readonly RememberedBreakpoint[]): Promise<void>;
}

const MAX_DOCKERFILES = 200;
const MAX_BREAKPOINTS = 500;

/** `breakpoints.json` in the directory of `stateDirectory`. */
export function rememberedPath(env: Readonly<Record<string, string | undefined>>): string {
  return join(stateDirectory(env), "breakpoints.json");
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
  const dockerfiles = Object.fromEntries(kept.map(([name, list]) => [name, list.map(written)]));
  await writeStateFile(path, { version: 1, dockerfiles }, "breakpoints");
}

/** A missing or damaged file is an empty one: memory is a convenience, never a reason not to start. */
async function readAll(path: string): Promise<Map<string, readonly RememberedBreakpoint[]>> {
  const found = new Map<string, readonly RememberedBreakpoint[]>();
  const parsed = await readStateFile(path);
  const dockerfiles = property(parsed, "dockerfiles");
  if (typeof dockerfiles !== "object" || dockerfiles === null) return found;
  for (const [dockerfile, list] of Object.entries(dockerfiles)) {
    if (Array.isArray(list)) found.set(dockerfile, list.slice(0, MAX_BREAKPOINTS).flatMap(breakpointOf));
  }
  return found;
}

/** A longer text is not kept: the line's number has to do. */
const MAX_TEXT = 1000;

function written({ enabled, on, ...order }: RememberedBreakpoint): unknown {
  return {
    spec: orderText(order),
    enabled,
    ...(on === undefined || on.text.length > MAX_TEXT ? {} : { on }),
  };
}

function breakpointOf(value: unknown): readonly RememberedBreakpoint[] {
  const order = orderIn(property(value, "spec"));
  if (order === undefined) return [];
  const on = order.spec.kind === "line" ? anchorIn(property(value, "on")) : undefined;
  return [{ ...order, enabled: property(value, "enabled") !== false, ...(on === undefined ? {} : { on }) }];
}

/** Undefined for a damaged one, and for those of older files. */
function anchorIn(value: unknown): BreakpointAnchor | undefined {
  const [text, stage] = [property(value, "text"), property(value, "stage")];
  const [ordinal, offset] = [property(value, "ordinal"), property(value, "offset")];
  if (typeof text !== "string" || !Number.isSafeInteger(ordinal) || !Number.isSafeInteger(offset))
    return undefined;
  const known = typeof stage === "string" ? stage : undefined;
  return { text, stage: known, ordinal: Number(ordinal), offset: Number(offset) };
}

/** Damaged and unknown ones are left out. */
function orderIn(value: unknown): BreakpointOrder | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  try {
    const typed = parseOrder(text);
    return "spec" in typed ? typed : undefined;
  } catch {
    return undefined;
  }
}

/** As it is typed; lines and ends of stages are also known in the form of older files. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const line = property(value, "line");
  const stage = property(value, "stage");
  if (property(value, "kind") === "line" && typeof line === "number") return String(line);
  return property(value, "kind") === "stage-end" && typeof stage === "string" ? `${stage}:end` : undefined;
}
