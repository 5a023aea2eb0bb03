/** An archive of one image as a docker gives it, written anew: under another name, or as an OCI layout. */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { posix } from "node:path";
import { BktuiError } from "../../../base/errors.ts";
import type { ByteSink } from "../../../session/receive/received-file.ts";
import { TarWriter } from "../../../session/tar-writer.ts";

const BLOCK = 512;
/** Of a manifest or a configuration. */
const MOST_JSON = 8 * 1024 * 1024;
const MOST_ENTRIES = 10_000;
const OCI = "application/vnd.oci.image.";

/** Where the content of a name lies; of a link, whose content it has. */
interface Entry {
  readonly at: number;
  readonly size: number;
  readonly link: string | undefined;
}

interface Layer {
  readonly entry: Entry;
  /** `sha256:…` of its uncompressed tar, which is what docker gives. */
  readonly digest: string;
}

export interface RewrittenImage {
  readonly kind: "docker" | "oci";
  /** With a tag, or without one. */
  readonly name: string;
}

/** @throws {BktuiError} "engine" when it is no archive of an image, "io" from the sink. */
export async function rewriteImage(
  path: string,
  sink: ByteSink,
  { kind, name }: RewrittenImage,
): Promise<void> {
  await using file = await open(path, "r");
  const entries = await entriesOf(file);
  const [described] = arrayOf(await jsonOf(file, entries, "manifest.json"));
  const configName = textOf(described, "Config");
  const config = await bytesOf(file, entryOf(entries, configName));
  const digests = arrayOf(fieldOf(fieldOf(parsed(config), "rootfs"), "diff_ids")).map(String);
  const layers = arrayOf(fieldOf(described, "Layers")).map((each, index): Layer => {
    const digest = digests[index];
    if (digest === undefined) throw noImage("it has more layers than its configuration");
    return { entry: entryOf(entries, String(each)), digest };
  });
  const once = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  const out = new TarWriter(sink);
  if (kind === "docker") {
    for (const { entry, digest } of once) await out.copy(`${hexOf(digest)}/layer.tar`, file, entry);
    const hex = createHash("sha256").update(config).digest("hex");
    await out.write(`${hex}.json`, config);
    const tagged = posix.basename(name).includes(":") ? name : `${name}:latest`;
    const Layers = layers.map(({ digest }) => `${hexOf(digest)}/layer.tar`);
    await out.write("manifest.json", json([{ Config: `${hex}.json`, RepoTags: [tagged], Layers }]));
  } else {
    for (const { entry, digest } of once) await out.copy(`blobs/sha256/${hexOf(digest)}`, file, entry);
    const described_ = await out.blob(`${OCI}config.v1+json`, config);
    const manifest = await out.blob(
      `${OCI}manifest.v1+json`,
      json({
        schemaVersion: 2,
        mediaType: `${OCI}manifest.v1+json`,
        config: described_,
        layers: layers.map(({ entry, digest }) => ({
          mediaType: `${OCI}layer.v1.tar`,
          digest,
          size: entry.size,
        })),
      }),
    );
    const manifests = [{ ...manifest, annotations: annotationsOf(name) }];
    await out.write("index.json", json({ schemaVersion: 2, mediaType: `${OCI}index.v1+json`, manifests }));
    await out.write("oci-layout", json({ imageLayoutVersion: "1.0.0" }));
  }
  await out.end();
}

/** As BuildKit's exporter has them. */
function annotationsOf(name: string): Readonly<Record<string, string>> {
  const [, tag = "latest"] = /:([^:/]+)$/.exec(name) ?? [];
  const tagged = /:[^:/]+$/.test(name) ? name : `${name}:latest`;
  const [first = ""] = name.split("/");
  const isHosted = name.includes("/") && /[.:]|^localhost$/.test(first);
  const whole = isHosted ? tagged : `docker.io/${name.includes("/") ? "" : "library/"}${tagged}`;
  return { "io.containerd.image.name": whole, "org.opencontainers.image.ref.name": tag };
}

async function entriesOf(file: FileHandle): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  const block = Buffer.alloc(BLOCK);
  let named: { readonly path?: string; readonly linkpath?: string; readonly size?: number } = {};
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(block, 0, BLOCK, at);
    if (bytesRead < BLOCK || block[0] === 0) return entries;
    const text = (from: number, length: number): string =>
      block.toString("utf8", from, from + length).replace(/\0.*$/s, "");
    const type = text(156, 1);
    const stated =
      block[124] === 0x80
        ? Number(block.readBigUInt64BE(128))
        : Number.parseInt(text(124, 12).trim() || "0", 8);
    const size = named.size ?? stated;
    if (!Number.isSafeInteger(size) || size < 0 || entries.size > MOST_ENTRIES)
      throw noImage("it makes no sense");
    at += BLOCK;
    if (type === "x") {
      named = recordsOf(await bytesOf(file, { at, size, link: undefined }));
    } else {
      const path = named.path ?? text(0, 100);
      const link = type === "2" || type === "1" ? (named.linkpath ?? text(157, 100)) : undefined;
      const target = link === undefined || type === "1" ? link : posix.join(posix.dirname(path), link);
      if (type === "0" || type === "" || link !== undefined)
        entries.set(posix.normalize(path), { at, size: link === undefined ? size : 0, link: target });
      named = {};
    }
    at += Math.ceil((type === "1" || type === "2" ? 0 : size) / BLOCK) * BLOCK;
  }
}

/** Records of an extended header, `LENGTH KEY=VALUE\n` each. */
function recordsOf(bytes: Buffer): { path?: string; linkpath?: string; size?: number } {
  const found: Record<string, string> = {};
  for (let at = 0; at < bytes.length; ) {
    const [whole = "", digits = ""] = /^(\d{1,9}) /.exec(bytes.toString("latin1", at, at + 12)) ?? [];
    const length = Number(digits);
    if (whole === "" || length <= whole.length) break;
    const record = bytes.toString("utf8", at + whole.length, at + length - 1);
    found[record.slice(0, record.indexOf("="))] = record.slice(record.indexOf("=") + 1);
    at += length;
  }
  const { path, linkpath, size } = found;
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkpath === undefined ? {} : { linkpath }),
    ...(size === undefined ? {} : { size: Number(size) }),
  };
}

function entryOf(entries: ReadonlyMap<string, Entry>, name: string, depth = 0): Entry {
  const entry = entries.get(posix.normalize(name));
  if (entry === undefined || depth > 10) throw noImage(`${JSON.stringify(name)} is not in it`);
  return entry.link === undefined ? entry : entryOf(entries, entry.link, depth + 1);
}

async function jsonOf(file: FileHandle, entries: ReadonlyMap<string, Entry>, name: string): Promise<unknown> {
  return parsed(await bytesOf(file, entryOf(entries, name)));
}

async function bytesOf(file: FileHandle, { at, size }: Entry): Promise<Buffer> {
  if (size > MOST_JSON) throw noImage("a description in it is too large");
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, at);
  if (bytesRead < size) throw noImage("it ends too early");
  return buffer;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw noImage("a description in it is no JSON", error);
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  if (typeof text === "string") return text;
  throw noImage(`its manifest has no ${name}`);
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function hexOf(digest: string): string {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (hex === undefined) throw noImage("a layer in it has no digest");
  return hex;
}

function noImage(why: string, cause?: unknown): BktuiError {
  return new BktuiError("engine", `docker gave no archive of an image: ${why}`, { cause });
}
