/** Caches in directories of this machine: which one an index names, the blobs that the engine reads and writes, the index behind. */
import { BktuiError } from "../../base/errors.ts";
import { goBoolean } from "../../base/go-boolean.ts";
import { ContentStore } from "../../session/content-store.ts";
import { digestInLayout, type IndexedImage, putInIndex } from "../../session/oci-index.ts";
import { deleteUnreferenced } from "../../session/oci-reset.ts";
import type { BuildRequest, CacheEntry } from "../build-request.ts";

const TAG = "latest";

/**
 * The request with the digest of every cache that is imported from a directory. One without a cache is passed over with a
 * warning, as buildx does: the first run of a CI job finds none.
 */
export async function withLocalCaches(
  request: BuildRequest,
  onWarning: (text: string) => void,
): Promise<BuildRequest> {
  if (!request.cacheFrom.some(({ type }) => type === "local")) return request;
  const found = await Promise.all(request.cacheFrom.map((entry) => withDigest(entry, onWarning)));
  return { ...request, cacheFrom: found.filter((entry) => entry !== undefined) };
}

async function withDigest(
  entry: CacheEntry,
  onWarning: (text: string) => void,
): Promise<CacheEntry | undefined> {
  const { src = "", tag = TAG, digest } = entry.attributes;
  if (entry.type !== "local") return entry;
  try {
    const known = digest ?? (await digestInLayout(src, tag));
    await new ContentStore(src).info(known);
    return { ...entry, attributes: { ...entry.attributes, digest: known } };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    onWarning(`no cache is taken from ${src}: ${why}`);
    return undefined;
  }
}

/** By the names under which the engine asks a session for them. */
export function localCacheStores({ cacheFrom, cacheTo }: BuildRequest): ReadonlyMap<string, ContentStore> {
  const read = directoriesOf(cacheFrom, "src").map(
    (path) => [`local:${path}`, new ContentStore(path)] as const,
  );
  const written = directoriesOf(cacheTo, "dest").map(
    (path) => [`local:${path}`, new ContentStore(path, { writable: true })] as const,
  );
  return new Map([...read, ...written]);
}

function directoriesOf(entries: readonly CacheEntry[], attribute: "src" | "dest"): readonly string[] {
  return entries.flatMap(({ type, attributes }) => (type === "local" ? (attributes[attribute] ?? []) : []));
}

/**
 * Writes what the engine exported into the indexes of its directories; `reset` deletes what nothing in them leads to any more.
 * @param answer of the exporters
 * @throws {BktuiError} "io" when an index cannot be written, "engine" when the answer is malformed.
 */
export async function indexLocalCaches(
  { cacheTo }: BuildRequest,
  answer: Readonly<Record<string, string>>,
): Promise<void> {
  const text = answer["cache.manifest"];
  if (text === undefined) return;
  const manifest = manifestOf(text);
  for (const { type, attributes } of cacheTo) {
    if (type !== "local") continue;
    const { dest = "", tag = TAG, reset = "" } = attributes;
    await putInIndex(dest, manifest, tag);
    if (goBoolean(reset) === true) await deleteUnreferenced(dest);
  }
}

function manifestOf(text: string): IndexedImage {
  try {
    const value = JSON.parse(text) as IndexedImage;
    if (/^sha256:[0-9a-f]{64}$/.test(value.digest)) return value;
  } catch {
    // Told below.
  }
  throw new BktuiError("engine", "the engine's answer names no cache that it has exported");
}
