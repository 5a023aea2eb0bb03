/** A file with records: `docker buildx history export` and docker/build-push-action write them, an OCI layout in a tar. */
import { createHash } from "node:crypto";
import { BktuiError } from "../../base/errors.ts";
import { clipText, limits } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";
import { isDigest } from "../../protocol/scalars.ts";
import type { Progress } from "../engine.ts";
import { field, isJsonRecord, type JsonRecord } from "../locate/docker/files.ts";
import type { BuildRecord, RecordBlob, RecordedFailure, RecordedVertices, RecordSource } from "../record.ts";
import { Archive } from "./archive.ts";
import { dateMs, statusOf } from "./history.ts";
import { readFailure, readReports, readVertices } from "./record-blobs.ts";
import { placesIn } from "./recorded-places.ts";

type Signal = { readonly signal: AbortSignal };

/** Of buildx 0.29 to 0.37, and of the programs that it has this format from. */
const RECORD_TYPE = "application/vnd.buildkit.historyrecord.v0";

/** @throws {BktuiError} "bad-request" with what is wrong and where, "io". */
export async function openRecordFile(
  path: string,
  { signal, mostBytes }: Signal & { readonly mostBytes?: number },
): Promise<RecordSource> {
  const archive = await Archive.open(path, { signal, mostBytes });
  const records: BuildRecord[] = [];
  for (const manifest of await manifestsOf(archive, { signal })) {
    const config = manifest["config"];
    const type = field(config, "mediaType");
    if (type !== RECORD_TYPE)
      throw new BktuiError(
        "bad-request",
        `${path} is no record of a build: what it holds is of type ${visibleLine(String(type))}`,
        {
          hint: "a record is made by docker buildx history export, or by docker/build-push-action",
        },
      );
    records.push(recordIn(await json(archive, blobIn(archive, config), { signal })));
  }
  const newestFirst = records.sort((one, other) => other.startedMs - one.startedMs);
  return new RecordFile(archive, newestFirst);
}

/** Records of an archive, which is read again for each of their pieces. */
class RecordFile implements RecordSource {
  readonly #archive: Archive;
  readonly place: string;
  readonly records: readonly BuildRecord[];

  constructor(archive: Archive, records: readonly BuildRecord[]) {
    this.#archive = archive;
    this.place = archive.path;
    this.records = records;
  }

  async failure({ failure }: BuildRecord, { signal }: Signal): Promise<RecordedFailure | undefined> {
    if (failure === undefined || !this.#archive.has(nameOf(failure))) return undefined;
    return readFailure(await bytesOf(this.#archive, failure, { signal }));
  }

  async vertices({ logs }: BuildRecord, { signal }: Signal): Promise<RecordedVertices> {
    if (logs === undefined || !this.#archive.has(nameOf(logs))) return new Map();
    return await readVertices(this.#archive.read(nameOf(logs), { signal }), this.place);
  }

  async *progress({ logs }: BuildRecord, { signal }: Signal): AsyncIterable<Progress> {
    if (logs === undefined || !this.#archive.has(nameOf(logs))) return;
    yield* readReports(this.#archive.read(nameOf(logs), { signal }), this.place);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Each reading closes the file again.
  }
}

/** Of the one record, or of each of several, which an index of their own lists. */
async function manifestsOf(archive: Archive, { signal }: Signal): Promise<readonly JsonRecord[]> {
  const top = parsed(archive, "index.json", await archive.bytes("index.json", { signal }));
  const found: JsonRecord[] = [];
  for (const entry of listIn(archive, "index.json", top)) {
    const blob = blobIn(archive, entry);
    const inner = await json(archive, blob, { signal });
    if (inner["manifests"] === undefined) found.push(inner);
    else
      for (const each of listIn(archive, nameOf(blob), inner))
        found.push(await json(archive, blobIn(archive, each), { signal }));
    if (found.length > limits.records) throw unreadable(archive, "index.json", "too many records");
  }
  if (found.length === 0) throw unreadable(archive, "index.json", "it lists no record");
  return found;
}

function listIn(archive: Archive, name: string, index: JsonRecord): readonly unknown[] {
  const { manifests } = index;
  if (Array.isArray(manifests) && manifests.length <= limits.records) return manifests;
  throw unreadable(archive, name, "it lists no manifests, or too many");
}

function blobIn(archive: Archive, descriptor: unknown): RecordBlob {
  const [digest, size] = [field(descriptor, "digest"), field(descriptor, "size")];
  if (isDigest(digest)) return { digest, size: typeof size === "number" ? size : 0 };
  throw unreadable(archive, "index.json", `${visibleLine(JSON.stringify(digest) ?? "nothing")} is no digest`);
}

function nameOf({ digest }: RecordBlob): string {
  return `blobs/sha256/${digest.slice("sha256:".length)}`;
}

async function bytesOf(archive: Archive, blob: RecordBlob, { signal }: Signal): Promise<Buffer> {
  const bytes = await archive.bytes(nameOf(blob), { signal });
  const is = createHash("sha256").update(bytes).digest("hex");
  if (`sha256:${is}` !== blob.digest)
    throw unreadable(archive, nameOf(blob), "its content has another digest");
  return bytes;
}

async function json(archive: Archive, blob: RecordBlob, { signal }: Signal): Promise<JsonRecord> {
  return parsed(archive, nameOf(blob), await bytesOf(archive, blob, { signal }));
}

function parsed(archive: Archive, name: string, bytes: Buffer): JsonRecord {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    value = undefined;
  }
  if (isJsonRecord(value)) return value;
  throw unreadable(archive, name, "it is no JSON object");
}

function unreadable({ path }: Archive, name: string, why: string): BktuiError {
  return new BktuiError("bad-request", `${path}: ${name} cannot be read: ${why}`, {
    hint: "get the record again from where it was made",
  });
}

/** Go's JSON of BuildKit's message: what is of another kind than expected counts as not said. */
function recordIn(record: JsonRecord): BuildRecord {
  const completedMs = timeOf(record["CompletedAt"]);
  const error = record["error"];
  const [code, message] = [numberIn(field(error, "code")), textIn(field(error, "message"))];
  const exporters: unknown = record["Exporters"];
  const platform = textIn(record["DefaultPlatform"]);
  return {
    ref: clipText(textIn(record["Ref"]), limits.nameCharacters),
    status: statusOf(completedMs !== undefined, code, message),
    attributes: textsIn(record["FrontendAttrs"]),
    exporters: (Array.isArray(exporters) ? exporters : []).map((each) => textIn(field(each, "Type"))),
    startedMs: timeOf(record["CreatedAt"]) ?? 0,
    completedMs,
    error: clipText(message, limits.errorCharacters),
    steps: {
      total: numberIn(record["numTotalSteps"]),
      completed: numberIn(record["numCompletedSteps"]),
      cached: numberIn(record["numCachedSteps"]),
    },
    warnings: numberIn(record["numWarnings"]),
    logs: pieceOf(record["logs"]),
    failure: pieceOf(record["externalError"]),
    platform: platform === "" ? undefined : platform,
    places: placesIn(record["localState"]),
  };
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  const entries = isJsonRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.flatMap(([name, each]) => (typeof each === "string" && name !== "" ? [[name, each]] : [])),
  );
}

function pieceOf(value: unknown): RecordBlob | undefined {
  const digest = field(value, "digest");
  return isDigest(digest) ? { digest, size: numberIn(field(value, "size")) } : undefined;
}

function timeOf(value: unknown): number | undefined {
  const seconds = field(value, "seconds");
  if (typeof seconds !== "number") return undefined;
  return dateMs(seconds * 1000 + numberIn(field(value, "nanos")) / 1e6);
}

function numberIn(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : 0;
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}
