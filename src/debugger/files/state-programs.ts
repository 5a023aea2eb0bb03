/**
 * Two states of a step, listed, compared and read by processes: with the programs of BASE, or of the debug root where
 * BASE lacks one, in a container in which both states lie side by side.
 */
import { randomUUID } from "node:crypto";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../base/errors.ts";
import { inSlices } from "../../base/slices.ts";
import { type Build, type Process, STATES_AT, type StatesSource } from "../../engine/engine.ts";
import type { Listing } from "./listing.ts";
import { parseStats } from "./stats.ts";

interface Signal {
  readonly signal: AbortSignal;
}

export interface BothListings {
  readonly base: Listing;
  readonly other: Listing;
}

/** A state with more names than this holds cannot be listed. */
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

const PROGRAMS = "find stat xargs sha256sum cmp tail head";
/** Nothing is said when a program is missing that these scripts need. */
const CHECK = `for program in ${PROGRAMS}; do command -v "$program" >/dev/null 2>&1 || exit 0; done`;
/**
 * `$1` begins each record and cannot be forged by a name: it is made when the files exist already.
 */
const LIST = `
${CHECK}
for state in ${STATES_AT.base} ${STATES_AT.other}; do
  cd "$state" && stat -c %f . >/dev/null 2>&1 || exit 0
  find . ! -type l -exec stat -c "$1 %f %u %g %s %y %n" {} + 2>/dev/null
  find . -type l -exec stat -c "$1 %f %u %g %s %y %n$1 %N" {} + 2>/dev/null
  echo "$1 end"
done
exit 0`;
/** The paths, each with a NUL behind it, come on standard input. */
const HASH = `
${CHECK}
cat > /.bktui/paths
for state in ${STATES_AT.base} ${STATES_AT.other}; do
  cd "$state" || exit 0
  xargs -0 sha256sum < /.bktui/paths 2>/dev/null
  echo end
done
exit 0`;
/** For names that a line cannot hold. */
const COMPARE = `
for path; do
  if cmp -s "${STATES_AT.base}$path" "${STATES_AT.other}$path"; then printf =; else printf x; fi
done
exit 0`;
/** Arguments of one process: far below what any kernel takes. */
const MOST_ARGUMENTS = 200;
const READ = `tail -c "+$2" "${STATES_AT.other}$1" 2>/dev/null | head -c "$3"; exit 0`;
const PIECE_BYTES = 64 * 1024;
/** Of SHA-256 in hexadecimal, two blanks and the point of a relative path. */
const HASH_LENGTH = 64 + 2 + 1;
/** What the programs would say otherwise in the language and the time of the image. */
const ENVIRONMENT = ["LC_ALL=C", "TZ=UTC0", "QUOTING_STYLE=literal"];

/** Runs programs of BASE or of the debug root over two states, each in a container of its own. */
export class StatePrograms {
  readonly #build: Pick<Build, "container">;
  readonly #source: StatesSource;
  /** Whose programs are used: those of BASE, or of the debug root. */
  #debugRoot: "root" | undefined;

  constructor(build: Pick<Build, "container">, source: StatesSource) {
    this.#build = build;
    this.#source = source;
  }

  /** @throws {BktuiError} "not-now" when neither BASE nor the debug root has the programs that are needed. */
  async listed({ signal }: Signal): Promise<BothListings> {
    return await this.#either(async () => {
      const mark = randomUUID();
      const output = await this.#run([LIST, "sh", mark], { signal });
      const [base, other] = await inSlices(parseStats(output, mark), { signal });
      return base === undefined || other === undefined ? undefined : { base, other };
    });
  }

  /** The paths whose content is the same in both states. @throws {BktuiError} "not-now" as `listed`. */
  async same(paths: readonly string[], { signal }: Signal): Promise<ReadonlySet<string>> {
    const odd = paths.filter((path) => /[\n\\]/.test(path));
    const plain = odd.length === 0 ? paths : paths.filter((path) => !/[\n\\]/.test(path));
    const same = new Set(plain.length === 0 ? [] : await this.#sameHash(plain, { signal }));
    for (let from = 0; from < odd.length; from += MOST_ARGUMENTS) {
      const batch = odd.slice(from, from + MOST_ARGUMENTS);
      const answers = (await this.#run([COMPARE, "sh", ...batch], { signal })).toString("latin1");
      for (const [index, path] of batch.entries()) if (answers[index] === "=") same.add(path);
    }
    return same;
  }

  async #sameHash(paths: readonly string[], { signal }: Signal): Promise<readonly string[]> {
    const input = Buffer.from(paths.map((path) => `.${path}\0`).join(""));
    return await this.#either(async () => {
      const output = await this.#run([HASH, "sh"], { signal, input });
      return await inSlices(equalHashes(output.toString("utf8")), { signal });
    });
  }

  /** Bytes of a file of the other state, from `offset`; fewer than `length` only at its end. */
  async read(
    path: string,
    { offset, length, signal }: Signal & { readonly offset: number; readonly length: number },
  ): Promise<Buffer> {
    return await this.#run([READ, "sh", path, String(offset + 1), String(length)], { signal });
  }

  /** Work that answers undefined when a program is missing. */
  async #either<T>(work: () => Promise<T | undefined>): Promise<T> {
    if (this.#debugRoot === undefined) {
      const found = await work().catch((error: unknown) => {
        // The engine's way to say that there is no such program.
        if (toBktuiError(error).code === "engine") return undefined;
        throw error;
      });
      if (found !== undefined) return found;
    }
    this.#debugRoot = "root";
    try {
      const found = await work();
      if (found !== undefined) return found;
    } catch (error) {
      const { code, message, hint } = toBktuiError(error);
      if (code !== "engine" && code !== "unsupported" && code !== "io") throw error;
      throw lacking(`BASE lacks a shell with find and stat, and ${message}`, { cause: error, hint });
    }
    throw lacking(`neither BASE nor the debug root has a shell with ${PROGRAMS}`, {});
  }

  /** A container per process: an engine ends it with its first process. */
  async #run(
    script: readonly string[],
    { signal, input }: Signal & { readonly input?: Uint8Array },
  ): Promise<Buffer> {
    await using container = await this.#build.container(this.#source, { signal, debugRoot: this.#debugRoot });
    const args = ["/bin/sh", "-c", ...script];
    const pipes = { args, env: ENVIRONMENT, terminal: undefined, exact: true } as const;
    const stop = (): void => void container[Symbol.asyncDispose]();
    signal.addEventListener("abort", stop);
    try {
      const process = await container.start(input === undefined ? pipes : { ...pipes, input: true }, {
        signal,
      });
      if (input !== undefined) give(process, input);
      return await outputOf(process);
    } finally {
      signal.removeEventListener("abort", stop);
      throwIfCancelled(signal);
    }
  }
}

/** In pieces that any engine takes as one message. */
function give(process: Process, input: Uint8Array): void {
  for (let at = 0; at < input.length; at += PIECE_BYTES) process.write(input.subarray(at, at + PIECE_BYTES));
  process.endInput();
}

async function outputOf(process: Process): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  process.onData((chunk) => {
    bytes += chunk.length;
    if (bytes <= MOST_OUTPUT_BYTES) chunks.push(chunk);
  });
  await process.exited;
  if (bytes > MOST_OUTPUT_BYTES)
    throw new BktuiError("unsupported", "there are too many files in this state");
  return Buffer.concat(chunks);
}

/** Of both states' lines, `HASH  ./path`, those that are in both. */
function* equalHashes(output: string): Generator<undefined, readonly string[] | undefined> {
  const [base, failed, rest] = output.split(/^end\n/m);
  if (base === undefined || failed === undefined || rest === undefined) return undefined;
  const before = new Set(base.split("\n"));
  yield;
  const same: string[] = [];
  for (const [index, line] of failed.split("\n").entries()) {
    if (line !== "" && before.has(line)) same.push(line.slice(HASH_LENGTH));
    if (index % MOST_ARGUMENTS === 0) yield;
  }
  return same;
}

function lacking(
  why: string,
  { cause, hint }: { readonly cause?: unknown; readonly hint?: string | undefined },
): BktuiError {
  const message = `the engine shows the files of this state to processes only: ${why}`;
  const other = "BASE can be looked at, and another program of the image can be run in FAILED (exec).";
  return new BktuiError("not-now", message, { cause, hint: hint ?? other });
}
