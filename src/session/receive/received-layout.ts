/** An image's OCI layout that the daemon writes blob by blob. */
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { CallRefused, grpcCode } from "../attachable.ts";
import { ContentStore } from "../content-store.ts";
import { type IndexedImage, putInIndex } from "../oci-index.ts";
import type { Receiver } from "./file-send.ts";
import { removeLeft, temporaryName } from "./temporary-names.ts";

const BLOBS = join("blobs", "sha256");

/**
 * Receives a layout into a directory (`type=oci,tar=false`). Its blobs come over the session's content service, into a store
 * beside their place; they and the image's entry in the index are put there at the end. Other images in it stay.
 */
export class LayoutReceiver implements Receiver {
  readonly problem = undefined;
  readonly bytes = 0;
  readonly path: string;
  /** For the content service, as "export". */
  readonly store: ContentStore;
  readonly #staging: string;

  /** @param path absolute */
  constructor(path: string) {
    this.path = path;
    if (existsSync(path)) removeLeft(realpathSync(path));
    this.#staging = join(path, temporaryName());
    this.store = new ContentStore(this.#staging, { writable: true });
  }

  async receive(): Promise<void> {
    throw new CallRefused(grpcCode.permissionDenied, "this output is not sent as files");
  }

  /** @throws {BktuiError} "engine" when the image is not among what has come. */
  async commit(answer: Readonly<Record<string, string>>): Promise<void> {
    const image = describedImage(answer["containerimage.descriptor"]);
    const staged = join(this.#staging, BLOBS);
    const blobs = existsSync(staged) ? readdirSync(staged) : [];
    const place = join(this.path, BLOBS);
    const isHere = blobs.includes(image.digest.slice("sha256:".length));
    if (!isHere)
      throw new BktuiError(
        "engine",
        `the engine says that it is done, and has not sent all for ${this.path}`,
      );
    mkdirSync(place, { recursive: true, mode: 0o755 });
    for (const name of blobs) renameSync(join(staged, name), join(place, name));
    const names = (answer["image.name"] ?? "").split(",").filter((name) => name !== "");
    if (names.length === 0) await putInIndex(this.path, image, "latest");
    for (const name of names) await putInIndex(this.path, image, tagOf(name), name);
    rmSync(this.#staging, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#staging, { recursive: true, force: true });
    removeEmpty(this.path);
  }
}

/** What the exporter says of its image: JSON in base64 (BuildKit >= 0.11). */
function describedImage(text = ""): IndexedImage {
  try {
    const image: unknown = JSON.parse(Buffer.from(text, "base64").toString("utf8"));
    if (isImage(image)) return image;
  } catch {
    // Told below.
  }
  throw new BktuiError("engine", "the engine does not say which image it has sent");
}

function isImage(value: unknown): value is IndexedImage {
  return (
    typeof value === "object" &&
    value !== null &&
    "digest" in value &&
    typeof value.digest === "string" &&
    /^sha256:[a-f0-9]{64}$/.test(value.digest)
  );
}

/** As containerd has it: the tag alone is an image's name within a layout. */
function tagOf(name: string): string {
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(colon + 1) : name;
}

/** A directory that was made for nothing, and those above it. One that was there before and is empty is made again when needed. */
function removeEmpty(innermost: string): void {
  for (let path = innermost; path !== dirname(path); path = dirname(path)) {
    try {
      rmdirSync(path);
    } catch {
      return;
    }
  }
}
