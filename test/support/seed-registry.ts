import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { BktuiError, throwIfCancelled } from "../../src/base/errors.ts";

/** A root file system that becomes an image of one layer. */
export interface SeedImage {
  /** As in `FROM`, e.g. "busybox:1.36". */
  readonly reference: string;
  /** Directory with the root file system. */
  readonly rootfs: string;
  /** Default command. */
  readonly command: readonly string[];
  /** Under a list of platforms, as images for several have it; this machine's is the only one in it. */
  readonly listed?: boolean;
}

export interface SeededImage {
  readonly reference: string;
  /** Of the manifest; the same for the same files. */
  readonly digest: string;
}

interface Blob {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

const imagePath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** One fixed time for everything: the same files give the same digests. */
const epoch = "1970-01-01T00:00:00Z";
const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

/**
 * Writes images into a storage directory of docker-registry (distribution 2.8 and 3.0), which need not run.
 * Images that are there already are written again; others in the directory stay.
 * @throws {BktuiError} "usage" for a reference without tag, "io", "cancelled".
 */
export async function seedRegistry(
  directory: string,
  images: readonly SeedImage[],
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly SeededImage[]> {
  const seeded: SeededImage[] = [];
  for (const image of images) {
    throwIfCancelled(signal);
    seeded.push(await seedImage(join(directory, "docker/registry/v2"), image, signal));
  }
  return seeded;
}

async function seedImage(root: string, image: SeedImage, signal: AbortSignal): Promise<SeededImage> {
  const { repository, tag } = parseReference(image.reference);
  const { layer, diffId } = await writeLayer(root, image.rootfs, signal);
  const platform = { architecture: { x64: "amd64" }[arch()] ?? arch(), os: "linux" };
  const config = await writeJson(root, {
    ...platform,
    created: epoch,
    config: { Env: [imagePath], Cmd: image.command },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created: epoch, created_by: "bktui" }],
  });
  const manifest = await writeJson(root, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...config },
    layers: [{ mediaType: mediaTypes.layer, ...layer }],
  });
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{ mediaType: mediaTypes.manifest, ...manifest, platform }],
  };
  const tagged = image.listed === true ? await writeJson(root, index) : manifest;
  const links = [
    ...[layer, config].map(({ digest }) => ["_layers", digest] as const),
    ...[manifest, tagged].map(({ digest }) => ["_manifests/revisions", digest] as const),
    [`_manifests/tags/${tag}/index`, tagged.digest],
  ] as const;
  const base = join(root, "repositories", repository);
  for (const [place, digest] of links) await writeLink(join(base, place, digest.replace(":", "/")), digest);
  await writeLink(join(base, "_manifests/tags", tag, "current"), tagged.digest);
  return { reference: image.reference, digest: tagged.digest };
}

function parseReference(reference: string): { readonly repository: string; readonly tag: string } {
  const [, name, tag] = /^([a-z0-9]+(?:[._/-][a-z0-9]+)*):([\w][\w.-]{0,127})$/.exec(reference) ?? [];
  if (name === undefined || tag === undefined) {
    throw new BktuiError("usage", `"${reference}" is not an image name with a tag, like busybox:1.36`);
  }
  return { repository: name.includes("/") ? name : `library/${name}`, tag };
}

/** Names sorted, owner root, times fixed. */
async function writeLayer(
  root: string,
  rootfs: string,
  signal: AbortSignal,
): Promise<{ readonly layer: Blob; readonly diffId: string }> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const scratch = await mkdtemp(join(root, "layer-"));
  try {
    const args = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"];
    const child = spawn("tar", ["-C", rootfs, ...args, "-cf", "-", "."], {
      stdio: ["ignore", "pipe", "inherit"],
      signal,
    });
    const exited = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const plain = meter();
    const packed = meter();
    const file = join(scratch, "layer");
    const [status] = await Promise.all([
      exited,
      pipeline(child.stdout, plain.stream, createGzip({ level: 6 }), packed.stream, createWriteStream(file)),
    ]);
    if (status !== 0) throw new BktuiError("io", `tar of ${rootfs} ended with status ${status}`);
    const layer = packed.result();
    await mkdir(dirname(blobPath(root, layer.digest)), { recursive: true, mode: 0o700 });
    await rename(file, blobPath(root, layer.digest));
    return { layer, diffId: plain.result().digest };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Passes bytes on, counting and hashing them. */
function meter(): { readonly stream: Transform; result(): Blob } {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      hash.update(chunk);
      size += chunk.length;
      pass(null, chunk);
    },
  });
  return { stream, result: () => ({ digest: `sha256:${hash.digest("hex")}`, size }) };
}

async function writeJson(root: string, value: unknown): Promise<Blob> {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const path = blobPath(root, digest);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, bytes);
  return { digest, size: bytes.length };
}

function blobPath(root: string, digest: string): string {
  const hex = digest.slice("sha256:".length);
  return join(root, "blobs/sha256", hex.slice(0, 2), hex, "data");
}

async function writeLink(directory: string, digest: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, "link"), digest);
}
