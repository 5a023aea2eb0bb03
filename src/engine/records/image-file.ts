/** An image in a tar, as exports of states and `docker save` write it: an OCI layout, docker's own files beside or not. */
import { createHash } from "node:crypto";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { limits } from "../../base/limits.ts";
import { field, isJsonRecord, type JsonRecord } from "../locate/docker/files.ts";
import type { ImageFile, RecordBlob } from "../record.ts";
import { isBaseOf, stateLabel } from "../state-labels.ts";
import type { Archive } from "./archive.ts";
import { blobIn, blobName, checkDigest, type FoundManifest, jsonOf, unreadable } from "./layout-archive.ts";

type Signal = { readonly signal: AbortSignal };

const IMAGE_CONFIG = /^application\/vnd\.(oci\.image\.config\.v1|docker\.container\.image\.v1)\+json$/;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

export function isImage(manifest: JsonRecord): boolean {
  return IMAGE_CONFIG.test(String(field(manifest["config"], "mediaType")));
}

/** Of both states of a step the one that failed. @throws {BktuiError} "bad-request" with what is wrong and where. */
export async function imageIn(
  archive: Archive,
  manifests: readonly FoundManifest[],
  { signal }: Signal,
): Promise<ImageFile> {
  const images: FoundImage[] = [];
  for (const found of manifests)
    if (isImage(found.json)) {
      const config = await jsonOf(archive, blobIn(archive, found.json["config"]), { signal });
      images.push({ found, config: config["config"], labels: labelsIn(config["config"]) });
    }
  const failed = images.find(({ labels }) => stateLabel(labels, "state") === "failed");
  const chosen = failed ?? images[0];
  if (chosen === undefined) throw unreadable(archive, "index.json", "it lists no image");
  const base = failed === undefined ? undefined : images.find((each) => isBaseOf(each.labels, failed.labels));
  const others = images.length - (base === undefined ? 1 : 2);
  return imageOf(archive, chosen, {
    others,
    base: base === undefined ? undefined : imageOf(archive, base, { others: 0, base: undefined }),
  });
}

interface FoundImage {
  readonly found: FoundManifest;
  readonly config: unknown;
  readonly labels: Labels;
}

function imageOf(
  archive: Archive,
  { found, config, labels }: FoundImage,
  beside: Pick<ImageFile, "others" | "base">,
): ImageFile {
  const layers = layersIn(archive, found);
  const env = field(config, "Env");
  return {
    digest: found.blob.digest,
    labels,
    env: (Array.isArray(env) ? env : []).filter((each: unknown) => typeof each === "string"),
    user: textIn(config, "User"),
    directory: textIn(config, "WorkingDir"),
    layers: layers.length,
    ...beside,
    unpack: async (directory, options) => await unpack(archive, found, { directory, ...options }),
    unpackLayer: async (directory, options) => {
      const wanted = new Map(
        layers.slice(0, 1).map((layer) => [blobName(layer), { ...layer, path: join(directory, "layer") }]),
      );
      await copyAll(archive, wanted, options);
    },
  };
}

type Labels = Readonly<Record<string, string>>;

function textIn(config: unknown, name: string): string {
  const value = field(config, name);
  return typeof value === "string" ? value : "";
}

function labelsIn(config: unknown): Labels {
  const labels = field(config, "Labels");
  const entries = isJsonRecord(labels) ? Object.entries(labels) : [];
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : [])),
  );
}

function layersIn(archive: Archive, { blob, json }: FoundManifest): readonly RecordBlob[] {
  const layers: unknown = json["layers"];
  if (Array.isArray(layers) && layers.length <= limits.recordFile.entries)
    return layers.map((each: unknown) => blobIn(archive, each));
  throw unreadable(archive, blobName(blob), "it lists no layers, or too many");
}

/** Only what the manifest names, under names that are digests. */
async function unpack(
  archive: Archive,
  found: FoundManifest,
  { directory, signal }: Signal & { readonly directory: string },
): Promise<void> {
  const { blob, json } = found;
  const parts = [blob, blobIn(archive, json["config"]), ...layersIn(archive, found)];
  await mkdir(join(directory, "blobs", "sha256"), { recursive: true, mode: 0o700 });
  const wanted = new Map(
    parts.map((each) => [blobName(each), { ...each, path: join(directory, blobName(each)) }]),
  );
  await copyAll(archive, wanted, { signal });
  const index = { schemaVersion: 2, manifests: [{ mediaType: MANIFEST, ...blob }] };
  await writeFile(join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}', {
    mode: 0o600,
    flag: "wx",
  });
  await writeFile(join(directory, "index.json"), JSON.stringify(index), { mode: 0o600, flag: "wx" });
}

/** By their names in the archive, to paths that are made here. */
async function copyAll(
  archive: Archive,
  wanted: Map<string, RecordBlob & { readonly path: string }>,
  { signal }: Signal,
): Promise<void> {
  for await (const { name, body } of archive.files(new Set(wanted.keys()), { signal })) {
    const part = wanted.get(name);
    if (part === undefined) continue;
    const hash = createHash("sha256");
    const file = await open(part.path, "wx", 0o600);
    try {
      for await (const chunk of body) {
        hash.update(chunk);
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
    checkDigest(archive, part, hash.digest("hex"));
    wanted.delete(name);
  }
  for (const name of wanted.keys()) throw unreadable(archive, name, "it is not there");
}
