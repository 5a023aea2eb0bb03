/** The output of the capturing script as the archive that it is, with the script's last words taken off. */
import { BktuiError, toBktuiError } from "../../../base/errors.ts";
import type { Process } from "../../engine.ts";
import type { CaptureEnd } from "./capture-script.ts";

/** What waits for the engine to take it: above this the process waits too. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;
const MOST_LAST_WORDS = 64 * 1024;
/** An archive ends with two empty blocks. */
const END_OF_TAR = Buffer.alloc(1024);
const BLOCK_BYTES = 512;
/** Below what any engine takes in one message. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * The directory itself as the first entry. An archive without any entry would not be taken for one; and that of the root
 * changes nothing where it is unpacked.
 */
function rootEntry(): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write("./", 0, "latin1");
  block.write("0000755\0", 100, "latin1");
  block.write("0000000\0", 108, "latin1");
  block.write("0000000\0", 116, "latin1");
  block.write("00000000000\0", 124, "latin1");
  block.write("00000000000\0", 136, "latin1");
  block.write("        ", 148, "latin1");
  block.write("5", 156, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/**
 * The bytes of the tar, as fast as they are taken; never more than a few megabytes of it are in memory. `onEnd` gets the
 * script's last words before the iteration ends.
 * @throws {BktuiError} "engine" when the archive is not whole, or tar has failed.
 */
export async function* tarOf(
  process: Process,
  {
    mark,
    onBytes,
    onEnd,
  }: {
    readonly mark: string;
    /** Told of the bytes so far. */
    readonly onBytes: (bytes: number) => void;
    readonly onEnd: (end: CaptureEnd) => void;
  },
): AsyncGenerator<Uint8Array> {
  const output = chunksOf(process);
  const sign = Buffer.from(`\n${mark} `, "latin1");
  let held: Buffer = Buffer.alloc(0);
  let tail: Buffer = Buffer.alloc(0);
  let bytes = 0;
  let words: Buffer | undefined;
  yield rootEntry();
  for await (const chunk of output) {
    if (words !== undefined) {
      if (words.length < MOST_LAST_WORDS) words = Buffer.concat([words, chunk]);
      continue;
    }
    const all: Buffer = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    const at = all.indexOf(sign);
    const ready = all.subarray(0, at >= 0 ? at : Math.max(0, all.length - sign.length + 1));
    held = all.subarray(ready.length);
    if (at >= 0) words = held.subarray(sign.length);
    bytes += ready.length;
    onBytes(bytes);
    for (let from = 0; from < ready.length; from += CHUNK_BYTES)
      yield ready.subarray(from, from + CHUNK_BYTES);
    tail = Buffer.concat([tail, ready.subarray(-END_OF_TAR.length)]).subarray(-END_OF_TAR.length);
  }
  const end = lastWords(words);
  if (bytes > 0 && !tail.equals(END_OF_TAR)) throw incomplete(end);
  if (bytes === 0 && end.exitCode !== 0) throw incomplete(end);
  if (bytes === 0) yield END_OF_TAR;
  onEnd(end);
}

function lastWords(words: Buffer | undefined): CaptureEnd {
  const [, program = "", code = "", said = ""] =
    /^(gnu|other) (\d+) ([\s\S]*)$/.exec(words?.toString() ?? "") ?? [];
  if (program === "")
    throw new BktuiError("engine", "the container that has the state ended before all of it was read", {
      hint: "The state is kept: try again.",
    });
  return { program: program === "gnu" ? "gnu" : "other", exitCode: Number(code), said };
}

function incomplete({ exitCode, said }: CaptureEnd): BktuiError {
  const why = said === "" ? `it ended with ${exitCode}` : said.split("\n").slice(-2).join(" ");
  return new BktuiError("engine", `tar could not read the state: ${why}`);
}

async function* chunksOf(process: Process): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let held = 0;
  let isPaused = false;
  let wake = (): void => undefined;
  let ended: { readonly error: unknown } | undefined;
  process.onData((chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held > MOST_HELD_BYTES && !isPaused) {
      isPaused = true;
      process.pause();
    }
    wake();
  });
  const end = (error: unknown): void => {
    ended = { error };
    wake();
  };
  process.exited.then(() => end(undefined), end);
  for (;;) {
    const chunk = chunks.shift();
    if (chunk !== undefined) {
      held -= chunk.length;
      yield chunk;
      continue;
    }
    if (ended !== undefined) {
      if (ended.error !== undefined) throw toBktuiError(ended.error, "engine");
      return;
    }
    if (isPaused) {
      isPaused = false;
      process.resume();
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
      // What came meanwhile is not to be waited for.
      if (chunks.length > 0 || ended !== undefined) resolve();
    });
  }
}
