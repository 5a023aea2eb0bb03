/** The wire's status stream -> the port's Progress. */
import type { moby } from "#proto";
import { lineOf, type SourceRange } from "../../graph/graph.ts";
import { digestOf, epochMsOf, numberOf } from "../../protocol/scalars.ts";
import type { Progress } from "../engine.ts";

type StatusResponse = moby.buildkit.v1.StatusResponse.$Shape;

/** One status message as separate events; vertices first, so that a log line always finds its vertex. */
export function toProgress(status: StatusResponse): Progress[] {
  const events: Progress[] = [];
  for (const vertex of status.vertexes ?? []) {
    events.push({
      kind: "vertex",
      vertex: digestOf(vertex.digest),
      name: vertex.name ?? "",
      startedMs: epochMsOf(vertex.started),
      completedMs: epochMsOf(vertex.completed),
      cached: vertex.cached ?? false,
      error: vertex.error ?? "",
    });
  }
  for (const entry of status.statuses ?? []) {
    events.push({
      kind: "status",
      vertex: digestOf(entry.vertex),
      id: entry.ID ?? "",
      current: numberOf(entry.current),
      total: numberOf(entry.total),
      completed: epochMsOf(entry.completed) !== undefined,
    });
  }
  for (const log of status.logs ?? []) {
    events.push({
      kind: "log",
      vertex: digestOf(log.vertex),
      stream: numberOf(log.stream) === 2 ? "stderr" : "stdout",
      atMs: epochMsOf(log.timestamp) ?? 0,
      data: log.msg ?? new Uint8Array(),
    });
  }
  for (const warning of status.warnings ?? []) {
    events.push({
      kind: "warning",
      vertex: digestOf(warning.vertex),
      text: new TextDecoder().decode(warning.short ?? new Uint8Array()),
      ranges: (warning.ranges ?? []).map(toRange),
    });
  }
  return events;
}

function toRange(range: {
  readonly start?: { readonly line?: number | null } | null;
  readonly end?: { readonly line?: number | null } | null;
}): SourceRange {
  const start = range.start?.line ?? 0;
  return { source: 0, start: lineOf(start), end: lineOf(range.end?.line ?? start) };
}
