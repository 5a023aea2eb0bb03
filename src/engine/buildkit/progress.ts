/** The wire's status stream -> the port's Progress. */
import type { moby, pb } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { clipText, limits, shortWords } from "../../base/limits.ts";
import { lineOf, type SourceRange } from "../../graph/graph.ts";
import { digestOf, epochMsOf, numberOf } from "../../protocol/scalars.ts";
import type { Progress } from "../engine.ts";

type StatusResponse = moby.buildkit.v1.StatusResponse.$Shape;

/**
 * One status message as separate events; vertices first, so that a log line always finds its vertex. Names and errors
 * are cut to their limits. An entry that makes no sense is left out and handed to `onMalformed`, as one bad entry is no
 * reason to lose the others.
 */
export function* toProgress(
  status: StatusResponse,
  onMalformed: (error: BktuiError) => void,
): Generator<Progress, void, undefined> {
  yield* each(status.vertexes, vertexOf, onMalformed);
  yield* each(status.statuses, transferOf, onMalformed);
  yield* each(status.logs, logOf, onMalformed);
  yield* each(status.warnings, warningOf, onMalformed);
}

function* each<T>(
  entries: readonly T[] | null | undefined,
  read: (entry: T) => Progress,
  onMalformed: (error: BktuiError) => void,
): Generator<Progress, void, undefined> {
  for (const entry of entries ?? []) {
    const progress = tryTo(() => read(entry), onMalformed);
    if (progress !== undefined) yield progress;
  }
}

function tryTo(read: () => Progress, onMalformed: (error: BktuiError) => void): Progress | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BktuiError)) throw error;
    onMalformed(error);
    return undefined;
  }
}

function vertexOf(vertex: moby.buildkit.v1.Vertex.$Shape): Progress {
  return {
    kind: "vertex",
    vertex: digestOf(vertex.digest),
    name: clipText(vertex.name ?? "", limits.nameCharacters),
    startedMs: epochMsOf(vertex.started),
    completedMs: epochMsOf(vertex.completed),
    cached: vertex.cached ?? false,
    error: clipText(shortWords(vertex.error ?? ""), limits.vertexErrorCharacters),
  };
}

function transferOf(entry: moby.buildkit.v1.VertexStatus.$Shape): Progress {
  return {
    kind: "status",
    vertex: digestOf(entry.vertex),
    id: clipText(entry.ID ?? "", limits.nameCharacters),
    current: numberOf(entry.current),
    total: numberOf(entry.total),
    completed: epochMsOf(entry.completed) !== undefined,
  };
}

function logOf(log: moby.buildkit.v1.VertexLog.$Shape): Progress {
  return {
    kind: "log",
    vertex: digestOf(log.vertex),
    stream: numberOf(log.stream) === 2 ? "stderr" : "stdout",
    atMs: epochMsOf(log.timestamp) ?? 0,
    data: log.msg ?? new Uint8Array(),
  };
}

function warningOf(warning: moby.buildkit.v1.VertexWarning.$Shape): Progress {
  return {
    kind: "warning",
    vertex: digestOf(warning.vertex),
    text: clipBytes(warning.short ?? new Uint8Array()),
    detail: (warning.detail ?? []).slice(0, limits.warningDetails).map(clipBytes),
    url: clipText(warning.url ?? "", limits.nameCharacters),
    ranges: (warning.ranges ?? []).slice(0, limits.warningRanges).flatMap(rangeOf),
  };
}

function clipBytes(bytes: Uint8Array): string {
  return clipText(new TextDecoder().decode(bytes), limits.nameCharacters);
}

function rangeOf(range: pb.Range.$Shape): SourceRange[] {
  const start = range.start?.line ?? 0;
  if (start < 1) return [];
  return [{ source: 0, start: lineOf(start), end: lineOf(Math.max(start, range.end?.line ?? start)) }];
}
