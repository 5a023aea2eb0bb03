/** Bytes of a client to messages: `Content-Length: N`, an empty line, N bytes of JSON. Strict, and bounded in memory. */

/** What a message may have; longer ones are read past, without being held. */
export const MOST_MESSAGE_BYTES = 4 * 1024 * 1024;
const MOST_HEADER_BYTES = 4096;
/** Of one that is read past: where it says which request it is. */
const KEPT_BYTES = 1024;
/** No client means more: such a length is a broken header. */
const MOST_LENGTH = 2 ** 40;

/** `seq` and `command` as far as they can be made out, so that it can be answered. */
export interface Unreadable {
  readonly kind: "unreadable";
  readonly why: string;
  readonly seq: number | undefined;
  readonly command: string | undefined;
}

export type Read =
  | { readonly kind: "message"; readonly value: Readonly<Record<string, unknown>> }
  | Unreadable
  /** Where the next message begins is not known any more: nothing can be read behind it. */
  | { readonly kind: "broken"; readonly why: string };

const SEPARATOR = Buffer.from("\r\n\r\n");

/** One for each connection. */
export class MessageReader {
  #held: Buffer = Buffer.alloc(0);
  /** Of the message that is being read. */
  #length: number | undefined;
  /** Of one that is read past: bytes still to come, and its beginning. */
  #passing: { left: number; head: Buffer } | undefined;
  #isBroken = false;

  /** What a piece completes, in order. Nothing more behind a "broken". */
  push(piece: Uint8Array): readonly Read[] {
    if (this.#isBroken) return [];
    const found: Read[] = [];
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (this.#passing !== undefined) {
      rest = this.#pass(this.#passing, rest, found);
      if (rest.length === 0) return found;
    }
    this.#held = this.#held.length === 0 ? rest : Buffer.concat([this.#held, rest]);
    while (this.#takeOne(found)) {
      // As long as there is a whole one.
    }
    return found;
  }

  #takeOne(found: Read[]): boolean {
    if (this.#length === undefined && !this.#takeHeader(found)) return false;
    const length = this.#length ?? 0;
    if (length > MOST_MESSAGE_BYTES) {
      const passing = { left: length, head: Buffer.alloc(0) };
      this.#passing = passing;
      this.#length = undefined;
      const rest = this.#held;
      this.#held = Buffer.alloc(0);
      this.#held = this.#pass(passing, rest, found);
      return this.#held.length > 0;
    }
    if (this.#held.length < length) return false;
    const body = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    this.#length = undefined;
    found.push(parsed(body));
    return true;
  }

  /** False: not all of it is there, or it is broken. */
  #takeHeader(found: Read[]): boolean {
    const end = this.#held.indexOf(SEPARATOR);
    if (end < 0 && this.#held.length <= MOST_HEADER_BYTES) return false;
    const header =
      end < 0 || end > MOST_HEADER_BYTES ? undefined : this.#held.subarray(0, end).toString("latin1");
    const length = header === undefined ? "its header has no end" : lengthIn(header);
    if (typeof length === "string") {
      this.#isBroken = true;
      this.#held = Buffer.alloc(0);
      found.push({ kind: "broken", why: length });
      return false;
    }
    this.#held = this.#held.subarray(end + SEPARATOR.length);
    this.#length = length;
    return true;
  }

  /** Answers what lies behind it. */
  #pass(passing: { left: number; head: Buffer }, piece: Buffer, found: Read[]): Buffer {
    if (passing.head.length < KEPT_BYTES)
      passing.head = Buffer.concat([passing.head, piece.subarray(0, KEPT_BYTES - passing.head.length)]);
    const taken = Math.min(passing.left, piece.length);
    passing.left -= taken;
    if (passing.left > 0) return Buffer.alloc(0);
    this.#passing = undefined;
    const why = `the message is longer than ${MOST_MESSAGE_BYTES} bytes`;
    found.push({ kind: "unreadable", why, ...madeOut(passing.head) });
    return piece.subarray(taken);
  }
}

/** In bytes; else why there is none. */
function lengthIn(header: string): number | string {
  const lines = header.split("\r\n");
  const wrong = lines.find((line) => !/^[A-Za-z][A-Za-z0-9-]*:[ \t]*[\x20-\x7e]*$/.test(line));
  if (wrong !== undefined) return "its header is none of this protocol";
  const lengths = lines.flatMap((line) => /^content-length:[ \t]*(.*?)[ \t]*$/i.exec(line)?.[1] ?? []);
  const [text] = lengths;
  if (lengths.length !== 1 || text === undefined) return "its header has not one Content-Length";
  if (!/^\d{1,13}$/.test(text) || Number(text) > MOST_LENGTH) return "its Content-Length is no length";
  return Number(text);
}

function parsed(body: Buffer): Read {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { kind: "message", value: value as Readonly<Record<string, unknown>> };
    return { kind: "unreadable", why: "the message is no JSON object", seq: undefined, command: undefined };
  } catch {
    return { kind: "unreadable", why: "the message is no JSON", ...madeOut(body.subarray(0, KEPT_BYTES)) };
  }
}

function madeOut(head: Buffer): Pick<Unreadable, "seq" | "command"> {
  const text = head.toString("utf8");
  const seq = /"seq"\s*:\s*(\d{1,15})/.exec(text)?.[1];
  const isRequest = /"type"\s*:\s*"request"/.test(text);
  const command = /"command"\s*:\s*"([A-Za-z]{1,60})"/.exec(text)?.[1];
  return { seq: seq === undefined || !isRequest ? undefined : Number(seq), command };
}
