/** An OCI layout in a tar of somebody else's: its manifests, and blobs with their digests checked. */
import { createHash } from "node:crypto";
import { BktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";
import { isDigest } from "../../protocol/scalars.ts";
import { field, isJsonRecord, type JsonRecord } from "../locate/docker/files.ts";
import type { RecordBlob } from "../record.ts";
import type { Archive } from "./archive.ts";

type Signal = { readonly signal: AbortSignal };

export interface FoundManifest {
  readonly blob: RecordBlob;
  readonly json: JsonRecord;
}

/** The one that the index lists, or each of several, also those of an index within it. */
export async function manifestsIn(archive: Archive, { signal }: Signal): Promise<readonly FoundManifest[]> {
  const top = parsed(archive, "index.json", await archive.bytes("index.json", { signal }));
  const found: FoundManifest[] = [];
  for (const entry of listIn(archive, "index.json", top)) {
    const blob = blobIn(archive, entry);
    const json = await jsonOf(archive, blob, { signal });
    if (json["manifests"] === undefined) found.push({ blob, json });
    else
      for (const each of listIn(archive, blobName(blob), json)) {
        const inner = blobIn(archive, each);
        found.push({ blob: inner, json: await jsonOf(archive, inner, { signal }) });
      }
    if (found.length > limits.records) throw unreadable(archive, "index.json", "too many manifests");
  }
  if (found.length === 0) throw unreadable(archive, "index.json", "it lists no record");
  return found;
}

function listIn(archive: Archive, name: string, index: JsonRecord): readonly unknown[] {
  const { manifests } = index;
  if (Array.isArray(manifests) && manifests.length <= limits.records) return manifests;
  throw unreadable(archive, name, "it lists no manifests, or too many");
}

/** @throws {BktuiError} "bad-request" for what names no blob. */
export function blobIn(archive: Archive, descriptor: unknown): RecordBlob {
  const [digest, size] = [field(descriptor, "digest"), field(descriptor, "size")];
  if (isDigest(digest)) return { digest, size: typeof size === "number" ? size : 0 };
  throw unreadable(archive, "index.json", `${visibleLine(JSON.stringify(digest) ?? "nothing")} is no digest`);
}

export function blobName({ digest }: Pick<RecordBlob, "digest">): string {
  return `blobs/sha256/${digest.slice("sha256:".length)}`;
}

/** A small blob as a whole. @throws {BktuiError} "bad-request" when it is not what its name says. */
export async function blobBytes(archive: Archive, blob: RecordBlob, { signal }: Signal): Promise<Buffer> {
  const bytes = await archive.bytes(blobName(blob), { signal });
  checkDigest(archive, blob, createHash("sha256").update(bytes).digest("hex"));
  return bytes;
}

/** @param found what its content is, in hexadecimal digits */
export function checkDigest(archive: Archive, blob: Pick<RecordBlob, "digest">, found: string): void {
  if (`sha256:${found}` !== blob.digest)
    throw unreadable(archive, blobName(blob), "its content has another digest");
}

export async function jsonOf(archive: Archive, blob: RecordBlob, { signal }: Signal): Promise<JsonRecord> {
  return parsed(archive, blobName(blob), await blobBytes(archive, blob, { signal }));
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

export function unreadable({ path }: Archive, name: string, why: string): BktuiError {
  return new BktuiError("bad-request", `${path}: ${name} cannot be read: ${why}`, {
    hint: "get the file again from where it was made",
  });
}
