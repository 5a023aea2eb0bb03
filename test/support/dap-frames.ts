/** How messages of the Debug Adapter Protocol are put on a stream and taken off it, as the tests' clients do it. */

/** A message as a client sends it. */
export function framed(message: unknown): Buffer {
  return framedText(JSON.stringify(message));
}

/** Any text behind a header that fits it. */
export function framedText(text: string): Buffer {
  const body = Buffer.from(text, "utf8");
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`, "latin1"), body]);
}

const HEADER = /^Content-Length: (\d+)\r\n\r\n/;
const LONGEST_HEADER = 40;

/** Takes pieces of a stream, answers the texts of whole messages. Stricter than the protocol: one header, as it is always written. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #needed = 0;

  /** @throws {Error} at anything that is no message. */
  push(piece: Uint8Array): readonly string[] {
    this.#pieces.push(Buffer.from(piece));
    this.#bytes += piece.length;
    if (this.#bytes < this.#needed) return [];
    let held = Buffer.concat(this.#pieces);
    const texts: string[] = [];
    for (;;) {
      const [header, digits] = HEADER.exec(held.subarray(0, LONGEST_HEADER).toString("latin1")) ?? [];
      if (header === undefined || digits === undefined) {
        if (held.length >= LONGEST_HEADER)
          throw new Error(`no header: ${held.subarray(0, 200).toString("utf8")}`);
        this.#needed = held.length + 1;
        break;
      }
      const end = header.length + Number(digits);
      this.#needed = end;
      if (held.length < end) break;
      texts.push(held.subarray(header.length, end).toString("utf8"));
      held = held.subarray(end);
      this.#needed = 0;
    }
    this.#pieces = [held];
    this.#bytes = held.length;
    return texts;
  }

  /** Bytes of a message that is not whole. */
  get left(): number {
    return this.#bytes;
  }
}
