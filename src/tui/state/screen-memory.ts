/** What the screen remembers between runs: sizes of panes, and what was typed after `:`. */
import { join } from "node:path";
import { property, readStateFile, writeStateFile } from "../../console/state-file.ts";
import type { SizeClass } from "./layout.ts";
import {
  MAX_HISTORY,
  MAX_SPLIT,
  NO_SPLITS,
  type Splits,
  type SplitsBySize,
  type UiState,
} from "./ui-state.ts";

type Remembered = Pick<UiState, "splits" | "history">;

const MAX_LINE = 1000;
/** Lines with values in them that may be secret; they are not written to disk. */
const PRIVATE_LINE = /^\s*(?:arg|secret|shell-send)\b/;

/** The remembered sizes and lines of one user, read once and written when they change. */
export class ScreenMemory {
  readonly #layoutPath: string;
  readonly #historyPath: string;
  /** As it is on disk, or will be when the writes under way are done. */
  #known: Remembered = { splits: NO_SPLITS, history: [] };
  #writing: Promise<void> = Promise.resolve();

  /** `directory`: see `stateDirectory`. */
  constructor(directory: string) {
    this.#layoutPath = join(directory, "layout.json");
    this.#historyPath = join(directory, "history.json");
  }

  async load(): Promise<Remembered> {
    const [layout, history] = await Promise.all([
      readStateFile(this.#layoutPath),
      readStateFile(this.#historyPath),
    ]);
    this.#known = {
      splits: splitsOf(property(layout, "splits")),
      history: historyOf(property(history, "lines")),
    };
    return this.#known;
  }

  /**
   * Writes what has changed, after what is being written already.
   * @throws {BktuiError} "io" when a file cannot be written.
   */
  keep({ splits, history }: Remembered): Promise<void> {
    const known = this.#known;
    if (splits === known.splits && history === known.history) return this.#writing;
    this.#known = { splits, history };
    const write = async (): Promise<void> => {
      if (splits !== known.splits) {
        await writeStateFile(this.#layoutPath, { version: 1, splits }, "the layout");
      }
      if (history === known.history) return;
      const lines = history.filter((line) => !PRIVATE_LINE.test(line));
      await writeStateFile(this.#historyPath, { version: 1, lines }, "the typed commands");
    };
    // One that failed was reported to its own caller.
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}

function splitsOf(value: unknown): SplitsBySize {
  const of = (sizeClass: SizeClass): Splits => {
    const split = property(value, sizeClass);
    return {
      lowerRows: cells(property(split, "lowerRows")),
      sideColumns: cells(property(split, "sideColumns")),
    };
  };
  return { narrow: of("narrow"), medium: of("medium"), wide: of("wide") };
}

function cells(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= MAX_SPLIT ? value : 0;
}

function historyOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((line): line is string => typeof line === "string" && line.length <= MAX_LINE)
    .slice(-MAX_HISTORY);
}
