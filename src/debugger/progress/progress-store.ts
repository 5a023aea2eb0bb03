/** What the engine reports while it works: per-vertex progress and logs. Large, thinned, outside the state machine. */

import type { Digest, SourceRange } from "../../graph/graph.ts";
import type { Clip } from "./clips.ts";

export interface VertexProgress {
  readonly status: "waiting" | "running" | "done" | "cached" | "failed" | "cancelled";
  /** As the engine names it; untrusted text. */
  readonly name: string;
  /** Epoch milliseconds of the engine's clock; undefined before the start. */
  readonly startedMs: number | undefined;
  readonly completedMs: number | undefined;
  readonly error: string;
  /** The latest transfer or pull under way, for "38 MB / 112 MB"; bytes, total 0 = unknown. */
  readonly transfer: { readonly label: string; readonly current: number; readonly total: number } | undefined;
}

export interface LogLine {
  readonly vertex: Digest;
  readonly stream: "stdout" | "stderr";
  /** Epoch milliseconds of the engine's clock. */
  readonly atMs: number;
  /**
   * One line without its end, as a terminal would show it after all that wrote over it; untrusted: sanitize before
   * showing. A carriage return in it belongs to a name that a message is about.
   */
  readonly text: string;
  /** Where something was written over: all that was written, bounded; as untrusted. */
  readonly raw?: string | undefined;
}

/** What the frontend, the engine or bktui warns of; untrusted. */
export interface Warning {
  /** One sentence; of BuildKit's lint with the rule in front. */
  readonly text: string;
  /** What the rule asks for, in sentences. */
  readonly detail?: readonly string[] | undefined;
  /** Explains the rule; "" = none. */
  readonly url?: string | undefined;
  /** Empty: about no line. */
  readonly ranges: readonly SourceRange[];
}

/** Lines by index, in memory or on disk; the oldest may have been dropped (`first` > 0). */
export interface LogView {
  /** Index of the oldest line that is kept. */
  readonly first: number;
  /** Index after the newest line. */
  readonly end: number;
  line(index: number): LogLine | undefined;
}

export interface ProgressStore {
  /** Goes up with each change. */
  readonly version: number;
  vertex(digest: Digest): VertexProgress | undefined;
  /** Every vertex reported so far (internal ones too), in order of first report. */
  vertices(): readonly (readonly [Digest, VertexProgress])[];
  /** Those under way. */
  readonly running: ReadonlySet<Digest>;
  /** All steps' lines in order of arrival. */
  readonly log: LogView;
  logOf(vertex: Digest): LogView;
  /** What running vertices print and have not ended yet, as a terminal would show it now; the latest comes last. */
  openLines(): readonly LogLine[];
  /** It has ended, and the last line that it printed is not in the log yet: it has no end, and may go on. */
  isEnding(vertex: Digest): boolean;
  /** When anything of it was last reported, by `performance.now()`; undefined = never. */
  heardMs(vertex: Digest): number | undefined;
  /** Where the engine left out a part of the output; undefined when all of it came. */
  clipOf(vertex: Digest): Clip | undefined;
  /** Each once, in order of arrival; another array with each new one. */
  readonly warnings: readonly Warning[];
  /** Told at most every 50 ms; returns the unsubscribe function. */
  subscribe(listener: () => void): () => void;
}
