/** Keeps what the engine reports: one entry per vertex, bounded logs, notifications thinned to one in 50 ms. */
import type { BktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { Progress } from "../../engine/engine.ts";
import type { Digest, Edge, Graph } from "../../graph/graph.ts";
import { closure } from "../../graph/subgraph.ts";
import { type Clip, Clips } from "./clips.ts";
import { InterruptedRuns, isCancel } from "./interrupted-runs.ts";
import type { LineArchive } from "./line-archive.ts";
import { LineLog, VertexLines } from "./line-log.ts";
import { LineSplitter } from "./line-splitter.ts";
import { OwnVertices } from "./own-vertices.ts";
import type { LogLine, LogView, ProgressStore, VertexProgress, Warning } from "./progress-store.ts";
import { SpillFile } from "./spill-file.ts";
import type { ShownLine } from "./terminal-line.ts";

const NOTIFY_EVERY_MS = 50;
/**
 * A command that has ended may have printed more than was reported so far (BuildKit 0.8 to 0.32: seconds of it after
 * a flood); its last line is complete when nothing has come for so long.
 */
const QUIET_MS = 100;
const STREAMS = ["stdout", "stderr"] as const;
const EMPTY: LogView = { first: 0, end: 0, line: () => undefined };

interface VertexLog {
  /** The one string that all of its lines share. */
  readonly vertex: Digest;
  readonly lines: VertexLines;
  readonly stdout: LineSplitter;
  readonly stderr: LineSplitter;
}

export interface ProgressLogOptions {
  /** For lines that leave memory, new for each attempt. Default: files without a name on disk. */
  readonly archive?: () => LineArchive;
  /** Default: `limits.logMemory`. */
  readonly memory?: { readonly lines: number; readonly characters: number };
}

/** The progress store that is fed by one engine's reports. */
export class ProgressLog implements ProgressStore, Disposable {
  readonly #options: ProgressLogOptions;
  #version = 0;
  #vertices = new Map<Digest, VertexProgress>();
  readonly #running = new Set<Digest>();
  #logs = new Map<Digest, VertexLog>();
  #log: LineLog;
  #clips = new Clips();
  readonly #heard = new Map<Digest, number>();
  #warnings: readonly Warning[] = [];
  #warned = { engine: 0, here: 0 };
  #names = new OwnVertices([]);
  #graph: Graph | undefined;
  readonly #interrupted = new InterruptedRuns();
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #notifiedAtMs = 0;
  /** Vertices beyond the limit were reported. */
  #isCrowded = false;
  /**
   * Commands that have ended and may still print: the time of their newest report, by the engine's clock and by this
   * process'.
   */
  readonly #ending = new Map<Digest, { readonly atMs: number; readonly heardMs: number }>();
  #quiet: NodeJS.Timeout | undefined;
  /** Vertices with lines that have no end yet, and when they were last reported; the latest comes last. */
  readonly #open = new Map<Digest, number>();
  /** Characters of lines that have no end yet, all vertices together. */
  #unfinished = 0;

  constructor(options: ProgressLogOptions = {}) {
    this.#options = options;
    this.#log = this.#newLog();
  }

  get version(): number {
    return this.#version;
  }

  get running(): ReadonlySet<Digest> {
    return this.#running;
  }

  get log(): LogView {
    return this.#log;
  }

  get warnings(): ProgressStore["warnings"] {
    return this.#warnings;
  }

  vertex(digest: Digest): VertexProgress | undefined {
    return this.#vertices.get(digest);
  }

  vertices(): readonly (readonly [Digest, VertexProgress])[] {
    return [...this.#vertices];
  }

  heardMs(vertex: Digest): number | undefined {
    return this.#heard.get(vertex);
  }

  clipOf(vertex: Digest): Clip | undefined {
    return this.#clips.of(vertex);
  }

  logOf(vertex: Digest): LogView {
    return this.#logs.get(vertex)?.lines ?? EMPTY;
  }

  openLines(): readonly LogLine[] {
    return [...this.#open].flatMap(([vertex, atMs]) => {
      const log = this.#logs.get(vertex);
      if (log === undefined || this.#vertices.get(vertex)?.status !== "running") return [];
      return STREAMS.flatMap((stream) => {
        const text = log[stream].soFar();
        return text === "" ? [] : [{ vertex, stream, atMs, text }];
      });
    });
  }

  isEnding(vertex: Digest): boolean {
    const log = this.#ending.has(vertex) ? this.#logs.get(vertex) : undefined;
    return log !== undefined && log.stdout.pending + log.stderr.pending > 0;
  }

  subscribe(listener: () => void): () => void {
    const notify = (): void => listener();
    this.#listeners.add(notify);
    return () => this.#listeners.delete(notify);
  }

  /** Nobody waits any longer: what commands that have ended printed last counts even without a line end. */
  settle(): void {
    clearTimeout(this.#quiet);
    this.#quiet = undefined;
    if (this.#ending.size === 0) return;
    for (const [vertex, { atMs }] of this.#ending) this.#endLines(vertex, atMs);
    this.#ending.clear();
    this.#changed();
  }

  /** The build has come to rest: whatever is not known to have ended well has not. */
  atRest(): void {
    this.settle();
    for (const report of this.#interrupted.settled()) this.#put(report);
  }

  /** A new attempt begins: forget the old one. */
  reset(): void {
    this.#vertices = new Map();
    this.#running.clear();
    this.#logs = new Map();
    this.#open.clear();
    this.#ending.clear();
    clearTimeout(this.#quiet);
    this.#quiet = undefined;
    this.#log[Symbol.dispose]();
    this.#log = this.#newLog();
    this.#isCrowded = false;
    this.#clips = new Clips();
    this.#heard.clear();
    this.#unfinished = 0;
    this.#warnings = [];
    this.#warned = { engine: 0, here: 0 };
    this.#names = new OwnVertices([]);
    this.#graph = undefined;
    this.#interrupted.reset();
    this.#changed();
  }

  /** The definition is known: reports on equal vertices of other builds count for its own. */
  adopt(graph: Graph): void {
    this.#graph = graph;
    this.#names = new OwnVertices(graph.vertices.values());
  }

  /** The edges exist, and all that they need: whatever was said of it before, it has been made. */
  madeOf(edges: readonly Edge[]): void {
    const graph = this.#graph;
    if (graph === undefined) return;
    const made = edges.flatMap((edge) => closure(graph, edge));
    for (const report of this.#interrupted.made(made)) this.#put(report);
    this.#changed();
  }

  apply(report: Progress): void {
    const progress = this.#names.translate(
      report,
      (own) => this.#vertices.get(own)?.completedMs !== undefined,
    );
    if (progress.vertex !== undefined && this.#admits(progress.vertex, this.#vertices))
      this.#heard.set(progress.vertex, performance.now());
    switch (progress.kind) {
      case "vertex":
        this.#applyVertex(progress);
        break;
      case "status":
        this.#applyTransfer(progress);
        break;
      case "log":
        this.#applyLog(progress);
        break;
      case "warning":
        this.#warn(warningOf(progress), progress.vertex === undefined ? "here" : "engine");
        break;
    }
    this.#changed();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearTimeout(this.#quiet);
    this.#listeners.clear();
    this.#log[Symbol.dispose]();
  }

  #newLog(): LineLog {
    return new LineLog({
      memory: this.#options.memory ?? limits.logMemory,
      archive: this.#options.archive?.() ?? new SpillFile(),
      onLost: (error) => this.#onLost(error),
    });
  }

  #onLost(error: BktuiError): void {
    this.#warn({ text: `only the newest lines of the log are kept: ${error.message}`, ranges: [] }, "here");
  }

  /** Counted apart: an engine that warns a thousand times must not hide what this side has to say. */
  #warn(warning: Warning, from: "engine" | "here"): void {
    // A frontend that is asked several times in one build warns as often.
    const isFull = this.#warned[from] > limits.warnings;
    if (isFull || this.#warnings.some((known) => isSame(known, warning))) return;
    const count = this.#warned[from]++;
    const isLast = count === limits.warnings;
    const more = { text: "there are more warnings, which are not kept", ranges: [] };
    this.#warnings = [...this.#warnings, isLast ? more : warning];
  }

  /** Other builds' vertices may appear in any number. */
  #admits(vertex: Digest, known: ReadonlyMap<Digest, unknown>): boolean {
    if (known.has(vertex) || known.size < limits.vertices || this.#names.owns(vertex)) return true;
    if (!this.#isCrowded) {
      this.#isCrowded = true;
      const text = `more than ${limits.vertices} vertices were reported; the others are left out`;
      this.#warn({ text, ranges: [] }, "here");
    }
    return false;
  }

  #applyVertex(report: Extract<Progress, { kind: "vertex" }>): void {
    const known = this.#vertices.get(report.vertex);
    // BuildKit announces a vertex without times, sometimes again after it has begun.
    if (known !== undefined && report.startedMs === undefined && report.completedMs === undefined) return;
    if (!this.#admits(report.vertex, this.#vertices)) return;
    const sure = this.#interrupted.read(report);
    if (sure !== undefined) this.#put(sure);
  }

  #put(report: Extract<Progress, { kind: "vertex" }>): void {
    const known = this.#vertices.get(report.vertex);
    const ended = report.completedMs !== undefined;
    const status = statusOf(report);
    if (status === "running") this.#running.add(report.vertex);
    else this.#running.delete(report.vertex);
    this.#vertices.set(report.vertex, {
      status,
      name: report.name,
      startedMs: report.startedMs,
      completedMs: report.completedMs,
      // A vertex that runs again after a cancel is reported with the error of its first run (dockerd 28.5).
      error: ended ? report.error : "",
      transfer: ended ? undefined : known?.transfer,
    });
    if (ended) this.#endSoon(report.vertex, report.completedMs ?? 0);
  }

  #applyTransfer({ vertex, id, current, total, completed }: Extract<Progress, { kind: "status" }>): void {
    const known = this.#vertices.get(vertex);
    if (known === undefined) return;
    const transfer = completed ? undefined : { label: id, current, total };
    if (transfer === undefined && known.transfer?.label !== id) return;
    this.#vertices.set(vertex, { ...known, transfer });
  }

  #applyLog(report: Extract<Progress, { kind: "log" }>): void {
    const { vertex, stream, atMs, data } = report;
    if (!this.#admits(vertex, this.#logs)) return;
    const log = this.#logOf(vertex);
    const splitter = log[stream];
    this.#unfinished -= splitter.pending;
    for (const line of splitter.push(data)) this.#append(log, stream, atMs, line);
    this.#unfinished += splitter.pending;
    this.#open.delete(vertex);
    if (log.stdout.pending + log.stderr.pending > 0) this.#open.set(vertex, atMs);
    this.#clips.note(report, log.lines.end);
    if (this.#unfinished > limits.unfinishedCharacters)
      for (const open of this.#logs.keys()) this.#endLines(open, atMs);
    if (this.#vertices.get(vertex)?.completedMs !== undefined) this.#endSoon(vertex, atMs);
  }

  #endSoon(vertex: Digest, atMs: number): void {
    this.#ending.set(vertex, { atMs, heardMs: performance.now() });
    if (this.#quiet === undefined) this.#waitForQuiet(QUIET_MS);
  }

  #waitForQuiet(ms: number): void {
    this.#quiet = setTimeout(() => this.#settleQuiet(), ms);
    this.#quiet.unref();
  }

  /** Each by itself: one that prints on holds up none of the others. */
  #settleQuiet(): void {
    this.#quiet = undefined;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [vertex, { atMs, heardMs }] of this.#ending) {
      const wait = heardMs + QUIET_MS - now;
      if (wait > 0) {
        next = Math.min(next, wait);
        continue;
      }
      this.#ending.delete(vertex);
      this.#endLines(vertex, atMs);
    }
    if (this.#ending.size > 0) this.#waitForQuiet(next);
    this.#changed();
  }

  /** The last line of a command that has ended counts even without a line end. */
  #endLines(vertex: Digest, atMs: number): void {
    const log = this.#logs.get(vertex);
    if (log === undefined) return;
    this.#open.delete(vertex);
    for (const stream of STREAMS) {
      this.#unfinished -= log[stream].pending;
      for (const line of log[stream].end()) this.#append(log, stream, atMs, line);
    }
  }

  #append({ vertex, lines }: VertexLog, stream: LogLine["stream"], atMs: number, line: ShownLine): void {
    const entry =
      typeof line === "string" ? { vertex, stream, atMs, text: line } : { vertex, stream, atMs, ...line };
    lines.add(this.#log.push(entry));
  }

  #logOf(vertex: Digest): VertexLog {
    const known = this.#logs.get(vertex);
    if (known !== undefined) return known;
    const log = {
      vertex,
      lines: new VertexLines(this.#log),
      stdout: new LineSplitter(),
      stderr: new LineSplitter(),
    };
    this.#logs.set(vertex, log);
    return log;
  }

  #changed(): void {
    this.#version++;
    if (this.#timer !== undefined || this.#listeners.size === 0) return;
    const wait = Math.max(0, this.#notifiedAtMs + NOTIFY_EVERY_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#notifiedAtMs = performance.now();
      for (const listener of [...this.#listeners]) listener();
    }, wait);
    // Showing progress is no reason to keep a finished program alive.
    this.#timer.unref();
  }
}

function warningOf({ text, detail, url, ranges }: Extract<Progress, { kind: "warning" }>): Warning {
  return { text, detail, url, ranges };
}

function isSame(one: Warning, other: Warning): boolean {
  return one.text === other.text && one.ranges[0]?.start === other.ranges[0]?.start;
}

function statusOf(report: Extract<Progress, { kind: "vertex" }>): VertexProgress["status"] {
  if (report.completedMs === undefined) return report.startedMs === undefined ? "waiting" : "running";
  if (isCancel(report.error)) return "cancelled";
  if (report.error !== "") return "failed";
  return report.cached ? "cached" : "done";
}
