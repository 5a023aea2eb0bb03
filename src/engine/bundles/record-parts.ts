/** A stop of a build as docker's records tell builds: the record itself, why it failed, and what was reported. */

import { google, moby } from "#proto";
import { contextDirectory, ownDockerfile } from "../build-sources.ts";
import type { Bundle, BundledLine, BundledVertex, BundledWarning } from "../bundle.ts";

/** Of buildx 0.29 to 0.37, as `docker buildx history export` writes it and `history import` reads it. */
export const TYPES = {
  record: "application/vnd.buildkit.historyrecord.v0",
  reports: "application/vnd.buildkit.status.v0",
  failure: "application/vnd.googeapis.google.rpc.status+proto",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
} as const;

type Masked = (text: string) => string;

export interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** So many entries make one message of the reports: a page of memory, and a pause for whoever else waits. */
const MOST_ENTRIES = 500;
/** gRPC's codes. */
const CANCELLED = 1;
const UNKNOWN = 2;
/** Docker tells a build that was given up by these words (BuildKit 0.11 to 0.32). */
const GIVEN_UP = "context canceled";

/** What records say where a build has ended. */
function errorOf(
  { status, message: why }: Bundle,
  masked: Masked,
): { readonly code: number; readonly message: string } {
  switch (status) {
    case "completed":
      return { code: 0, message: "" };
    case "failed":
      return { code: UNKNOWN, message: masked(why) };
    case "cancelled":
      return { code: CANCELLED, message: `${masked(why)}: ${GIVEN_UP}` };
  }
}

/** Go's JSON of BuildKit's message. */
export function recordJson(
  bundle: Bundle,
  {
    ref,
    attributes,
    pieces,
    masked,
  }: {
    readonly ref: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly pieces: { readonly reports: Described; readonly failure: Described };
    readonly masked: Masked;
  },
): string {
  const { vertices, warnings } = bundle;
  const times = vertices.flatMap(({ startedMs, completedMs }) =>
    [startedMs, completedMs].filter((each) => each !== undefined),
  );
  const spread = (pick: (one: number, other: number) => number): number =>
    times.length === 0 ? Date.now() : times.reduce((one, other) => pick(one, other));
  const done = vertices.filter(({ completedMs }) => completedMs !== undefined);
  const places = {
    LocalPath: masked(contextDirectory(bundle.request) ?? ""),
    DockerfilePath: masked(ownDockerfile(bundle.request) ?? ""),
  };
  return JSON.stringify({
    Ref: ref,
    Frontend: "dockerfile.v0",
    FrontendAttrs: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [masked(name), masked(value)]),
    ),
    error: errorOf(bundle, masked),
    CreatedAt: timeOf(spread(Math.min)),
    CompletedAt: timeOf(spread(Math.max)),
    logs: pieceOf(pieces.reports),
    externalError: pieceOf(pieces.failure),
    numTotalSteps: vertices.length,
    numCompletedSteps: done.length,
    numCachedSteps: vertices.filter(({ cached }) => cached).length,
    numWarnings: warnings.length,
    localState: places,
  });
}

/** How Go writes a descriptor of BuildKit's. */
function pieceOf({ mediaType, digest, size }: Described): object {
  return { media_type: mediaType, digest, size };
}

/** A gRPC status with its details, as BuildKit keeps it beside a record: with the Dockerfile, and where it is stood at. */
export function failureBytes(bundle: Bundle, masked: Masked): Uint8Array {
  const { vertex, exitCode, source } = bundle;
  const { filename, text, range } = source;
  const info = { filename: masked(filename), data: Buffer.from(masked(text)).toString("base64") };
  const ranges = [{ start: { line: range.start }, end: { line: range.end } }];
  const details = [
    ...(vertex === undefined ? [] : [detail("errdefs.Vertex", { digest: vertex })]),
    detail("errdefs.Source", { info, ranges }),
    ...(exitCode === undefined ? [] : [detail("gatewayapi.ExitMessage", { Code: exitCode })]),
  ];
  return google.rpc.Status.encode({ ...errorOf(bundle, masked), details }).finish();
}

function detail(name: string, value: unknown): { readonly type_url: string; readonly value: Uint8Array } {
  return {
    type_url: `github.com/moby/buildkit/${name}+json`,
    value: Buffer.from(JSON.stringify(value)),
  };
}

type Status = Parameters<typeof moby.buildkit.v1.StatusResponse.encode>[0];

/** The reports, a bounded piece at a time; each message stands behind its length. */
export function* reportBytes(
  { vertices, lines, warnings, vertex }: Bundle,
  masked: Masked,
): Generator<Uint8Array> {
  for (const part of parts(vertices))
    yield message({ vertexes: part.map((each) => wireVertex(each, masked)) });
  for (const part of parts(lines())) yield message({ logs: part.map((each) => wireLine(each, masked)) });
  const of = vertex ?? vertices[0]?.digest ?? "";
  for (const part of parts(warnings))
    yield message({ warnings: part.map((each) => wireWarning(each, of, masked)) });
}

function message(status: Status): Uint8Array {
  const bytes = moby.buildkit.v1.StatusResponse.encode(status).finish();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function* parts<T>(items: Iterable<T>): Generator<readonly T[]> {
  let part: T[] = [];
  for (const item of items) {
    part.push(item);
    if (part.length < MOST_ENTRIES) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function wireVertex(vertex: BundledVertex, masked: Masked) {
  const { digest, name, inputs, startedMs, completedMs, cached, error } = vertex;
  return {
    digest,
    name: masked(name),
    inputs: [...inputs],
    started: startedMs === undefined ? null : timeOf(startedMs),
    completed: completedMs === undefined ? null : timeOf(completedMs),
    cached,
    error: masked(error),
  };
}

function wireLine({ vertex, stream, atMs, text }: BundledLine, masked: Masked) {
  return {
    vertex,
    timestamp: timeOf(atMs),
    stream: stream === "stderr" ? 2 : 1,
    msg: Buffer.from(`${masked(text)}\n`),
  };
}

function wireWarning(
  { text, detail: more = [], url = "", ranges }: BundledWarning,
  vertex: string,
  masked: Masked,
) {
  return {
    vertex,
    level: 1,
    short: Buffer.from(masked(text)),
    detail: more.map((each) => Buffer.from(masked(each))),
    url: masked(url),
    ranges: ranges.map(({ start, end }) => ({ start: { line: start }, end: { line: end } })),
  };
}

function timeOf(ms: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}
