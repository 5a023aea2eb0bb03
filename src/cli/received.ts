/** What came in place of files, on standard input or in a bake file: a Dockerfile or a context, kept in a private copy. */
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { mkdir, open, rename, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { BktuiError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { usageError } from "../console/bad-values.ts";
import type { InputStream } from "../plain/lines/line-input.ts";

/** A tar's header is one block. */
const BLOCK_BYTES = 512;
const CHECKSUM = { start: 148, end: 156 } as const;
/** What the engine unpacks besides a plain tar (BuildKit 0.8 to 0.32): bzip2, gzip, xz. */
const COMPRESSED: readonly Buffer[] = ["425a68", "1f8b08", "fd377a585a00"].map((hex) =>
  Buffer.from(hex, "hex"),
);

const STDIN = "standard input";

export type Received = { readonly kind: "archive" | "dockerfile" | "definition"; readonly path: string };

/** It on disk, for this user alone. Disposing deletes it, and so does the end of the process. */
export class ReceivedInput implements Disposable {
  readonly #directory: string;
  readonly #remove = (): void => rmSync(this.#directory, { recursive: true, force: true });
  readonly received: Received;
  /** Where it came from, for people. */
  readonly of: string;

  /** A Dockerfile's text. @throws {BktuiError} "io" when it cannot be kept. */
  static async dockerfile(text: string, of: string): Promise<ReceivedInput> {
    const directory = mkdtempSync(join(tmpdir(), "bktui-input-"));
    const path = join(directory, "Dockerfile");
    try {
      await writeFile(path, text, { mode: 0o600 });
      return new ReceivedInput(directory, { kind: "dockerfile", path }, of);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw notKept(of, directory, error);
    }
  }

  /** @throws {BktuiError} "usage" when nothing came, "io" when it cannot be kept, "cancelled". */
  static async read(
    stdin: InputStream,
    { signal, isDefinition = false }: { readonly signal: AbortSignal; readonly isDefinition?: boolean },
  ): Promise<ReceivedInput> {
    const directory = mkdtempSync(join(tmpdir(), "bktui-input-"));
    try {
      const path = join(directory, "input");
      const sink = createWriteStream(path, { mode: 0o600 });
      if (isDefinition) await pipeline(stdin, atMost(limits.definitionBytes), sink, { signal });
      else await pipeline(stdin, sink, { signal });
      // What is in it is looked at by who reads it.
      const received = isDefinition ? ({ kind: "definition", path } as const) : await kept(directory, path);
      return new ReceivedInput(directory, received, STDIN);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      if (signal.aborted) throw signal.reason;
      if (error instanceof BktuiError) throw error;
      throw notKept(STDIN, directory, error);
    }
  }

  private constructor(directory: string, received: Received, of: string) {
    this.of = of;
    this.#directory = directory;
    this.received = received;
    process.once("exit", this.#remove);
  }

  /** A directory without anything: the context of a Dockerfile that came alone. */
  async emptyDirectory(): Promise<string> {
    const path = join(this.#directory, "context");
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** For what belongs to it, e.g. an image; empty, and gone with it. */
  async directory(name: string): Promise<string> {
    const path = join(this.#directory, name);
    await mkdir(path, { mode: 0o700 });
    return path;
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#remove);
    this.#remove();
  }
}

/** Passes on what comes, and fails beyond so many bytes. */
function atMost(maxBytes: number): (pieces: AsyncIterable<Uint8Array | string>) => AsyncIterable<Uint8Array> {
  return async function* (pieces) {
    let bytes = 0;
    for await (const piece of pieces) {
      const buffer = Buffer.from(piece);
      bytes += buffer.length;
      if (bytes > maxBytes)
        throw new BktuiError(
          "bad-request",
          `${STDIN} holds more than the ${maxBytes} bytes that bktui reads`,
          {
            hint: "is this a definition? BuildKit takes 16 MiB of operations",
          },
        );
      yield buffer;
    }
  };
}

function notKept(of: string, directory: string, error: unknown): BktuiError {
  const why = error instanceof Error ? error.message : String(error);
  return new BktuiError("io", `cannot keep ${of} in ${directory}: ${why}`, {
    cause: error,
    hint: "set TMPDIR to a directory with room for it",
  });
}

/** A Dockerfile gets the name that docker gives it, in a directory of its own. */
async function kept(directory: string, path: string): Promise<Received> {
  if ((await stat(path)).size === 0)
    throw usageError("standard input is empty", "pipe a Dockerfile or a tar into it");
  if (isArchive(await readStart(path))) return { kind: "archive", path };
  const own = join(directory, "dockerfile");
  await mkdir(own, { mode: 0o700 });
  await rename(path, join(own, "Dockerfile"));
  return { kind: "dockerfile", path: join(own, "Dockerfile") };
}

async function readStart(path: string): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Whether it begins like a tar, or a compressed one. A Dockerfile begins with printable text. */
export function isArchive(start: Uint8Array): boolean {
  const bytes = Buffer.from(start);
  if (COMPRESSED.some((magic) => bytes.subarray(0, magic.length).equals(magic))) return true;
  if (bytes.length < BLOCK_BYTES) return false;
  const told = Number.parseInt(
    bytes.toString("latin1", CHECKSUM.start, CHECKSUM.end).replace(/[\0 ]+/g, ""),
    8,
  );
  let sum = 0;
  for (const [at, byte] of bytes.subarray(0, BLOCK_BYTES).entries())
    sum += at >= CHECKSUM.start && at < CHECKSUM.end ? 0x20 : byte;
  return told === sum;
}
