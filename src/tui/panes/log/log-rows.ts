/** The rows of the log: lines under step headers, found by index; nothing of the log is copied. */
import { unreachable } from "../../../base/errors.ts";
import type { EarlierLog } from "../../../debugger/progress/earlier-logs.ts";
import type {
  LogLine,
  LogView,
  ProgressStore,
  VertexProgress,
} from "../../../debugger/progress/progress-store.ts";
import type { Digest } from "../../../graph/graph.ts";

export type LogRow =
  | { readonly kind: "header"; readonly vertex: Digest }
  | {
      readonly kind: "line";
      readonly vertex: Digest;
      readonly text: string;
      /** Where it wrote over itself: all of it. */
      readonly raw?: string | undefined;
      readonly sinceStartMs: number;
    }
  /** `run`: how that run stood when it ended; the vertex may have run again since. */
  | { readonly kind: "end"; readonly vertex: Digest; readonly run?: VertexProgress | undefined }
  /** Lines that were dropped to stay within the store's limits. */
  | { readonly kind: "gap"; readonly lines: number }
  | { readonly kind: "note"; readonly text: string };

/** Row indexes count from `first`, which goes up when the store drops lines. */
export interface LogRows {
  readonly first: number;
  readonly end: number;
  row(index: number): LogRow | undefined;
}

/** Neighbouring rows of one kind; `at` is the first one's row index. */
type Block =
  | { readonly kind: "header"; readonly at: number; readonly vertex: Digest }
  | {
      readonly kind: "end";
      readonly at: number;
      readonly vertex: Digest;
      readonly run: VertexProgress | undefined;
    }
  | { readonly kind: "note"; readonly at: number; readonly text: string }
  /** `from` is the first line's index in the store's log; `under` the vertex whose header is the block's first row. */
  | {
      readonly kind: "lines";
      readonly at: number;
      readonly from: number;
      readonly under: Digest | undefined;
      count: number;
    };

/** A vertex began or ended; epoch milliseconds of the engine's clock, or before or behind everything else. */
interface Change {
  readonly kind: "header" | "end";
  readonly vertex: Digest;
  readonly atMs: number;
  readonly run?: VertexProgress;
}

/**
 * Follows a progress store; `update` after each of its notifications. Memory grows with the number of changes
 * between steps, not with the lines.
 */
export class LogIndex implements LogRows {
  readonly #store: ProgressStore;
  readonly #shows: (vertex: Digest, progress: VertexProgress) => boolean;
  readonly #placeOf: (vertex: Digest) => number;
  #blocks: Block[] = [];
  #first = 0;
  #end = 0;
  /** The store gives another one when a new attempt begins. */
  #log: LogView;
  /** Lines of the store's log that are in the blocks. */
  #taken: number;
  /** Whose header stands above the newest line. */
  #under: Digest | undefined;
  /** Vertices whose present run has a header. */
  #titled = new Set<Digest>();
  /** When the present run of a vertex began; -1 = not known. */
  #begun = new Map<Digest, number>();
  /** When all runs of a vertex began, oldest first: a step that was cancelled runs again. */
  readonly #runs = new Map<Digest, number[]>();
  /** The same as `#begun` for runs whose end was shown. */
  #ended = new Map<Digest, number>();

  /**
   * `shows`: which vertices get a header before they print anything, and an end; default all.
   * `placeOf`: a vertex's place in the file. Engines report cached steps in any order (dockerd 28.5 the last one
   * first); those that are found together are listed by it. Default: as reported.
   */
  constructor(
    store: ProgressStore,
    shows: (vertex: Digest, progress: VertexProgress) => boolean = () => true,
    placeOf: (vertex: Digest) => number = () => 0,
  ) {
    this.#store = store;
    this.#shows = shows;
    this.#placeOf = placeOf;
    this.#log = store.log;
    this.#taken = store.log.first;
  }

  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#end;
  }

  /** Takes in what the store got since the last call. */
  update(): void {
    const { log } = this.#store;
    if (log !== this.#log || log.end < this.#taken) this.#restart(log);
    const changes = this.#changes();
    let next = 0;
    for (let index = Math.max(this.#taken, log.first); index < log.end; index += 1) {
      const line = log.line(index);
      while (next < changes.length && isBefore(changes[next], line)) this.#change(changes[next++]);
      this.#line(index, line);
    }
    while (next < changes.length) this.#change(changes[next++]);
    this.#taken = log.end;
    this.#forget(log.first);
  }

  /** Adds a line of bktui's own, e.g. "paused before step 6/9 · line 11: RUN npm run build (step)". */
  note(text: string): void {
    this.#push({ kind: "note", at: this.#end, text });
    this.#under = undefined;
  }

  row(index: number): LogRow | undefined {
    if (index < this.#first || index >= this.#end) return undefined;
    const block = this.#blocks[blockAt(this.#blocks, index)];
    if (block === undefined) return undefined;
    switch (block.kind) {
      case "header":
        return { kind: "header", vertex: block.vertex };
      case "end":
        return { kind: "end", vertex: block.vertex, run: block.run };
      case "note":
        return { kind: "note", text: block.text };
      case "lines":
        return index === block.at && block.under !== undefined
          ? { kind: "header", vertex: block.under }
          : this.#lineRow(block.from + index - firstLineRow(block));
      default:
        return unreachable(block);
    }
  }

  #lineRow(index: number): LogRow {
    const line = this.#log.line(index);
    if (line === undefined) return { kind: "gap", lines: 1 };
    // Not the store's start: a finished step that is reported again, as cached, has a new one.
    const runs = this.#runs.get(line.vertex) ?? [];
    const begun = runs.findLast((startedMs) => startedMs <= line.atMs) ?? runs[0];
    return lineRow(line, begun ?? this.#store.vertex(line.vertex)?.startedMs);
  }

  /** What began or ended since the last update, oldest first. */
  #changes(): readonly Change[] {
    const changes: Change[] = [];
    const vertices = this.#store.vertices();
    // What comes after a step is not to stand before its last line.
    const waits = vertices.some(([vertex]) => this.#store.isEnding(vertex));
    for (const [vertex, progress] of vertices) {
      if (progress.status === "waiting" || !this.#shows(vertex, progress)) continue;
      // A later solve of the same build reports finished vertices again, as cached: that is no new run.
      const known = progress.status === "cached" ? this.#begun.get(vertex) : undefined;
      const begun = known ?? progress.startedMs ?? -1;
      const hasEnded = progress.status !== "running" && !this.#store.isEnding(vertex);
      const ends = hasEnded && this.#ended.get(vertex) !== begun;
      if (this.#begun.get(vertex) !== begun) {
        if (waits && !this.#store.isEnding(vertex)) continue;
        this.#begun.set(vertex, begun);
        if (begun >= 0) this.#runs.set(vertex, [...(this.#runs.get(vertex) ?? []), begun]);
        this.#titled.delete(vertex);
        // What has ended meanwhile gets its header with its first line or its end: its rows stay together.
        if (!ends) changes.push({ kind: "header", vertex, atMs: Number.POSITIVE_INFINITY });
      }
      if (ends) {
        changes.push({ kind: "end", vertex, atMs: endTime(progress), run: progress });
        this.#ended.set(vertex, begun);
      }
    }
    return changes.sort(
      (a, b) => compareTimes(a.atMs, b.atMs) || this.#placeOf(a.vertex) - this.#placeOf(b.vertex),
    );
  }

  #change(change: Change | undefined): void {
    if (change === undefined) return;
    if (change.kind === "header") {
      if (!this.#titled.has(change.vertex)) this.#header(change.vertex);
      return;
    }
    if (!this.#titled.has(change.vertex)) this.#header(change.vertex);
    this.#push({ kind: "end", at: this.#end, vertex: change.vertex, run: change.run });
    this.#under = undefined;
  }

  #header(vertex: Digest): void {
    if (this.#under === vertex) return;
    this.#push({ kind: "header", at: this.#end, vertex });
    this.#under = vertex;
    this.#titled.add(vertex);
  }

  #line(index: number, line: LogLine | undefined): void {
    if (line !== undefined) this.#header(line.vertex);
    const last = this.#blocks.at(-1);
    if (last?.kind === "lines" && last.from + last.count === index) {
      last.count += 1;
      this.#end += 1;
    } else if (last?.kind === "header") {
      // One block instead of two: steps that print by turns make one with each line.
      this.#blocks[this.#blocks.length - 1] = linesBlock(last.at, index, last.vertex);
      this.#end += 1;
    } else {
      this.#push(linesBlock(this.#end, index, undefined));
    }
  }

  #push(block: Block): void {
    this.#blocks.push(block);
    this.#end += 1;
  }

  /** Drops the rows of lines that the store has dropped, and what stood above and between them. */
  #forget(firstLine: number): void {
    const gone = this.#blocks.findLastIndex(
      (block) => block.kind === "lines" && block.from + block.count <= firstLine,
    );
    if (gone >= 0) {
      this.#blocks.splice(0, gone + 1);
      this.#first = this.#blocks[0]?.at ?? this.#end;
    }
    const partly = this.#blocks.findIndex((block) => block.kind === "lines" && block.from < firstLine);
    const block = this.#blocks[partly];
    if (block?.kind !== "lines") return;
    this.#blocks.splice(0, partly);
    this.#first = firstLineRow(block) + firstLine - block.from;
  }

  /** The store began anew. Row numbers go on, so that nobody confuses old rows with new ones. */
  #restart(log: LogView): void {
    this.#blocks = [];
    this.#first = this.#end;
    this.#log = log;
    this.#taken = log.first;
    this.#under = undefined;
    this.#titled.clear();
    this.#begun.clear();
    this.#runs.clear();
    this.#ended.clear();
  }
}

function linesBlock(at: number, from: number, under: Digest | undefined): Block {
  return { kind: "lines", at, from, under, count: 1 };
}

function firstLineRow({ at, under }: Extract<Block, { kind: "lines" }>): number {
  return under === undefined ? at : at + 1;
}

/** What came from the cache took no time and stands before everything else. */
function endTime(progress: VertexProgress): number {
  if (progress.status === "cached") return Number.NEGATIVE_INFINITY;
  return progress.completedMs ?? Number.POSITIVE_INFINITY;
}

/** A subtraction gives no order between two infinite times. */
function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function isBefore(change: Change | undefined, line: LogLine | undefined): boolean {
  // A header comes with the line itself; an end stands behind lines of the same moment.
  return change !== undefined && line !== undefined && change.atMs < line.atMs;
}

/** Index of the last block that begins at or before a row. */
function blockAt(blocks: readonly Block[], row: number): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((blocks[middle]?.at ?? 0) <= row) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function lineRow(line: LogLine, startedMs: number | undefined): LogRow {
  return {
    kind: "line",
    vertex: line.vertex,
    text: line.text,
    raw: line.raw,
    sinceStartMs: Math.max(0, line.atMs - (startedMs ?? line.atMs)),
  };
}

/**
 * The rows of one step: header, gap where its oldest lines were dropped, lines, end. Reads the store live.
 * `earlier`: what it printed when it ran, for a step that comes from the cache.
 */
export function stepLogRows(store: ProgressStore, vertex: Digest, earlier?: EarlierLog): LogRows {
  const own = store.logOf(vertex);
  const earlierRun = own.end === 0 && store.vertex(vertex)?.status === "cached" ? earlier : undefined;
  const view = earlierRun?.log ?? own;
  const head = (): readonly LogRow[] => [
    { kind: "header", vertex },
    ...(earlierRun === undefined
      ? []
      : [{ kind: "note", text: `from attempt ${earlierRun.attempt}` } as const]),
    ...(view.first > 0 ? [{ kind: "gap", lines: view.first } as const] : []),
  ];
  return {
    get first() {
      return 0;
    },
    get end() {
      return head().length + view.end - view.first + (hasEnded(store.vertex(vertex)) ? 1 : 0);
    },
    row(index) {
      if (index < 0 || index >= this.end) return undefined;
      const heads = head();
      if (index < heads.length) return heads[index];
      const at = view.first + index - heads.length;
      if (at >= view.end) return { kind: "end", vertex };
      const line = view.line(at);
      const startedMs = earlierRun === undefined ? store.vertex(vertex)?.startedMs : earlierRun.startedMs;
      return line === undefined ? { kind: "gap", lines: 1 } : lineRow(line, startedMs);
    },
  };
}

/** The same rows with the whole of what was written where lines wrote over themselves. */
export function rawLogRows(rows: LogRows): LogRows {
  return {
    get first() {
      return rows.first;
    },
    get end() {
      return rows.end;
    },
    row(index) {
      const row = rows.row(index);
      return row?.kind !== "line" || row.raw === undefined ? row : { ...row, text: row.raw, raw: undefined };
    },
  };
}

function hasEnded(progress: VertexProgress | undefined): boolean {
  return progress !== undefined && progress.status !== "waiting" && progress.status !== "running";
}
