/** Keeps what the engine reports: one entry per vertex, bounded logs, notifications thinned to one in 50 ms. */
import type { Progress } from "../engine/engine.ts";
import type { Digest, Graph } from "../graph/graph.ts";
import { LineRing } from "./line-ring.ts";
import { LineSplitter } from "./line-splitter.ts";
import { OwnVertices } from "./own-vertices.ts";
import type { LogView, ProgressStore, VertexProgress } from "./progress-store.ts";

const NOTIFY_EVERY_MS = 50;
/** Per vertex: what a person may still scroll through. */
const VERTEX_LIMITS = { lines: 50_000, bytes: 10_000_000 };
/** All vertices together, in order of arrival. */
const TOTAL_LIMITS = { lines: 200_000, bytes: 40_000_000 };
const EMPTY: LogView = { first: 0, end: 0, line: () => undefined };

interface VertexLog {
  readonly ring: LineRing;
  readonly stdout: LineSplitter;
  readonly stderr: LineSplitter;
}

export class ProgressLog implements ProgressStore, Disposable {
  #version = 0;
  #vertices = new Map<Digest, VertexProgress>();
  #logs = new Map<Digest, VertexLog>();
  #log = new LineRing(TOTAL_LIMITS);
  #warnings: ProgressStore["warnings"] = [];
  #names = new OwnVertices([]);
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #toldAtMs = 0;

  get version(): number {
    return this.#version;
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

  logOf(vertex: Digest): LogView {
    return this.#logs.get(vertex)?.ring ?? EMPTY;
  }

  subscribe(listener: () => void): () => void {
    const told = (): void => listener();
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  }

  /** A new attempt begins: forget the old one. */
  reset(): void {
    this.#vertices = new Map();
    this.#logs = new Map();
    this.#log = new LineRing(TOTAL_LIMITS);
    this.#warnings = [];
    this.#names = new OwnVertices([]);
    this.#changed();
  }

  /** The definition is known: reports on equal vertices of other builds count for its own. */
  adopt(graph: Graph): void {
    this.#names = new OwnVertices(graph.vertices.values());
  }

  apply(report: Progress): void {
    const progress = this.#names.translate(
      report,
      (own) => this.#vertices.get(own)?.completedMs !== undefined,
    );
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
        this.#warnings = [...this.#warnings, { text: progress.text, ranges: progress.ranges }];
        break;
    }
    this.#changed();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  #applyVertex(report: Extract<Progress, { kind: "vertex" }>): void {
    const known = this.#vertices.get(report.vertex);
    // BuildKit announces a vertex without times, sometimes again after it has begun.
    if (known !== undefined && report.startedMs === undefined && report.completedMs === undefined) return;
    const ended = report.completedMs !== undefined;
    this.#vertices.set(report.vertex, {
      status: statusOf(report),
      name: report.name,
      startedMs: report.startedMs,
      completedMs: report.completedMs,
      // A vertex that runs again after a cancel is reported with the error of its first run (dockerd 28.5).
      error: ended ? report.error : "",
      transfer: ended ? undefined : known?.transfer,
    });
    if (ended) this.#endLines(report.vertex, report.completedMs ?? 0);
  }

  #applyTransfer({ vertex, id, current, total, completed }: Extract<Progress, { kind: "status" }>): void {
    const known = this.#vertices.get(vertex);
    if (known === undefined) return;
    const transfer = completed ? undefined : { label: id, current, total };
    if (transfer === undefined && known.transfer?.label !== id) return;
    this.#vertices.set(vertex, { ...known, transfer });
  }

  #applyLog({ vertex, stream, atMs, data }: Extract<Progress, { kind: "log" }>): void {
    const log = this.#logOf(vertex);
    for (const text of log[stream].push(data)) this.#append(vertex, stream, atMs, text);
    if (this.#vertices.get(vertex)?.completedMs !== undefined) this.#endLines(vertex, atMs);
  }

  /** The last line of a command that has ended counts even without a line end. */
  #endLines(vertex: Digest, atMs: number): void {
    const log = this.#logs.get(vertex);
    if (log === undefined) return;
    for (const stream of ["stdout", "stderr"] as const) {
      const text = log[stream].end();
      if (text !== undefined) this.#append(vertex, stream, atMs, text);
    }
  }

  #append(vertex: Digest, stream: "stdout" | "stderr", atMs: number, text: string): void {
    const line = { vertex, stream, atMs, text };
    this.#logs.get(vertex)?.ring.push(line);
    this.#log.push(line);
  }

  #logOf(vertex: Digest): VertexLog {
    const known = this.#logs.get(vertex);
    if (known !== undefined) return known;
    const log = {
      ring: new LineRing(VERTEX_LIMITS),
      stdout: new LineSplitter(),
      stderr: new LineSplitter(),
    };
    this.#logs.set(vertex, log);
    return log;
  }

  #changed(): void {
    this.#version++;
    if (this.#timer !== undefined || this.#listeners.size === 0) return;
    const wait = Math.max(0, this.#toldAtMs + NOTIFY_EVERY_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#toldAtMs = performance.now();
      for (const listener of [...this.#listeners]) listener();
    }, wait);
    // Showing progress is no reason to keep a finished program alive.
    this.#timer.unref();
  }
}

function statusOf(report: Extract<Progress, { kind: "vertex" }>): VertexProgress["status"] {
  if (report.completedMs === undefined) return report.startedMs === undefined ? "waiting" : "running";
  // BuildKit (0.8 to 0.32) tells a cancelled vertex from a failed one by this text only.
  if (report.error.includes("context canceled")) return "cancelled";
  if (report.error !== "") return "failed";
  return report.cached ? "cached" : "done";
}
