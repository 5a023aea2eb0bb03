/** Tells when the files a build was read from have other content on disk. */
import { createHash } from "node:crypto";
import { type FSWatcher, readFileSync, realpathSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { allSources } from "../debugger/state/linked-files.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { contextDirectory, definitionPath, type Sourced, sourcePath } from "../engine/build-sources.ts";

const SETTLE_MS = 60;

/** The files whose change makes a rerun worth while. */
export function watchedFiles(request: Sourced & Pick<BuildRequest, "linked">): readonly string[] {
  return allSources(request).flatMap((sources) => {
    const [path, directory] = [sourcePath(sources), contextDirectory(sources)];
    return [
      ...(sources.source.kind === "definition" ? [definitionPath(sources.source)] : []),
      ...(path === undefined ? [] : [path, `${path}.dockerignore`]),
      ...(directory === undefined ? [] : [join(directory, ".dockerignore")]),
    ];
  });
}

/**
 * Watches the directories of some files, not the files: editors save by renaming, which a watch of the file itself
 * does not survive, and a recursive watch loses files on Node 20 and 22. Behind a symbolic link it watches where the
 * link is and where it leads. Content is compared, so that a touch or a change that was undone says nothing.
 */
export class FileWatch implements Disposable {
  #files: readonly string[];
  readonly #onChange: (changed: boolean) => void;
  /** By directory. */
  readonly #watchers = new Map<string, FSWatcher>();
  #names: ReadonlySet<string> = new Set();
  #baseline: ReadonlyMap<string, string>;
  #settle: NodeJS.Timeout | undefined;
  #changed = false;

  constructor(files: readonly string[], onChange: (changed: boolean) => void) {
    this.#files = [...new Set(files)];
    this.#onChange = onChange;
    this.#baseline = this.#hashes();
    this.#watchAll();
  }

  /** True while the content differs from the baseline. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Takes what is on disk now as the baseline. Call it before the engine reads the files. */
  rebase(): void {
    this.#baseline = this.#hashes();
    this.#report(false);
  }

  /** From now on also a change of this one counts. */
  add(file: string): void {
    this.#files = [...new Set([...this.#files, file])];
    this.#baseline = new Map([...this.#baseline, [file, hashOf(file)]]);
    this.#watchAll();
  }

  /** Compares now, without waiting for an event. */
  check(): void {
    const now = this.#hashes();
    this.#watchAll();
    this.#report(this.#files.some((file) => now.get(file) !== this.#baseline.get(file)));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#settle);
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  /** Again after each change: a link may lead elsewhere by then. */
  #watchAll(): void {
    const places = this.#files.flatMap((file) => [file, ...realPath(file)]);
    this.#names = new Set(places.map((file) => basename(file)));
    for (const directory of new Set(places.map((file) => dirname(file)))) this.#watchDirectory(directory);
  }

  #watchDirectory(directory: string): void {
    if (this.#watchers.has(directory)) return;
    try {
      const watcher = watch(directory, { persistent: false }, (_event, name) => {
        if (name === null || this.#names.has(name)) this.#soon();
      });
      // A directory that goes away ends its watch; `check` still works.
      watcher.on("error", () => watcher.close());
      this.#watchers.set(directory, watcher);
    } catch {
      // No watch to be had (inotify limits, a missing directory): the check before each rerun still compares.
    }
  }

  #soon(): void {
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.check(), SETTLE_MS);
  }

  #report(changed: boolean): void {
    if (changed === this.#changed) return;
    this.#changed = changed;
    this.#onChange(changed);
  }

  #hashes(): Map<string, string> {
    return new Map(this.#files.map((file) => [file, hashOf(file)]));
  }
}

/** Where a symbolic link leads; none for a file that is not there. */
function realPath(file: string): readonly string[] {
  try {
    return [realpathSync(file)];
  } catch {
    return [];
  }
}

/** "" for a file that is not there or cannot be read. */
function hashOf(file: string): string {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  } catch {
    return "";
  }
}
