/** Reads what BuildKit attaches to a failed call: vertex, states, places in the file. */
import { type Digest, lineOf, type SourceRange } from "../graph/graph.ts";
import type { RpcError } from "../transport/rpc-error.ts";
import { isDigest } from "./scalars.ts";

/** What the details of an RpcError say about a failure; all empty where there are none (dockerd 20.10). */
export interface FailureFacts {
  readonly vertex: Digest | undefined;
  /** Exit status of the failed process; undefined when none had started. */
  readonly exitCode: number | undefined;
  /** What the failed vertex has left; on gateway calls only. */
  readonly solve: SolveFacts | undefined;
  /** Places in source files. `SourceRange.source` is 0: which file is told by `filename`. */
  readonly sources: readonly SourceFacts[];
  /** The frontend itself failed (BuildKit >= 0.22 says so). */
  readonly frontend: boolean;
}

export interface SolveFacts {
  /** Per mount of an exec op, per input of a file op; "" = no state. */
  readonly inputIDs: readonly string[];
  /** Per mount of an exec op, per action of a file op; "" = no state. */
  readonly mountIDs: readonly string[];
  /** "file": an action of a file op; "cache": the content of an input, read for a cache key; else "exec". */
  readonly subject: "exec" | "file" | "cache";
  /** Of the action or of the input; 0 for "exec". */
  readonly index: number;
}

export interface SourceFacts {
  readonly filename: string;
  /** Of the whole file; undefined when it is not told. */
  readonly text: string | undefined;
  readonly ranges: readonly SourceRange[];
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads the details that BuildKit attaches as JSON (checked on 0.32 and dockerd 28.5). What is missing or of another
 * shape than expected counts as not said: a failure is never hidden behind a worse one.
 */
export function failureFacts(error: RpcError): FailureFacts {
  const details = (name: string): JsonObject[] =>
    error.details.flatMap(({ typeUrl, value }) =>
      nameOf(typeUrl) === name && isObject(value) ? [value] : [],
    );
  const digest = details("errdefs.Vertex")[0]?.["digest"];
  const code = details("gatewayapi.ExitMessage").map((exit) => integerOf(exit["Code"]))[0];
  const solve = details("errdefs.Solve")[0];
  return {
    vertex: isDigest(digest) ? digest : undefined,
    exitCode: code,
    solve: solve === undefined ? undefined : solveFacts(solve),
    sources: details("errdefs.Source").map(sourceFacts),
    frontend: details("errdefs.Frontend").length > 0,
  };
}

/** "github.com/moby/buildkit/errdefs.Vertex+json" -> "errdefs.Vertex". */
function nameOf(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1).replace(/\+json$/, "");
}

function solveFacts(solve: JsonObject): SolveFacts {
  const ids = { inputIDs: stringsOf(solve["inputIDs"]), mountIDs: stringsOf(solve["mountIDs"]) };
  for (const subject of ["file", "cache"] as const) {
    const found = solve[subject];
    if (isObject(found)) return { ...ids, subject, index: integerOf(found["index"]) ?? 0 };
  }
  return { ...ids, subject: "exec", index: 0 };
}

function sourceFacts(source: JsonObject): SourceFacts {
  const info = source["info"];
  const filename = isObject(info) ? info["filename"] : undefined;
  const data = isObject(info) ? info["data"] : undefined;
  const ranges = Array.isArray(source["ranges"]) ? source["ranges"] : [];
  return {
    filename: typeof filename === "string" ? filename : "",
    // Go writes bytes as base64.
    text: typeof data === "string" && data !== "" ? Buffer.from(data, "base64").toString("utf8") : undefined,
    ranges: ranges.flatMap(rangeOf),
  };
}

function rangeOf(range: unknown): SourceRange[] {
  if (!isObject(range)) return [];
  const start = lineIn(range["start"]);
  if (start === undefined) return [];
  return [{ source: 0, start: lineOf(start), end: lineOf(lineIn(range["end"]) ?? start) }];
}

function lineIn(position: unknown): number | undefined {
  const line = isObject(position) ? integerOf(position["line"]) : undefined;
  return line !== undefined && line > 0 ? line : undefined;
}

/** Go writes 64-bit integers as strings and leaves out 0. */
function integerOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map((item) => (typeof item === "string" ? item : "")) : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
