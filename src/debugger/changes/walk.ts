/** What a step changed, found by walking through both states without a process. */
import { setMaxListeners } from "node:events";
import { posix } from "node:path";
import { toBktuiError } from "../../base/errors.ts";
import type { Build, FileEntry } from "../../engine/engine.ts";
import type { Edge } from "../../graph/graph.ts";
import type { StateChanges } from "../debugger.ts";
import { changesOfPairs, type FilePair, isUnchanged } from "./compare.ts";
import type { StatePrograms } from "./state-programs.ts";

type Reader = Pick<Build, "readDir" | "readFile">;

interface States {
  /** undefined: nothing was there. */
  readonly base: Edge | undefined;
  readonly after: Edge;
  /** Compare many files at once. */
  readonly programs: Pick<StatePrograms, "same">;
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

/** Questions that the engine has at the same time. */
const AT_ONCE = 16;
/** Files that are compared one by one. */
const FEW = 64;
const PIECE_BYTES = 1024 * 1024;
/** Larger files that were written anew count as changed. */
const MOST_COMPARED_BYTES = 64 * PIECE_BYTES;

/** A time of its own per directory: below a millisecond on an engine of this machine (BuildKit 0.8 to 0.32). */
export async function walkedChanges(
  build: Reader,
  states: States,
  { signal }: Signal,
): Promise<StateChanges> {
  const walk = new Walk(build, states, signal);
  await walk.run();
  const isSame = (paths: readonly string[]): Promise<ReadonlySet<string>> => walk.same(paths);
  return { changes: await changesOfPairs(walk.pairs, { isSame, signal }), problems: walk.problems };
}

class Walk {
  readonly pairs: FilePair[] = [];
  readonly problems: string[] = [];
  readonly #build: Reader;
  readonly #states: States;
  readonly #signal: AbortSignal;
  readonly #places: Place[];

  constructor(build: Reader, states: States, signal: AbortSignal) {
    this.#build = build;
    this.#states = states;
    this.#signal = signal;
    // Each question listens to it; Node warns of more than ten.
    setMaxListeners(4 * AT_ONCE, signal);
    this.#places = [{ path: "/", inBase: states.base !== undefined, inAfter: true }];
  }

  async run(): Promise<void> {
    while (this.#places.length > 0) {
      await Promise.all(this.#places.splice(0, AT_ONCE).map((place) => this.#visit(place)));
    }
  }

  /** A file takes two questions per state, and a container more than a hundred times as long. */
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
    for (let from = 0; from < paths.length; from += AT_ONCE) {
      const some = paths.slice(from, from + AT_ONCE);
      await Promise.all(some.map(async (path) => ((await this.#isSame(path)) ? same.add(path) : undefined)));
    }
    return same;
  }

  async #visit({ path, inBase, inAfter }: Place): Promise<void> {
    const [old, now] = await Promise.all([
      this.#read(inBase ? this.#states.base : undefined, path),
      this.#read(inAfter ? this.#states.after : undefined, path),
    ]);
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      const pair = { path: posix.join(path, name), before: old.get(name), after: now.get(name) };
      if (!isUnchanged(pair.before, pair.after)) this.pairs.push(pair);
      const inside = { inBase: isDirectory(pair.before), inAfter: isDirectory(pair.after) };
      if (inside.inBase || inside.inAfter) this.#places.push({ path: pair.path, ...inside });
    }
  }

  async #read(edge: Edge | undefined, path: string): Promise<ReadonlyMap<string, FileEntry>> {
    if (edge === undefined) return new Map();
    try {
      const entries = await this.#build.readDir(edge, path, { signal: this.#signal });
      return new Map(entries.map((entry) => [entry.name, entry]));
    } catch (error) {
      const { code, message } = toBktuiError(error);
      // One directory that cannot be read hides nothing but itself.
      if (path === "/" || (code !== "engine" && code !== "not-found")) throw error;
      this.problems.push(`${path}: ${message}`);
      return new Map();
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
