/** The index.json of an OCI layout: which image has which name. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { isRecord } from "./docker-config.ts";
import { describeSystemError } from "./files/file-problem.ts";

/** What the index says of one image. */
export interface IndexedImage {
  readonly digest: string;
  readonly [key: string]: unknown;
}

const INDEX = "index.json";
const CONTAINERD_NAME = "io.containerd.image.name";
const REF_NAME = "org.opencontainers.image.ref.name";

/**
 * The digest behind a tag; the only image when none has that tag, as buildx 0.37 finds it.
 * @throws {BktuiError} "not-found" or "io"; names the directory and what is in it.
 */
export async function digestInLayout(directory: string, tag: string): Promise<string> {
  const images = await readIndex(directory);
  const named = (annotation: string): IndexedImage | undefined =>
    images.find((image) => annotationsOf(image)[annotation] === tag);
  const only = images.length === 1 ? images[0] : undefined;
  const found = named(CONTAINERD_NAME) ?? named(REF_NAME) ?? only;
  if (found !== undefined) return found.digest;
  const tags = images
    .map((image) => annotationsOf(image)[REF_NAME])
    .filter((name) => typeof name === "string");
  throw new BktuiError("not-found", `no image "${tag}" in the OCI layout ${directory}`, {
    hint:
      tags.length === 0
        ? "name one by its digest: @sha256:…"
        : `there are ${tags.join(", ")}: write :TAG behind the path`,
  });
}

/** @throws {BktuiError} "not-found" where there is no index, "io". */
export async function readIndex(directory: string): Promise<readonly IndexedImage[]> {
  const path = join(directory, INDEX);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new BktuiError(
      isMissing ? "not-found" : "io",
      isMissing
        ? `${directory} is no OCI layout: it has no ${INDEX}`
        : `cannot read ${path}: ${describeSystemError(error)}`,
      { cause: error, hint: "make one with: docker buildx build -o type=oci,tar=false,dest=DIRECTORY" },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BktuiError("io", `${path} is no JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  const manifests: unknown = isRecord(json) ? json["manifests"] : undefined;
  return Array.isArray(manifests) ? manifests.filter(isImage) : [];
}

/**
 * Writes an image into the index under a tag, in place of one that had it. Makes what a layout needs.
 * @param name the whole name, for containerd
 * @throws {BktuiError} "io".
 */
export async function putInIndex(
  directory: string,
  image: IndexedImage,
  tag: string,
  name?: string,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const known = await readIndex(directory).catch((error: unknown) => {
    if (error instanceof BktuiError && error.code === "not-found") return [];
    throw error;
  });
  const others = known.filter(
    (each) => annotationsOf(each)[REF_NAME] !== tag || annotationsOf(each)[CONTAINERD_NAME] !== name,
  );
  const containerd = name === undefined ? {} : { [CONTAINERD_NAME]: name };
  const named = { ...image, annotations: { ...annotationsOf(image), ...containerd, [REF_NAME]: tag } };
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [...others, named],
  };
  try {
    await writeFile(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    const path = join(directory, INDEX);
    await writeFile(`${path}.new`, JSON.stringify(index));
    await rename(`${path}.new`, path);
  } catch (error) {
    throw new BktuiError("io", `cannot write ${join(directory, INDEX)}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

function isImage(value: unknown): value is IndexedImage {
  return (
    isRecord(value) && typeof value["digest"] === "string" && /^sha256:[a-f0-9]{64}$/.test(value["digest"])
  );
}

function annotationsOf(image: IndexedImage): Readonly<Record<string, unknown>> {
  return isRecord(image["annotations"]) ? image["annotations"] : {};
}
