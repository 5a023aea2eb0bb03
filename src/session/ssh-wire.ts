/** The data types of SSH's protocols (RFC 4251): strings, numbers and integers of any size. */

/** Reads one after the other. Throws a RangeError when there is less than is read. */
export class SshReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  string(): Buffer {
    const length = this.uint32();
    if (this.#at + length > this.#bytes.length) throw new RangeError("a string ends behind its message");
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  text(): string {
    return this.string().toString("latin1");
  }

  /** A positive integer's bytes, without the zero that keeps it positive. */
  integer(): Buffer {
    const value = this.string();
    return value[0] === 0 ? value.subarray(1) : value;
  }
}

export function sshUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function sshString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([sshUint32(bytes.length), bytes]);
}

/** @param magnitude big-endian, with any number of zeros in front. */
export function sshInteger(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length && magnitude[start] === 0) start += 1;
  const bytes = magnitude.subarray(start);
  const first = bytes[0] ?? 0;
  return sshString(first >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}
