/** What an attached terminal and the process that draws on it send each other: a greeting, then frames of a type, a length and bytes. */
import { BktuiError } from "../base/errors.ts";
import { visibleLine } from "../base/visible.ts";

/** Both sides send it first. The number counts up when frames mean something else than before. */
export const GREETING = "bktui attach 1\n";
const GREETING_PATTERN = /^bktui attach (\d{1,9})\n/;
const GREETING_LIMIT = 32;

/** What a frame may carry; what is longer is sent in several. */
export const FRAME_LIMIT = 64 * 1024;
const HEAD_BYTES = 5;

const CODES = {
  /** From the terminal, first: its size, what it is, whether it only watches. */
  hello: 1,
  /** Bytes as they were typed. */
  input: 2,
  size: 3,
  /** The terminal is another program's now, and is ours again. */
  stopped: 4,
  resumed: 5,
  /** From the process: bytes for the terminal. */
  screen: 16,
  /** The user wants his shell back: Ctrl-Z. */
  stop: 17,
  /** The end, and why, in words. */
  bye: 18,
  /** In place of a screen: what runs here. */
  facts: 19,
} as const;

export type FrameType = keyof typeof CODES;

export interface Frame {
  readonly type: FrameType;
  readonly payload: Buffer;
}

const TYPES: ReadonlyMap<number, FrameType> = new Map([
  [CODES.hello, "hello"],
  [CODES.input, "input"],
  [CODES.size, "size"],
  [CODES.stopped, "stopped"],
  [CODES.resumed, "resumed"],
  [CODES.screen, "screen"],
  [CODES.stop, "stop"],
  [CODES.bye, "bye"],
  [CODES.facts, "facts"],
]);

/** One frame, or several where the bytes do not fit into one. */
export function framed(type: FrameType, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const parts: Uint8Array[] = [];
  let at = 0;
  do {
    const part = payload.subarray(at, at + FRAME_LIMIT);
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(CODES[type], 0);
    head.writeUInt32BE(part.length, 1);
    parts.push(head, part);
    at += FRAME_LIMIT;
  } while (at < payload.length);
  return Buffer.concat(parts);
}

/** A frame with a value as JSON. */
export function framedJson(type: FrameType, value: object): Buffer {
  return framed(type, Buffer.from(JSON.stringify(value), "utf8"));
}

/** Bytes to frames, whatever the chunks' borders. Keeps no more than a frame and a chunk. */
export class FrameReader {
  readonly #accepted: ReadonlySet<FrameType>;
  #rest: Buffer = Buffer.alloc(0);
  #greeted = false;

  /** @param accepted what the other side may send */
  constructor(accepted: readonly FrameType[]) {
    this.#accepted = new Set(accepted);
  }

  /** @throws {BktuiError} "unsupported" when the other side is no bktui, or one of another version. */
  push(chunk: Uint8Array): readonly Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (!this.#greeted && !this.#greet()) return [];
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #greet(): boolean {
    const text = this.#rest.subarray(0, GREETING_LIMIT).toString("latin1");
    const [line, version] = GREETING_PATTERN.exec(text) ?? [];
    if (line === GREETING) {
      this.#greeted = true;
      this.#rest = this.#rest.subarray(line.length);
      return true;
    }
    if (version !== undefined) throw otherVersion(version);
    if (GREETING.startsWith(text) || (/^bktui attach \d*$/.test(text) && text.length < GREETING_LIMIT))
      return false;
    throw new BktuiError("unsupported", `the other side is no bktui: it sends "${visibleLine(text)}"`);
  }

  #next(): Frame | undefined {
    if (this.#rest.length < HEAD_BYTES) return undefined;
    const type = TYPES.get(this.#rest.readUInt8(0));
    const length = this.#rest.readUInt32BE(1);
    if (type === undefined || length > FRAME_LIMIT || !this.#accepted.has(type))
      throw new BktuiError("unsupported", "the other side sends what is no frame of this bktui");
    if (this.#rest.length < HEAD_BYTES + length) return undefined;
    const payload = this.#rest.subarray(HEAD_BYTES, HEAD_BYTES + length);
    this.#rest = this.#rest.subarray(HEAD_BYTES + length);
    return { type, payload };
  }
}

function otherVersion(version: string): BktuiError {
  const own = GREETING_PATTERN.exec(GREETING)?.[1];
  return new BktuiError(
    "unsupported",
    `the other side attaches by version ${version}, this bktui by version ${own}`,
    { hint: "attach with the bktui that runs the build" },
  );
}
