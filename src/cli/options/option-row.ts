/** What one row of the table of options says: how an option is spelled, and what it sets. */
import type { Surroundings } from "../../console/build-options.ts";
import type { BuildChoices, DebugOptions } from "../debug-options.ts";

/** What a given option sets; everything else stays as it is. */
export interface Chosen {
  readonly build?: Partial<BuildChoices>;
  /** Of the run around the build. */
  readonly run?: Partial<Pick<DebugOptions, "file" | "context" | "addr">>;
  /** Things to say before the build, one line each. */
  readonly notes?: readonly string[];
}

/** A row of the table. */
export interface OptionRow {
  /** As the help shows it, e.g. "-t, --tag <name>"; without a value it is a switch. */
  readonly flags: string;
  /** For the help; undefined = it is taken and not shown there. */
  readonly help?: string;
  /** Every occurrence counts; of others the last one does. */
  readonly repeated?: true;
  /**
   * What it means; called only when it was given, by a switch only when that is on.
   * @param texts as typed, unchecked; one unless it is repeated, none for a switch
   * @throws {BktuiError} "usage" or "bad-request".
   */
  choose(texts: readonly string[], surroundings: Surroundings): Chosen;
}

/** What all given options say together; where two set the same, the later row counts. */
export function together(chosen: readonly Chosen[]): Required<Chosen> {
  return {
    build: Object.assign({}, ...chosen.map(({ build }) => build)),
    run: Object.assign({}, ...chosen.map(({ run }) => run)),
    notes: chosen.flatMap(({ notes }) => notes ?? []),
  };
}
