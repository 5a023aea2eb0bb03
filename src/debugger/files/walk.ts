/** What a step changed, found by walking through both states without a process. */
import { posix } from "node:path";
import { toBktuiError } from "../../base/errors.ts";
import type { Build, FileEntry } from "../../engine/engine.ts";
import type { Edge } from "../../graph/graph.ts";
import type { StateChanges } from "../debugger.ts";
import { changesOfListings, changesOfPairs, type FilePair, isUnchanged } from "./compare.ts";
import type { Listing } from "./listing.ts";
import type { BothListings, StatePrograms } from "./state-programs.ts";

type Reader = Pick<Build, "readDir" | "readFile">;

interface States {
  /** undefined: nothing was there. */
  readonly base: Edge | undefined;
  readonly after: Edge;
  /** Compare many files at once, and list many directories. */
  readonly programs: Pick<StatePrograms, "same" | "listed">;
}

interface Signal {
  readonly signal: AbortSignal;
}

/** A directory that is still to be looked at, and in which of the states it is one. */
interface Place {
  readonly path: string;
  readonly inBase: boolean;
  readonly inAfter: boolean;
}

/** Files that are compared one by one. */
const FEW = 32;
/** A state with more directories than this is listed by a program. */
const MOST_WALKED = 64;
const PIECE_BYTES = 1024 * 1024;
/** Larger files that were written anew count as changed. */
const MOST_COMPARED_BYTES = 64 * PIECE_BYTES;

/**
 * The engine is asked about one directory at a time, of both states at once (docs/adr/0020): 1 to 3 ms on an engine of this
 * machine (BuildKit 0.8 to 0.25). A container that lists everything takes as long as a hundred of them.
 */
export async function walkedChanges(
  build: Reader,
  states: States,
  { signal }: Signal,
): Promise<StateChanges> {
  const walk = new Walk(build, states, signal);
  const isSame = (paths: readonly string[]): Promise<ReadonlySet<string>> => walk.same(paths);
  if (await walk.finishes())
    return { changes: await changesOfPairs(walk.pairs, { isSame, signal }), problems: walk.problems };
  const listings = await listed(states.programs, { signal });
  if (listings !== undefined) {
    const { base, other } = listings;
    return { changes: await changesOfListings(base, other, { isSame, signal }), problems: [] };
  }
  await walk.run();
  return { changes: await changesOfPairs(walk.pairs, { isSame, signal }), problems: walk.problems };
}

/** Undefined where there are no programs for it, or none that tell times exactly: a change within a second has to be seen. */
async function listed(programs: States["programs"], { signal }: Signal): Promise<BothListings | undefined> {
  try {
    const listings = await programs.listed({ signal });
    return isExact(listings.base) || isExact(listings.other) ? listings : undefined;
  } catch (error) {
    const { code } = toBktuiError(error);
    if (code === "cancelled" || code === "engine-unreachable" || code === "internal") throw error;
    return undefined;
  }
}

function isExact({ entries }: Listing): boolean {
  for (const { mtimeMs = 0 } of entries.values()) if (mtimeMs % 1000 !== 0) return true;
  return false;
}

class Walk {
  readonly pairs: FilePair[] = [];
  readonly problems: string[] = [];
  readonly #build: Reader;
  readonly #states: States;
  readonly #signal: AbortSignal;
  readonly #places: Place[];
  #walked = 0;

  constructor(build: Reader, states: States, signal: AbortSignal) {
    this.#build = build;
    this.#states = states;
    this.#signal = signal;
    this.#places = [{ path: "/", inBase: states.base !== undefined, inAfter: true }];
  }

  async run(): Promise<void> {
    for (let place = this.#places.shift(); place !== undefined; place = this.#places.shift())
      await this.#visit(place);
  }

  /** Whether the end was reached; not where there are many directories. */
  async finishes(): Promise<boolean> {
    while (this.#walked + this.#places.length <= MOST_WALKED) {
      const place = this.#places.shift();
      if (place === undefined) return true;
      await this.#visit(place);
    }
    return false;
  }

  /** A file takes two questions per state, and a container a hundred times as long as one. */
  async same(paths: readonly string[]): Promise<ReadonlySet<string>> {
    if (paths.length <= FEW) return await this.#readSame(paths);
    try {
      return await this.#states.programs.same(paths, { signal: this.#signal });
    } catch (error) {
      // No programs for it.
      if (toBktuiError(error).code !== "not-now") throw error;
      return await this.#readSame(paths);
    }
  }

  async #readSame(paths: readonly string[]): Promise<ReadonlySet<string>> {
    const same = new Set<string>();
    for (const path of paths) if (await this.#isSame(path)) same.add(path);
    return same;
  }

  async #visit({ path, inBase, inAfter }: Place): Promise<void> {
    this.#walked += 1;
    const [old, now] = await Promise.all([
      this.#read(inBase ? this.#states.base : undefined, path),
      this.#read(inAfter ? this.#states.after : undefined, path),
    ]);
    // What is not known of one state cannot be told from the other: not that everything came, and not that it went.
    if (old === undefined || now === undefined) return;
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      const pair = { path: posix.join(path, name), before: old.get(name), after: now.get(name) };
      if (!isUnchanged(pair.before, pair.after)) this.pairs.push(pair);
      const inside = { inBase: isDirectory(pair.before), inAfter: isDirectory(pair.after) };
      if (inside.inBase || inside.inAfter) this.#places.push({ path: pair.path, ...inside });
    }
  }

  /** Undefined when it cannot be read, which is told. */
  async #read(edge: Edge | undefined, path: string): Promise<ReadonlyMap<string, FileEntry> | undefined> {
    if (edge === undefined) return new Map();
    try {
      const entries = await this.#build.readDir(edge, path, { signal: this.#signal });
      return new Map(entries.map((entry) => [entry.name, entry]));
    } catch (error) {
      const { code, message } = toBktuiError(error);
      // One directory that cannot be read hides nothing but itself.
      if (path === "/" || (code !== "engine" && code !== "not-found")) throw error;
      this.problems.push(`${path} could not be compared: ${message}`);
      return undefined;
    }
  }

  async #isSame(path: string): Promise<boolean> {
    const { base, after } = this.#states;
    if (base === undefined) return false;
    for (let offset = 0; offset < MOST_COMPARED_BYTES; offset += PIECE_BYTES) {
      const part = { offset, length: PIECE_BYTES, signal: this.#signal };
      const [old, now] = await Promise.all([
        this.#build.readFile(base, path, part),
        this.#build.readFile(after, path, part),
      ]);
      if (Buffer.compare(old.bytes, now.bytes) !== 0) return false;
      if (offset + PIECE_BYTES >= now.size) return true;
    }
    return false;
  }
}

function isDirectory(entry: FileEntry | undefined): boolean {
  return entry?.kind === "directory";
}
