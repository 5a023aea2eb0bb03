/** Files with records, good ones and such as nobody's docker writes. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { google, moby } from "#proto";

export interface TarEntry {
  readonly name: string;
  readonly body?: Uint8Array | string;
  /** Default: a regular file. */
  readonly kind?: string;
  /** As the header says it; default: as it is. */
  readonly size?: number;
  readonly link?: string;
}

/** A tar as it is asked for, whatever that leads to. */
export function tarOf(entries: readonly TarEntry[], { end = true } = {}): Buffer {
  const blocks = entries.flatMap(({ name, body = "", kind = "0", size, link = "" }) => {
    const bytes = Buffer.from(body);
    const header = Buffer.alloc(512);
    header.write(name.slice(0, 100), 0, "latin1");
    header.write("0000644\0", 100);
    header.write(`${(size ?? bytes.length).toString(8).padStart(11, "0")}\0`, 124);
    header.write(kind, 156);
    header.write(link, 157, "latin1");
    header.write("ustar\x0000", 257, "latin1");
    header.write(" ".repeat(8), 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)]);
}

export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function blob(bytes: Uint8Array | string): TarEntry {
  return { name: `blobs/sha256/${digestOf(bytes).slice(7)}`, body: bytes };
}

const DOCKERFILE = "FROM scratch AS base\nCOPY a /\nRUN one\nFROM base AS app\nRUN two\nRUN three\n";

export interface RecordParts {
  readonly name?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly log?: string;
  readonly error?: string;
  readonly warning?: string;
  readonly localState?: unknown;
  /** In place of the reports. */
  readonly reports?: Uint8Array;
  /** In place of the JSON of the record. */
  readonly config?: string;
}

const at = (seconds: number) => ({ seconds, nanos: 0 });
const v = (name: string) => digestOf(name);

/** What the reports of a build of four steps are, of which the third fails. */
export function reportsOf({
  name = "two",
  log = "printed\n",
  error = "exit code: 3",
  warning = "take care",
}: RecordParts = {}): Buffer {
  const vertex = (digest: string, text: string, inputs: readonly string[], rest: object = {}) => ({
    digest: v(digest),
    name: text,
    inputs: inputs.map(v),
    ...rest,
  });
  const done = { started: at(1000), completed: at(1001) };
  const status = moby.buildkit.v1.StatusResponse.encode({
    vertexes: [
      vertex("three", "[app 2/2] RUN three", ["two"]),
      vertex("two", `[app 1/2] RUN ${name}`, ["one"], { started: at(1002), completed: at(1004), error }),
      vertex("one", "[base 2/2] RUN one", ["copy"], { ...done, cached: true }),
      vertex("copy", "[base 1/2] COPY a /", ["context"], done),
      vertex("context", "[internal] load build context", [], done),
    ],
    logs: [{ vertex: v("two"), timestamp: at(1003), stream: 1, msg: Buffer.from(log) }],
    warnings: [{ vertex: v("two"), level: 1, short: Buffer.from(warning), detail: [], url: "", ranges: [] }],
  }).finish();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(status.length);
  return Buffer.concat([length, status]);
}

export function failureOf({
  error = 'process "/bin/sh -c two" did not complete successfully: exit code: 3',
}: RecordParts = {}): Buffer {
  const detail = (name: string, value: unknown) => ({
    type_url: `github.com/moby/buildkit/${name}+json`,
    value: Buffer.from(JSON.stringify(value)),
  });
  const info = { filename: "Dockerfile", data: Buffer.from(DOCKERFILE).toString("base64") };
  const ranges = [{ start: { line: 5 }, end: { line: 5 } }];
  return Buffer.from(
    google.rpc.Status.encode({
      code: 2,
      message: error,
      details: [
        detail("errdefs.Vertex", { digest: v("two") }),
        detail("errdefs.Source", { info, ranges }),
        detail("gatewayapi.ExitMessage", { Code: 3 }),
      ],
    }).finish(),
  );
}

/** Entries of a file with one record, as docker buildx writes them. */
export function recordEntries(parts: RecordParts = {}): readonly TarEntry[] {
  const [reports, failure] = [parts.reports ?? reportsOf(parts), failureOf(parts)];
  const piece = (bytes: Uint8Array) => ({ media_type: "x", digest: digestOf(bytes), size: bytes.length });
  const config =
    parts.config ??
    JSON.stringify({
      Ref: "abc123",
      FrontendAttrs: { filename: "Dockerfile", target: "app", ...parts.attributes },
      Exporters: [{ Type: "image" }],
      error: { code: 2, message: parts.error ?? "exit code: 3" },
      CreatedAt: { seconds: 1000, nanos: 5e8 },
      CompletedAt: { seconds: 1004 },
      logs: piece(reports),
      externalError: piece(failure),
      numTotalSteps: 5,
      numCompletedSteps: 4,
      numCachedSteps: 1,
      DefaultPlatform: "linux/amd64",
      localState: parts.localState,
    });
  const described = (type: string, bytes: Uint8Array | string) => ({
    mediaType: type,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    config: described("application/vnd.buildkit.historyrecord.v0", config),
    layers: [],
  });
  const index = {
    schemaVersion: 2,
    manifests: [described("application/vnd.oci.image.manifest.v1+json", manifest)],
  };
  return [
    { name: "oci-layout", body: '{"imageLayoutVersion":"1.0.0"}' },
    { name: "blobs/", kind: "5" },
    ...[reports, failure, config, manifest].map(blob),
    { name: "index.json", body: JSON.stringify(index) },
  ];
}

export function recordFile(parts: RecordParts = {}): Buffer {
  return gzipSync(tarOf(recordEntries(parts)));
}
