/** Reads the fields of a protobuf message by hand, for messages whose strings are bytes. */
import { BktuiError } from "../../base/errors.ts";

/** A cursor over the fields of one message. @throws {BktuiError} "engine" for what is no message. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** 0 at the end. */
  tag(): number {
    return this.#at >= this.#bytes.length ? 0 : this.varint();
  }

  /** Up to 2^53; BuildKit's are 32 bits. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new BktuiError("engine", "the engine sent a file packet that cannot be decoded");
  }

  /** An int64, negative ones in two's complement. */
  int64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new BktuiError("engine", "the engine sent a file packet that cannot be decoded");
  }

  /** A view, no copy. */
  bytes(): Uint8Array {
    const length = this.varint();
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      throw new BktuiError("engine", "the engine sent a file packet that is cut short");
    }
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === 0) this.int64();
    else if (wireType === 2) this.bytes();
    else throw new BktuiError("engine", `the engine sent a file packet with an unknown field ${tag >>> 3}`);
  }
}
