/** All files of a state, in memory. */
import { posix } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import type { FileEntry } from "../../engine/engine.ts";

/** As the kernel. */
const MOST_LINKS = 40;

/** One complete listing of a state: entries by path and by directory. */
export class Listing {
  readonly #entries = new Map<string, FileEntry>();
  readonly #directories = new Map<string, FileEntry[]>([["/", []]]);

  /** Absolute paths; the root has no entry. */
  get entries(): ReadonlyMap<string, FileEntry> {
    return this.#entries;
  }

  /** In any order. */
  add(path: string, entry: FileEntry): void {
    this.#entries.set(path, entry);
    if (entry.kind === "directory") this.#contentOf(path);
    this.#contentOf(posix.dirname(path)).push(entry);
  }

  /** Sorted by name. @throws {BktuiError} "not-found" */
  list(path: string): readonly FileEntry[] {
    const found = this.#directories.get(this.resolve(path));
    if (found === undefined) throw new BktuiError("not-found", `${path} is not in this state`);
    return [...found].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The path without links on the way, which stay within the state. @throws {BktuiError} "not-found" */
  resolve(path: string): string {
    let rest = path.split("/");
    let place = "/";
    let links = 0;
    while (rest.length > 0) {
      const [name = "", ...others] = rest;
      rest = others;
      if (name === "" || name === ".") continue;
      const next = posix.join(place, name);
      const entry = this.#entries.get(next);
      if (entry?.kind !== "link") {
        place = next;
        continue;
      }
      links += 1;
      if (links > MOST_LINKS) throw new BktuiError("not-found", `${path} is a link that leads nowhere`);
      const target = entry.target ?? "";
      rest = [...target.split("/"), ...rest];
      if (target.startsWith("/")) place = "/";
    }
    return place;
  }

  #contentOf(path: string): FileEntry[] {
    const known = this.#directories.get(path) ?? [];
    this.#directories.set(path, known);
    return known;
  }
}
