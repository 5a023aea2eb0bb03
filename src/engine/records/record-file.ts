/** A file with records: `docker buildx history export` and docker/build-push-action write them, an OCI layout in a tar. */
import { BktuiError } from "../../base/errors.ts";
import { clipText, limits } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";
import { isDigest } from "../../protocol/scalars.ts";
import type { Progress } from "../engine.ts";
import { field, isJsonRecord, type JsonRecord } from "../locate/docker/files.ts";
import type {
  BuildRecord,
  BundleParts,
  ImageFile,
  RecordBlob,
  RecordedFailure,
  RecordedVertices,
  RecordSource,
} from "../record.ts";
import { Archive } from "./archive.ts";
import { bundleParts } from "./bundle-parts.ts";
import { dateMs, statusOf } from "./history.ts";
import { imageIn, isImage } from "./image-file.ts";
import { blobBytes, blobIn, blobName, jsonOf, manifestsIn } from "./layout-archive.ts";
import { readFailure, readReports, readVertices } from "./record-blobs.ts";
import { placesIn } from "./recorded-places.ts";

type Signal = { readonly signal: AbortSignal };

/** Of buildx 0.29 to 0.37, and of the programs that it has this format from. */
const RECORD_TYPE = "application/vnd.buildkit.historyrecord.v0";

/**
 * A file with records, or with an image.
 * @throws {BktuiError} "bad-request" with what is wrong and where, "io".
 */
export async function openBuildFile(
  path: string,
  { signal, mostBytes }: Signal & { readonly mostBytes?: number },
): Promise<RecordSource | ImageFile> {
  const archive = await Archive.open(path, { signal, mostBytes });
  const manifests = await manifestsIn(archive, { signal });
  if (manifests.some(({ json }) => isImage(json))) return await imageIn(archive, manifests, { signal });
  const records: BuildRecord[] = [];
  for (const { json } of manifests) {
    const type = field(json["config"], "mediaType");
    if (type !== RECORD_TYPE) throw neither(path, String(type));
    records.push(recordIn(await jsonOf(archive, blobIn(archive, json["config"]), { signal })));
  }
  const newestFirst = records.sort((one, other) => other.startedMs - one.startedMs);
  return new RecordFile(archive, newestFirst, await bundleParts(archive, { signal }));
}

/** @throws {BktuiError} "bad-request" as `openBuildFile`, and for an image. */
export async function openRecordFile(
  path: string,
  options: Parameters<typeof openBuildFile>[1],
): Promise<RecordSource> {
  const found = await openBuildFile(path, options);
  if ("records" in found) return found;
  throw neither(path, "an image");
}

function neither(path: string, type: string): BktuiError {
  return new BktuiError(
    "bad-request",
    `${path} is no record of a build: what it holds is of type ${visibleLine(type)}`,
    {
      hint: "a record is made by docker buildx history export, or by docker/build-push-action",
    },
  );
}

/** Records of an archive, which is read again for each of their pieces. */
class RecordFile implements RecordSource {
  readonly #archive: Archive;
  readonly place: string;
  readonly records: readonly BuildRecord[];
  readonly bundle: BundleParts | undefined;

  constructor(archive: Archive, records: readonly BuildRecord[], bundle: BundleParts | undefined) {
    this.#archive = archive;
    this.place = archive.path;
    this.records = records;
    this.bundle = bundle;
  }

  async failure({ failure }: BuildRecord, { signal }: Signal): Promise<RecordedFailure | undefined> {
    if (failure === undefined || !this.#archive.has(blobName(failure))) return undefined;
    return readFailure(await blobBytes(this.#archive, failure, { signal }));
  }

  async vertices({ logs }: BuildRecord, { signal }: Signal): Promise<RecordedVertices> {
    if (logs === undefined || !this.#archive.has(blobName(logs))) return new Map();
    return await readVertices(this.#archive.read(blobName(logs), { signal }), this.place);
  }

  async *progress({ logs }: BuildRecord, { signal }: Signal): AsyncIterable<Progress> {
    if (logs === undefined || !this.#archive.has(blobName(logs))) return;
    yield* readReports(this.#archive.read(blobName(logs), { signal }), this.place);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Each reading closes the file again.
  }
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
