/** Encodes and decodes the packets of a file transfer. */
import { BktuiError } from "../../base/errors.ts";
import type { BytePath } from "./byte-path.ts";
import { FieldReader } from "./field-reader.ts";

/**
 * fsutil.types.Packet by hand: this path runs once per file of a context, and its paths are bytes, which the generated
 * codec would take for UTF-8. Field numbers checked on the BuildKit of Docker 20.10 and 28.5.
 */
const packetType = { stat: 0, request: 1, data: 2, fin: 3, error: 4 } as const;

/** What the daemon is told about one file. Times in nanoseconds, mode as Go's os.FileMode. */
export interface FileStat {
  /** Relative, with slashes. */
  readonly path: BytePath;
  readonly mode: number;
  /** As announced: 0 for directories and for the later names of a hard-linked file. */
  readonly size: number;
  readonly modTimeNs: bigint;
  /** Target of a symbolic link, or the first path of a hard-linked file; "" for none. */
  readonly linkname: BytePath;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

/** What the daemon says during a transfer. */
export type ReceiverPacket =
  | { readonly kind: "request"; readonly id: number }
  | { readonly kind: "fin" }
  | { readonly kind: "error"; readonly message: string };

/** The end of the list of entries. */
export const endOfStats: Uint8Array = new Uint8Array(0);
export const FIN_PACKET: Uint8Array = Uint8Array.of(0x08, packetType.fin);

const VARINT32_BYTES = 5;
const VARINT64_BYTES = 10;
const MIN_SCRATCH_BYTES = 1024;

/** Encodes entries into one buffer that is reused: each result is valid until the next call. */
export class StatEncoder {
  #scratch = Buffer.allocUnsafeSlow(MIN_SCRATCH_BYTES);

  /** Owner and group are always 0, as other BuildKit clients send them; else the same files would have other cache keys. */
  encode(stat: FileStat): Uint8Array {
    const numbers = 5 * (1 + VARINT32_BYTES) + 3 * (1 + VARINT64_BYTES);
    const most = stat.path.length + stat.linkname.length + 2 * (1 + VARINT32_BYTES) + numbers;
    const outer = 1 + VARINT32_BYTES;
    if (this.#scratch.length < outer + most) this.#scratch = Buffer.allocUnsafeSlow(2 * (outer + most));
    const buffer = this.#scratch;
    let at = outer;
    at = putBytePath(buffer, at, 0x0a, stat.path);
    at = putNumber(buffer, at, 0x10, stat.mode);
    at = putNumber(buffer, at, 0x28, stat.size);
    at = putBigInt(buffer, at, 0x30, stat.modTimeNs);
    at = putBytePath(buffer, at, 0x3a, stat.linkname);
    at = putNumber(buffer, at, 0x40, stat.deviceMajor);
    at = putNumber(buffer, at, 0x48, stat.deviceMinor);
    const length = at - outer;
    // The header is as long as its length field needs; it is put right before what it describes.
    const start = outer - 1 - varintLength(length);
    buffer[start] = 0x12;
    putVarint(buffer, start + 1, length);
    return buffer.subarray(start, at);
  }
}

/** Room that `frameData` needs in front of the payload. */
export const DATA_HEADER_BYTES: number = 2 + 2 * (1 + VARINT32_BYTES);

/**
 * Puts the header of a DATA packet in front of a payload that lies at `dataHeaderBytes` in the buffer, so that file
 * contents are not copied once more. The result is a view of the buffer. No payload means the end of the file.
 */
export function frameData(buffer: Buffer, id: number, payloadBytes: number): Uint8Array {
  // The header is as long as its numbers need; it ends where the payload begins.
  const idBytes = id === 0 ? 0 : 1 + varintLength(id);
  const lengthBytes = payloadBytes === 0 ? 0 : 1 + varintLength(payloadBytes);
  const start = DATA_HEADER_BYTES - (2 + idBytes + lengthBytes);
  buffer[start] = 0x08;
  buffer[start + 1] = packetType.data;
  const at = putNumber(buffer, start + 2, 0x18, id);
  putNumber(buffer, at, 0x22, payloadBytes);
  return buffer.subarray(start, DATA_HEADER_BYTES + payloadBytes);
}

/** @throws {BktuiError} "engine" for anything the daemon may not send to a sender. */
export function decodeReceiverPacket(bytes: Uint8Array): ReceiverPacket {
  const reader = new FieldReader(bytes);
  let type = 0;
  let id = 0;
  let data: Uint8Array = endOfStats;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x08) type = reader.varint();
    else if (tag === 0x18) id = reader.varint();
    else if (tag === 0x22) data = reader.bytes();
    else reader.skip(tag);
  }
  switch (type) {
    case packetType.request:
      return { kind: "request", id };
    case packetType.fin:
      return { kind: "fin" };
    case packetType.error:
      return { kind: "error", message: Buffer.from(data).toString("utf8") };
    default:
      throw new BktuiError(
        "engine",
        `the engine sent a file packet of type ${type} to the sender of the files`,
      );
  }
}

function putVarint(buffer: Buffer, at: number, value: number): number {
  let rest = value;
  let to = at;
  // Not by shifts: a mode has bit 31 and a size has more than 32 bits.
  while (rest > 0x7f) {
    buffer[to] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
    to += 1;
  }
  buffer[to] = rest;
  return to + 1;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

function putNumber(buffer: Buffer, at: number, tag: number, value: number): number {
  if (value === 0) return at;
  buffer[at] = tag;
  return putVarint(buffer, at + 1, value);
}

function putBigInt(buffer: Buffer, at: number, tag: number, value: bigint): number {
  if (value === 0n) return at;
  let to = at + 1;
  buffer[at] = tag;
  // Two numbers of at most 35 and 29 bits: much cheaper than ten bigint divisions. Times before 1970 are two's complement.
  const unsigned = BigInt.asUintN(64, value);
  let low = Number(unsigned & 0x7ffffffffn);
  const high = Number(unsigned >> 35n);
  if (high === 0) return putVarint(buffer, to, low);
  for (let count = 0; count < 5; count += 1) {
    buffer[to] = (low % 128) | 0x80;
    low = Math.floor(low / 128);
    to += 1;
  }
  return putVarint(buffer, to, high);
}

function putBytePath(buffer: Buffer, at: number, tag: number, path: BytePath): number {
  if (path === "") return at;
  buffer[at] = tag;
  const to = putVarint(buffer, at + 1, path.length);
  return to + buffer.write(path, to, "latin1");
}
