/** The files of a step's states, and what the step changed. */
import { BktuiError } from "../../base/errors.ts";
import type { Build, FileEntry, FilePart, StateSide } from "../../engine/engine.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Edge } from "../../graph/graph.ts";
import type { Step } from "../../graph/program.ts";
import type { StateChanges } from "../debugger.ts";
import { changesOfListings } from "./compare.ts";
import { FailedFiles } from "./failed-files.ts";
import { StatePrograms } from "./state-programs.ts";
import { walkedChanges } from "./walk.ts";

export interface StatePlace {
  readonly build: Build;
  readonly step: Step;
  readonly side: StateSide;
  /** What the build is stopped at; undefined also where FAILED would have to be reproduced. */
  readonly failure: SolveFailed | undefined;
}

interface Signal {
  readonly signal: AbortSignal;
}

/** Lists, reads and compares the states of steps; a kept FAILED state is listed once. */
export class StateFiles {
  /** A failed state is listed once; it goes with its failure. */
  readonly #failed = new WeakMap<SolveFailed, FailedFiles>();

  async list(
    place: StatePlace,
    { path, signal }: Signal & { readonly path: string },
  ): Promise<readonly FileEntry[]> {
    if (place.side === "failed") return (await this.#failedAt(place).listed({ signal })).other.list(path);
    const edge = edgeOf(place);
    // Before the first step of a stage FROM scratch there is nothing.
    return edge === undefined ? [] : await place.build.readDir(edge, path, { signal });
  }

  async read(
    place: StatePlace,
    { path, ...part }: Signal & { readonly path: string; readonly offset: number; readonly length: number },
  ): Promise<FilePart> {
    if (place.side === "failed") return await this.#failedAt(place).read(path, part);
    const edge = edgeOf(place);
    if (edge === undefined) throw new BktuiError("not-found", `${path} is not in this state`);
    return await place.build.readFile(edge, path, part);
  }

  async changes(place: StatePlace, { signal }: Signal): Promise<StateChanges> {
    const { build, step, side } = place;
    if (side !== "failed") {
      const states = { base: step.base, after: step.result };
      const programs = new StatePrograms(build, { side: "states", vertex: step.vertex, ...states });
      return await walkedChanges(build, { ...states, programs }, { signal });
    }
    const files = this.#failedAt(place);
    const { base, other } = await files.listed({ signal });
    const isSame = (paths: readonly string[]): Promise<ReadonlySet<string>> => files.same(paths, { signal });
    return { changes: await changesOfListings(base, other, { isSame, signal }), problems: [] };
  }

  #failedAt({ build, failure }: StatePlace): FailedFiles {
    if (failure === undefined) {
      throw new BktuiError("not-now", "this engine keeps no FAILED state: its files exist only in a shell", {
        hint: "A shell on FAILED runs the command again: there they are.",
      });
    }
    const known = this.#failed.get(failure) ?? new FailedFiles(build, failure);
    this.#failed.set(failure, known);
    return known;
  }
}

function edgeOf({ step, side }: StatePlace): Edge | undefined {
  return side === "after" ? step.result : step.base;
}
