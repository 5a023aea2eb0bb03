/** The lines of a log by index: new ones in memory, older ones in an archive. */
import { BktuiError } from "../../base/errors.ts";
import type { LineArchive } from "./line-archive.ts";
import { encodedLines, LineBlocks } from "./line-blocks.ts";
import type { LogLine, LogView } from "./progress-store.ts";

export interface LineLogOptions {
  /** What stays in memory; the rest is in the archive. */
  readonly memory: { readonly lines: number; readonly characters: number };
  readonly archive: LineArchive;
  /** Older lines cannot be kept any more. Called once. */
  readonly onLost: (error: BktuiError) => void;
}

/** Lines put into the archive at once: little enough to be read again within a frame. */
const BLOCK = { lines: 256, characters: 128 * 1024 };

/**
 * All lines by index: the newest in memory, older ones in the archive, in blocks. When the archive fails, its lines
 * are dropped and its space is given back: indexes stay, `first` goes up.
 */
export class LineLog implements LogView, Disposable {
  readonly #options: LineLogOptions;
  readonly #blocks: LineBlocks;
  #lines: LogLine[] = [];
  /** Lines that have left memory but not the array: it is cut in large pieces only. */
  #skipped = 0;
  /** Index of the oldest line in memory. */
  #inMemory = 0;
  #characters = 0;
  #archives = true;

  constructor(options: LineLogOptions) {
    this.#options = options;
    this.#blocks = new LineBlocks(options.archive);
  }

  get first(): number {
    return this.#blocks.first ?? this.#inMemory;
  }

  get end(): number {
    return this.#inMemory + this.#lines.length - this.#skipped;
  }

  line(index: number): LogLine | undefined {
    if (index >= this.#inMemory) return this.#lines[index - this.#inMemory + this.#skipped];
    if (!this.#archives) return undefined;
    try {
      return this.#blocks.line(index);
    } catch (error) {
      this.#giveUp(error);
      return undefined;
    }
  }

  /** Returns the line's index. */
  push(line: LogLine): number {
    this.#lines.push(line);
    this.#characters += charactersOf(line);
    if (this.#isOver()) this.#makeRoom();
    return this.end - 1;
  }

  [Symbol.dispose](): void {
    this.#archives = false;
    this.#blocks.clear();
    this.#options.archive[Symbol.dispose]();
  }

  #isOver(): boolean {
    const { lines, characters } = this.#options.memory;
    const count = this.#lines.length - this.#skipped;
    return count > lines || (this.#characters > characters && count > 1);
  }

  #makeRoom(): void {
    const block = this.#oldest();
    if (this.#archives) {
      try {
        this.#blocks.add(
          this.#inMemory,
          block.length,
          encodedLines(block, (vertex) => this.#blocks.numberOf(vertex)),
        );
      } catch (error) {
        this.#giveUp(error);
      }
    }
    for (const line of block) this.#characters -= charactersOf(line);
    this.#skipped += block.length;
    this.#inMemory += block.length;
    if (this.#skipped * 2 <= this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#skipped);
    this.#skipped = 0;
  }

  /** At least one line, never the newest. */
  #oldest(): readonly LogLine[] {
    const most = Math.min(this.#skipped + BLOCK.lines, this.#lines.length - 1);
    let end = this.#skipped;
    for (let characters = 0; end < most && characters < BLOCK.characters; end++) {
      const line = this.#lines[end];
      if (line !== undefined) characters += charactersOf(line);
    }
    return this.#lines.slice(this.#skipped, end);
  }

  #giveUp(error: unknown): void {
    if (!(error instanceof BktuiError)) throw error;
    this[Symbol.dispose]();
    this.#options.onLost(error);
  }
}

function charactersOf({ text, raw }: LogLine): number {
  return raw === undefined ? text.length : text.length + raw.length;
}

/** The lines of one vertex among all. */
export class VertexLines implements LogView {
  readonly #log: LineLog;
  /** Index in the log of each line, in pieces that grow. */
  #indexes = new Float64Array(16);
  /** Lines before the first of `#indexes`. */
  #dropped = 0;
  #count = 0;

  constructor(log: LineLog) {
    this.#log = log;
  }

  get first(): number {
    this.#forget();
    return this.#dropped;
  }

  get end(): number {
    return this.#dropped + this.#count;
  }

  line(index: number): LogLine | undefined {
    const at = index - this.#dropped;
    const inLog = at < 0 || at >= this.#count ? undefined : this.#indexes[at];
    return inLog === undefined ? undefined : this.#log.line(inLog);
  }

  /** `index`: in the log, larger than all before. */
  add(index: number): void {
    if (this.#count === this.#indexes.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#indexes);
      this.#indexes = larger;
    }
    this.#indexes[this.#count] = index;
    this.#count++;
  }

  /** Lines that the log has given up. */
  #forget(): void {
    const oldest = this.#log.first;
    if (this.#count === 0 || (this.#indexes[0] ?? 0) >= oldest) return;
    let gone = 0;
    while (gone < this.#count && (this.#indexes[gone] ?? 0) < oldest) gone++;
    this.#indexes.copyWithin(0, gone, this.#count);
    this.#count -= gone;
    this.#dropped += gone;
  }
}
