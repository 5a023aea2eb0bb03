/** What `reset=true` of a local cache asks for: blobs of a layout that its index leads to no more are deleted. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { ContentStore } from "./content-store.ts";
import { isRecord } from "./docker-config.ts";
import { describeSystemError } from "./files/file-problem.ts";
import { readIndex } from "./oci-index.ts";

const DIGEST = /^sha256:([a-f0-9]{64})$/;
/** Others are no lists, whatever is in them. */
const LIST =
  /^application\/vnd\.(oci\.image\.(manifest|index)\.v1|docker\.distribution\.manifest(\.list)?\.v2)\+json$/;

/**
 * As BuildKit's client does it (0.31); nothing is deleted when what the index leads to cannot be read.
 * @throws {BktuiError} "io", "not-found" without an index.
 */
export async function deleteUnreferenced(directory: string): Promise<void> {
  const used = new Set<string>();
  const left: unknown[] = [...(await readIndex(directory))];
  while (left.length > 0) {
    const entry = left.pop();
    const digest = isRecord(entry) ? entry["digest"] : undefined;
    if (!isRecord(entry) || typeof digest !== "string" || used.has(digest)) continue;
    used.add(digest);
    if (LIST.test(String(entry["mediaType"]))) left.push(...(await entriesOf(directory, digest)));
  }
  for (const { digest } of await new ContentStore(directory).list())
    if (!used.has(digest)) await rm(pathOf(directory, digest), { force: true });
}

async function entriesOf(directory: string, digest: string): Promise<readonly unknown[]> {
  const path = pathOf(directory, digest);
  try {
    const list: unknown = JSON.parse(await readFile(path, "utf8"));
    if (!isRecord(list)) return [];
    const { config, layers, manifests } = list;
    return [config, layers, manifests].flat();
  } catch (error) {
    const why = error instanceof SyntaxError ? "it is no JSON" : describeSystemError(error);
    throw new BktuiError("io", `nothing was deleted in ${directory}: cannot read ${path}: ${why}`, {
      cause: error,
      hint: "the cache is exported; delete the directory to begin it anew",
    });
  }
}

/** @throws {BktuiError} "io" for what is no digest, which would lead out of the directory. */
function pathOf(directory: string, digest: string): string {
  const [, name] = DIGEST.exec(digest) ?? [];
  if (name === undefined)
    throw new BktuiError("io", `${directory}: ${JSON.stringify(digest)} is no sha256 digest`);
  return join(directory, "blobs", "sha256", name);
}
