/** Archives of images from a dockerd whose engine writes none (its older image store): docker saves what it was given. */
import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cannotWrite, openFileSink } from "../../../session/receive/received-file.ts";
import { temporaryName } from "../../../session/receive/temporary-names.ts";
import type { Address } from "../../../transport/address.ts";
import { callDocker } from "../../../transport/docker-api.ts";
import type { MadeOutput, OutputSpec } from "../../outputs.ts";
import type { OutputAbilities } from "../exporters.ts";
import { rewriteImage } from "./image-archive.ts";

type Signal = { readonly signal: AbortSignal };

/** Of an image that is to be a file, and that only docker can write. */
export interface SavedImage {
  /** That of the file's name in docker's store, as long as it takes. */
  readonly temporary: string;
  readonly kind: "docker" | "oci";
  readonly name: string;
  readonly path: string;
}

const ENDING_MS = 10_000;

/** Undefined for an output that the engine makes itself. */
export function savedImage(
  { type, dest, attributes }: OutputSpec,
  { isDockerd, hasImageStore }: OutputAbilities,
): SavedImage | undefined {
  const isSaved = isDockerd && !hasImageStore && dest !== undefined && dest !== "-";
  if (!isSaved || (type !== "docker" && type !== "oci") || attributes["tar"] !== undefined) return undefined;
  const temporary = `bktui/export:${randomUUID()}`;
  return { temporary, kind: type, name: attributes["name"] ?? "", path: dest };
}

/** The output by which it gets into docker's store. */
export function intoStore({ temporary }: SavedImage): OutputSpec {
  return { type: "image", dest: undefined, attributes: { name: temporary } };
}

/** Lets docker save the image, and puts it in its place. @throws {BktuiError} "io" or "engine". */
export async function saveImage(docker: Address, image: SavedImage, { signal }: Signal): Promise<MadeOutput> {
  const { path, temporary } = image;
  await using sink = await openFileSink(path);
  const spool = join(dirname(path), temporaryName());
  const file = await open(spool, "wx", 0o600);
  try {
    const answer = await callDocker(docker, {
      method: "GET",
      path: `/images/${temporary}/get`,
      signal,
    });
    await writeAll(file, answer, path);
    await rewriteImage(spool, sink, image);
    await sink.end();
    signal.throwIfAborted();
    sink.commit();
  } finally {
    await file.close();
    await rm(spool, { force: true });
  }
  return { kind: "file", path, bytes: sink.bytes };
}

/** @param path that of the output, which is told when there is no room */
async function writeAll(file: FileHandle, chunks: AsyncIterable<unknown>, path: string): Promise<void> {
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) continue;
    await file.writeFile(chunk).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
  }
}

/** Takes the name away again, also when nothing else is answered any more. */
export async function forgetImage(docker: Address, { temporary }: SavedImage): Promise<void> {
  const signal = AbortSignal.timeout(ENDING_MS);
  const call = { method: "DELETE", path: `/images/${temporary}?force=1`, signal } as const;
  // It may never have come so far.
  await callDocker(docker, call).then(
    (answer) => void answer.resume(),
    () => undefined,
  );
}
