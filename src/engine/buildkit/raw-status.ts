/**
 * A status message as JSON, in the shape of BuildKit's Go client (client.SolveStatus), which `docker buildx build
 * --progress=rawjson` prints: its names, empty fields left out, times as RFC 3339, bytes as base64. The definition of a
 * warning's file is left out too: it tells how the engine came by the file.
 */
import type { google, moby, pb } from "#proto";
import type { WireInt64 } from "../../protocol/scalars.ts";

type Wire = moby.buildkit.v1.Vertex.$Shape;
type Json = Readonly<Record<string, unknown>>;

/** What hides the values of secrets. */
export interface Hiding {
  readonly text: (text: string) => string;
  readonly bytes: (bytes: Uint8Array) => Uint8Array;
}

export function rawVertex(
  { digest, inputs, name, started, completed, cached, error, progressGroup }: Wire,
  { text }: Hiding,
): Json {
  return filled({
    digest,
    inputs,
    name: text(name ?? ""),
    started: optionalTime(started),
    completed: optionalTime(completed),
    cached,
    error: text(error ?? ""),
    progressGroup: group(progressGroup, text),
  });
}

export function rawTransfer(status: moby.buildkit.v1.VertexStatus.$Shape, { text }: Hiding): Json {
  const { ID, vertex, name, total, current, timestamp, started, completed } = status;
  return {
    id: text(ID ?? ""),
    ...filled({ vertex, name: text(name ?? ""), total: integer(total) }),
    current: integer(current),
    timestamp: time(timestamp),
    ...filled({ started: optionalTime(started), completed: optionalTime(completed) }),
  };
}

/** @param data what may be shown of the output */
export function rawLog(
  { vertex, stream, timestamp }: moby.buildkit.v1.VertexLog.$Shape,
  data: Uint8Array,
): Json {
  return {
    ...filled({ vertex, stream: integer(stream) }),
    data: data.length === 0 ? null : base64(data),
    timestamp: time(timestamp),
  };
}

export function rawWarning(
  { vertex, level, short, detail, url, info, ranges }: moby.buildkit.v1.VertexWarning.$Shape,
  { text, bytes }: Hiding,
): Json {
  const hidden = (value: Uint8Array | null | undefined): string => base64(bytes(value ?? new Uint8Array()));
  return filled({
    vertex,
    level: integer(level),
    short: hidden(short),
    detail: (detail ?? []).map(hidden),
    url: text(url ?? ""),
    sourceInfo:
      info === null || info === undefined
        ? undefined
        : filled({ filename: info.filename, data: hidden(info.data), language: info.language }),
    range: (ranges ?? []).map((range) => filled({ start: position(range.start), end: position(range.end) })),
  });
}

/** Epoch milliseconds -> e.g. "2026-03-01T09:30:00.25Z". */
export function rawTime(ms: number): string {
  const whole = Math.floor(ms / 1000);
  return time({ seconds: whole, nanos: Math.round((ms - whole * 1000) * 1e6) });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Without what Go leaves out as empty. */
export function filled(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

function group(of: pb.ProgressGroup.$Shape | null | undefined, text: Hiding["text"]): Json | undefined {
  if (of === null || of === undefined) return undefined;
  return filled({ id: of.id, name: text(of.name ?? ""), weak: of.weak });
}

function position(of: pb.Position.$Shape | null | undefined): Json | undefined {
  return of === null || of === undefined ? undefined : filled({ line: of.line, character: of.character });
}

function integer(value: WireInt64): number {
  if (value === null || value === undefined) return 0;
  return typeof value === "number" ? value : value.toNumber();
}

function optionalTime(of: google.protobuf.Timestamp.$Shape | null | undefined): string | undefined {
  return of === null || of === undefined ? undefined : time(of);
}

/** RFC 3339 as Go writes it: nanoseconds, without zeros at their end. One that is no time is the epoch. */
function time(of: google.protobuf.Timestamp.$Shape | null | undefined): string {
  const date = new Date(integer(of?.seconds) * 1000);
  const seconds = Number.isNaN(date.getTime())
    ? "1970-01-01T00:00:00"
    : date.toISOString().replace(/\..*$/, "");
  const nanos = String(of?.nanos ?? 0)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${seconds}${nanos === "" ? "" : `.${nanos}`}Z`;
}
