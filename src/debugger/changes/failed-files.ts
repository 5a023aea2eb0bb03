/**
 * The files of a kept FAILED state. Engines show it to processes only (BuildKit 0.9 to 0.26), so it is listed, compared
 * and read by programs of BASE, in a container in which both states lie side by side.
 */
import { randomUUID } from "node:crypto";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../base/errors.ts";
import { inSlices } from "../../base/slices.ts";
import { type Build, type FilePart, type SolveFailed, STATES_AT } from "../../engine/engine.ts";
import type { Listing } from "./listing.ts";
import { parseStats } from "./stats.ts";

interface Signal {
  readonly signal: AbortSignal;
}

export interface BothListings {
  readonly base: Listing;
  readonly failed: Listing;
  readonly problems: readonly string[];
}

/** Arguments of one process: far below what any kernel takes. */
const BATCH = { paths: 500, characters: 60_000 };
/** A state with more names than this holds cannot be listed. */
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

/** `$1` begins each record and cannot be forged by a name: it is made when the files exist already. */
const LIST = `
for state in ${STATES_AT.base} ${STATES_AT.failed}; do
  cd "$state" || exit 0
  find . ! -type l -exec stat -c "$1 %f %u %g %s %y %n" {} + 2>/dev/null
  find . -type l -exec stat -c "$1 %f %u %g %s %y %n$1 %N" {} + 2>/dev/null
  echo "$1 end"
done
exit 0`;
const COMPARE = `
for path; do
  if cmp -s "${STATES_AT.base}$path" "${STATES_AT.failed}$path"; then printf =; else printf x; fi
done
exit 0`;
const READ = `tail -c "+$2" "${STATES_AT.failed}$1" 2>/dev/null | head -c "$3"; exit 0`;
/** What the programs would say otherwise in the language and the time of the image. */
const ENVIRONMENT = ["LC_ALL=C", "TZ=UTC0", "QUOTING_STYLE=literal"];

export class FailedFiles {
  readonly #build: Build;
  readonly #failure: SolveFailed;
  #listed: Promise<BothListings> | undefined;

  constructor(build: Build, failure: SolveFailed) {
    this.#build = build;
    this.#failure = failure;
  }

  /** @throws {BktuiError} "not-now" when BASE lacks the programs that are needed. */
  async listed({ signal }: Signal): Promise<BothListings> {
    const listing = this.#listed ?? this.#list({ signal });
    this.#listed = listing;
    try {
      return await listing;
    } catch (error) {
      if (this.#listed === listing) this.#listed = undefined;
      // Whoever still waits is not to suffer from one who has given up.
      if (toBktuiError(error).code === "cancelled" && !signal.aborted) return await this.listed({ signal });
      throw error;
    }
  }

  /** The paths whose content is the same in both states. */
  async same(paths: readonly string[], { signal }: Signal): Promise<ReadonlySet<string>> {
    const same = new Set<string>();
    for (const batch of batches(paths)) {
      const answers = (await this.#run([COMPARE, "sh", ...batch], { signal })).toString("latin1");
      for (const [index, path] of batch.entries()) if (answers[index] === "=") same.add(path);
    }
    return same;
  }

  /** @throws {BktuiError} "not-found" when it is no file. */
  async read(
    path: string,
    { offset, length, signal }: Signal & { readonly offset: number; readonly length: number },
  ): Promise<FilePart> {
    const { failed } = await this.listed({ signal });
    const real = failed.resolve(path);
    const entry = failed.entries.get(real);
    if (entry?.kind !== "file") throw new BktuiError("not-found", `${path} is no file`);
    const { size } = entry;
    if (offset >= size) return { bytes: new Uint8Array(), size };
    const bytes = await this.#run([READ, "sh", real, String(offset + 1), String(length)], { signal });
    if (bytes.length < Math.min(length, size - offset)) throw lacking("a shell with tail and head");
    return { bytes, size };
  }

  async #list({ signal }: Signal): Promise<BothListings> {
    const mark = randomUUID();
    const output = await this.#run([LIST, "sh", mark], { signal });
    const [base, failed] = await inSlices(parseStats(output, mark), { signal });
    if (base === undefined || failed === undefined) throw lacking("a shell with find and stat");
    return { base, failed, problems: [] };
  }

  /** A container per process: an engine ends it with its first process. */
  async #run(script: readonly string[], { signal }: Signal): Promise<Buffer> {
    await using container = await this.#build.container(
      { side: "states", failure: this.#failure },
      { signal },
    );
    const spec = { args: ["/bin/sh", "-c", ...script], env: ENVIRONMENT, terminal: undefined };
    const chunks: Uint8Array[] = [];
    const stop = (): void => void container[Symbol.asyncDispose]();
    signal.addEventListener("abort", stop);
    try {
      const process = await container.start(spec, { signal });
      let bytes = 0;
      process.onData((chunk) => {
        bytes += chunk.length;
        if (bytes <= MOST_OUTPUT_BYTES) chunks.push(chunk);
      });
      await process.exited;
      throwIfCancelled(signal);
      if (bytes > MOST_OUTPUT_BYTES)
        throw new BktuiError("unsupported", "there are too many files in FAILED");
      return Buffer.concat(chunks);
    } catch (error) {
      throwIfCancelled(signal);
      if (toBktuiError(error).code === "engine") throw lacking("a shell", error);
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}

function lacking(programs: string, cause?: unknown): BktuiError {
  const message = `the engine shows the files of FAILED to processes only, and BASE lacks ${programs}`;
  const hint = "BASE can be looked at, and another program of the image can be run in FAILED (exec).";
  return new BktuiError("not-now", message, { cause, hint });
}

function batches(paths: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let room = 0;
  for (const path of paths) {
    const last = all.at(-1);
    room -= path.length;
    if (last === undefined || room < 0 || last.length === BATCH.paths) {
      all.push([path]);
      room = BATCH.characters - path.length;
    } else last.push(path);
  }
  return all;
}
