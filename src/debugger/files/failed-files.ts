/** The files of a kept FAILED state. Engines show it to processes only (BuildKit 0.9 to 0.26). */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import type { Build, FilePart } from "../../engine/engine.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import { type BothListings, StatePrograms } from "./state-programs.ts";

interface Signal {
  readonly signal: AbortSignal;
}

/** Reads one kept FAILED state with the programs of its BASE. */
export class FailedFiles {
  readonly #programs: StatePrograms;
  #listed: Promise<BothListings> | undefined;

  constructor(build: Build, failure: SolveFailed) {
    this.#programs = new StatePrograms(build, { side: "states", failure });
  }

  /** Listed once. @throws {BktuiError} "not-now" when the programs that are needed are not to be had. */
  async listed({ signal }: Signal): Promise<BothListings> {
    const listing = this.#listed ?? this.#programs.listed({ signal });
    this.#listed = listing;
    try {
      return await listing;
    } catch (error) {
      if (this.#listed === listing) this.#listed = undefined;
      // Whoever still waits is not to suffer from one who has given up.
      if (toBktuiError(error).code === "cancelled" && !signal.aborted) return await this.listed({ signal });
      throw error;
    }
  }

  /** The paths whose content is the same in both states. */
  async same(paths: readonly string[], { signal }: Signal): Promise<ReadonlySet<string>> {
    return await this.#programs.same(paths, { signal });
  }

  /** @throws {BktuiError} "not-found" when it is no file. */
  async read(
    path: string,
    { offset, length, signal }: Signal & { readonly offset: number; readonly length: number },
  ): Promise<FilePart> {
    const { other } = await this.listed({ signal });
    const real = other.resolve(path);
    const entry = other.entries.get(real);
    if (entry?.kind !== "file") throw new BktuiError("not-found", `${path} is no file`);
    const { size } = entry;
    if (offset >= size) return { bytes: new Uint8Array(), size };
    const bytes = await this.#programs.read(real, { offset, length, signal });
    if (bytes.length < Math.min(length, size - offset))
      throw new BktuiError("engine", `${path} could not be read to its end`);
    return { bytes, size };
  }
}
