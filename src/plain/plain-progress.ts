/** Prints a build's progress by lines, as buildx does without a terminal. */
import { unreachable } from "../base/errors.ts";
import { visibleLine, visibleText } from "../base/visible.ts";
import { exactByteSize } from "../base/words.ts";
import type { DebugState } from "../debugger/debugger.ts";
import type { LogLine, LogView, ProgressStore, VertexProgress } from "../debugger/progress/progress-store.ts";
import { failureOf } from "../debugger/state/inspect.ts";
import type { Digest } from "../graph/graph.ts";

/** A pull or transfer under way is reported this often. */
const TRANSFER_INTERVAL_MS = 5_000;

interface Printed {
  /** Counts from 1 in order of first line, as in buildx. */
  readonly number: number;
  /** Index of the first log line that is not printed yet. */
  nextLine: number;
  transferAtMs: number;
  /** Of the run that is printed. */
  startedMs: number | undefined;
  ended: boolean;
}

type VertexEntry = readonly [Digest, VertexProgress];

export interface PlainProgressOptions {
  /** Epoch milliseconds of this machine; thins the reports of transfers. */
  readonly nowMs: () => number;
  /** Place of a vertex in the program, lower comes first; undefined when it belongs to no step. */
  readonly placeOf: (vertex: Digest) => number | undefined;
}

/**
 * Prints what a progress store receives as lines in the style of buildx' plain progress: `#4 [deps 4/4] RUN …`,
 * `#4 0.412 text`, `#4 DONE 1.2s`. Every line is harmless text. Disposing prints what is left and stops, the first time.
 */
export class PlainProgress implements Disposable {
  readonly #store: ProgressStore;
  readonly #write: (line: string) => void;
  readonly #nowMs: () => number;
  readonly #placeOf: (vertex: Digest) => number | undefined;
  readonly #printed = new Map<Digest, Printed>();
  readonly #unsubscribe: () => void;
  #version = -1;
  /** Nothing is waited for any more. */
  #isLast = false;

  /** Starts at once to print what the store receives. */
  constructor(store: ProgressStore, write: (line: string) => void, options: PlainProgressOptions) {
    this.#store = store;
    this.#write = write;
    this.#nowMs = options.nowMs;
    this.#placeOf = options.placeOf;
    this.#unsubscribe = store.subscribe(() => this.flush());
  }

  /** Prints everything the store has that is not printed yet. */
  flush(): void {
    if (this.#store.version === this.#version) return;
    this.#version = this.#store.version;
    const begun: VertexEntry[] = [];
    let waits = false;
    for (const entry of this.#store.vertices()) {
      const [digest, progress] = entry;
      const known = this.#printed.get(digest);
      waits ||= this.#isEnding(digest);
      if (known !== undefined) this.#printVertex(digest, progress, known);
      else if (progress.status !== "waiting") begun.push(entry);
    }
    // What comes after a step is not to stand before its last line.
    if (waits && begun.every(([digest]) => this.#store.logOf(digest).end === 0)) return;
    for (const [digest, progress] of this.#inReadingOrder(begun))
      this.#printVertex(digest, progress, this.#begin(digest, progress));
  }

  /** The build has come to rest. What a failure has cancelled is told so now: the engine's report may be late. */
  settle(state: DebugState): void {
    this.flush();
    if (failureOf(state) === undefined) return;
    for (const [digest, printed] of this.#printed) {
      if (printed.ended || this.#store.vertex(digest)?.status !== "running") continue;
      printed.ended = true;
      this.#write(`#${printed.number} CANCELED`);
    }
  }

  /**
   * The engine announces a build's steps from its end; people read from its beginning. What belongs to no step
   * (loading the context, exporting) stays where it was in time: before or after the steps.
   */
  #inReadingOrder(begun: readonly VertexEntry[]): readonly VertexEntry[] {
    const places = begun.map(([digest]) => this.#placeOf(digest));
    const firstStepMs = Math.min(...begun.filter((_, at) => places[at] !== undefined).map(beginOf));
    const keyed = begun.map((entry, at) => ({
      entry,
      place: places[at] ?? (beginOf(entry) > firstStepMs ? Number.MAX_VALUE : -1),
    }));
    keyed.sort((one, other) => one.place - other.place || beginOf(one.entry) - beginOf(other.entry));
    return keyed.map(({ entry }) => entry);
  }

  [Symbol.dispose](): void {
    if (this.#isLast) return;
    this.#unsubscribe();
    this.#isLast = true;
    this.#version = -1;
    this.flush();
  }

  #printVertex(digest: Digest, progress: VertexProgress, printed: Printed): void {
    if (printed.ended && isAnotherRun(progress, printed)) {
      printed.ended = false;
      printed.startedMs = progress.startedMs;
      this.#head(printed, progress);
    }
    // A step that has ended may still get late log lines; its last one comes before the word of its end.
    this.#printLog(printed, progress, this.#store.logOf(digest));
    if (printed.ended || this.#isEnding(digest)) return;
    const end = endOf(progress);
    this.#printTransfer(printed, progress, end !== undefined);
    if (end === undefined) return;
    printed.ended = true;
    this.#write(`#${printed.number} ${end}`);
  }

  #isEnding(digest: Digest): boolean {
    return !this.#isLast && this.#store.isEnding(digest);
  }

  #begin(digest: Digest, progress: VertexProgress): Printed {
    const number = this.#printed.size + 1;
    const { startedMs } = progress;
    const printed = { number, nextLine: 0, transferAtMs: this.#nowMs(), startedMs, ended: false };
    this.#printed.set(digest, printed);
    this.#head(printed, progress);
    return printed;
  }

  #head({ number }: Printed, { name }: VertexProgress): void {
    if (this.#printed.size > 1) this.#write("");
    this.#write(`#${number} ${visibleLine(name)}`);
  }

  #printLog(printed: Printed, progress: VertexProgress, log: LogView): void {
    if (log.first > printed.nextLine) {
      this.#write(`#${printed.number} [${log.first - printed.nextLine} lines are not shown]`);
      printed.nextLine = log.first;
    }
    for (; printed.nextLine < log.end; printed.nextLine++) {
      const line = log.line(printed.nextLine);
      if (line !== undefined) this.#write(`#${printed.number} ${plainLogLine(line, progress)}`);
    }
  }

  #printTransfer(printed: Printed, { transfer }: VertexProgress, ended: boolean): void {
    if (transfer === undefined) return;
    const nowMs = this.#nowMs();
    if (!ended && nowMs - printed.transferAtMs < TRANSFER_INTERVAL_MS) return;
    printed.transferAtMs = nowMs;
    const total = transfer.total > 0 && !ended ? ` / ${exactByteSize(transfer.total)}` : "";
    const amount = `${exactByteSize(transfer.current)}${total}${ended ? " done" : ""}`;
    this.#write(`#${printed.number} ${visibleLine(transfer.label)} ${amount}`);
  }
}

/** Also one that came from the cache after all has no start of its own that counts. */
function isAnotherRun({ status, startedMs }: VertexProgress, printed: Printed): boolean {
  return (
    (status === "running" || status === "done" || status === "failed") && startedMs !== printed.startedMs
  );
}

function beginOf([, { startedMs, completedMs }]: VertexEntry): number {
  return startedMs ?? completedMs ?? 0;
}

/** `0.412 text`: seconds since the step began, and the line made harmless. */
export function plainLogLine(line: LogLine, { startedMs }: Pick<VertexProgress, "startedMs">): string {
  const text = visibleText(line.text);
  if (startedMs === undefined) return text;
  return `${(Math.max(0, line.atMs - startedMs) / 1000).toFixed(3)} ${text}`.trimEnd();
}

/** How a vertex ended, in buildx' words; undefined while it has not. */
function endOf({ status, startedMs, completedMs, error }: VertexProgress): string | undefined {
  switch (status) {
    case "waiting":
    case "running":
      return undefined;
    case "done":
      return `DONE ${(Math.max(0, (completedMs ?? 0) - (startedMs ?? completedMs ?? 0)) / 1000).toFixed(1)}s`;
    case "cached":
      return "CACHED";
    case "failed":
      return `ERROR: ${visibleLine(error)}`;
    case "cancelled":
      return "CANCELED";
    default:
      return unreachable(status);
  }
}
