/** Writes a bundle: a record as docker exports records, with what is known besides in files of the same archive. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import { openFileSink } from "../../session/receive/received-file.ts";
import { temporaryName } from "../../session/receive/temporary-names.ts";
import { TarWriter } from "../../session/tar-writer.ts";
import type { Bundle, BundleOrder } from "../bundle.ts";
import { AlreadyThere } from "../failures.ts";
import { ABOUT_FILE, BUNDLE_FOLDER, STATE_FILE } from "./bundle-names.ts";
import { GzipSink } from "./gzip-sink.ts";
import { type Described, failureBytes, recordJson, reportBytes, TYPES } from "./record-parts.ts";

export interface WriteBundle extends BundleOrder {
  /** The build's options by the frontend's names. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Hides values of secrets. */
  masked(text: string): string;
}

/** They are made here, whatever the bundle is of. */
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9.-]{0,40}$/;

/** @throws {BktuiError} as `Engine.writeBundle`. */
export async function writeBundle(bundle: Bundle, order: WriteBundle): Promise<number> {
  const { path, force, state, signal } = order;
  await refuseExisting(path, force);
  await using sink = await openFileSink(path, { isPrivate: true });
  await using beside = await PrivateDirectory.beside(path);
  const reports = await reportsIn(bundle, beside, order);
  if (state !== undefined) await state(join(beside.path, STATE_FILE));
  using packed = new GzipSink(sink);
  const out = new TarWriter({
    write: async (data) => {
      throwIfCancelled(signal);
      await packed.write(data);
    },
  });
  await writeRecord(out, reports, bundle, order);
  for (const { name, text } of textsOf(bundle)) {
    if (!PLAIN_NAME.test(name)) throw new BktuiError("internal", `${JSON.stringify(name)} is no plain name`);
    await out.write(`${BUNDLE_FOLDER}/${name}`, Buffer.from(order.masked(text)));
  }
  if (state !== undefined) await copyIn(out, `${BUNDLE_FOLDER}/${STATE_FILE}`, beside);
  await out.end();
  await packed.end();
  await sink.end();
  // Somebody else may have put one there meanwhile.
  await refuseExisting(path, force);
  sink.commit();
  return sink.bytes;
}

async function refuseExisting(path: string, force: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile())
    throw new BktuiError("io", `${path} is no file that a bundle could take the place of`);
  if (there !== undefined && !force) throw new AlreadyThere([path]);
}

function textsOf({ texts, about, source }: Bundle): Bundle["texts"] {
  return [
    { name: ABOUT_FILE, text: about.map((line) => `${line}\n`).join("") },
    { name: "Dockerfile", text: source.text },
    ...texts,
  ];
}

/** Beside the file, for what has to be whole before it is put in; nobody else can look into it. */
class PrivateDirectory implements AsyncDisposable {
  readonly path: string;

  static async beside(path: string): Promise<PrivateDirectory> {
    const directory = new PrivateDirectory(join(dirname(path), temporaryName()));
    await mkdir(directory.path, { mode: 0o700 });
    return directory;
  }

  private constructor(path: string) {
    this.path = path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

interface Reports extends Described {
  readonly path: string;
}

/** A log may be larger than what is held in memory, and its digest is its name. */
async function reportsIn(
  bundle: Bundle,
  { path: directory }: PrivateDirectory,
  { masked, signal }: WriteBundle,
): Promise<Reports> {
  const path = join(directory, "reports");
  const hash = createHash("sha256");
  let size = 0;
  await using file = await open(path, "wx", 0o600);
  for (const bytes of reportBytes(bundle, masked)) {
    throwIfCancelled(signal);
    hash.update(bytes);
    size += bytes.length;
    await file.writeFile(bytes);
  }
  return { mediaType: TYPES.reports, digest: `sha256:${hash.digest("hex")}`, size, path };
}

async function writeRecord(
  out: TarWriter,
  reports: Reports,
  bundle: Bundle,
  { attributes, masked }: WriteBundle,
): Promise<void> {
  const { path, ...described } = reports;
  {
    await using file = await open(path, "r");
    await out.copy(nameOf(described), file, { at: 0, size: described.size });
  }
  const failure = await out.blob(TYPES.failure, failureBytes(bundle, masked));
  const pieces = { reports: described, failure };
  // As long as BuildKit's own, and as those in small letters.
  const ref = randomBytes(13).toString("hex").slice(0, 25);
  const record = recordJson(bundle, { ref, attributes, pieces, masked });
  const config = await out.blob(TYPES.record, Buffer.from(record));
  const layers = [described, failure];
  const manifest = await out.blob(
    TYPES.manifest,
    json({ schemaVersion: 2, mediaType: TYPES.manifest, config, layers }),
  );
  await out.write("index.json", json({ schemaVersion: 2, mediaType: TYPES.index, manifests: [manifest] }));
  await out.write("oci-layout", json({ imageLayoutVersion: "1.0.0" }));
}

async function copyIn(out: TarWriter, name: string, { path }: PrivateDirectory): Promise<void> {
  await using file = await open(join(path, STATE_FILE), "r");
  await out.copy(name, file, { at: 0, size: (await file.stat()).size });
}

function nameOf({ digest }: Described): string {
  return `blobs/sha256/${digest.slice("sha256:".length)}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
