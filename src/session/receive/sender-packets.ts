/** The packets of a file transfer as the receiver of the files reads and writes them. */
import { BktuiError } from "../../base/errors.ts";
import { type BytePath, fromBytes } from "../files/byte-path.ts";
import { FieldReader } from "../files/field-reader.ts";

/** One entry as the sender announces it. Owner and group do not count: what is received belongs to the user. */
export interface EntryStat {
  /** Relative, with slashes; nothing about it has been checked. */
  readonly path: BytePath;
  /** Go's os.FileMode. */
  readonly mode: number;
  /** Bytes; may be any number. */
  readonly size: number;
  readonly modTimeNs: bigint;
  /** Target of a symbolic link, or the path of the file that this is another name of; "" for none. */
  readonly linkname: BytePath;
  readonly attributes: readonly ExtendedAttribute[];
}

export interface ExtendedAttribute {
  readonly name: string;
  readonly value: Uint8Array;
}

/** What the sender of a tree says. `data` is a view of the packet; none of it is the end of the file. */
export type SenderPacket =
  | { readonly kind: "entry"; readonly stat: EntryStat }
  | { readonly kind: "announced" }
  | { readonly kind: "data"; readonly id: number; readonly data: Uint8Array }
  | { readonly kind: "fin" }
  | { readonly kind: "error"; readonly message: string };

/** fsutil.types.Packet, see proto/fsutil.proto. Field numbers checked on the BuildKit of Docker 20.10 and 28.5. */
const PACKET_TYPE = { stat: 0, request: 1, data: 2, fin: 3, error: 4 } as const;
const TAG = { type: 0x08, stat: 0x12, id: 0x18, data: 0x22 } as const;
const STAT_TAG = {
  path: 0x0a,
  mode: 0x10,
  size: 0x28,
  modTime: 0x30,
  linkname: 0x3a,
  attribute: 0x52,
} as const;
const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_PATH = fromBytes(NO_BYTES);

/** @throws {BktuiError} "engine" for anything that a sender may not send. */
export function decodeSenderPacket(bytes: Uint8Array): SenderPacket {
  const reader = new FieldReader(bytes);
  let type = 0;
  let id = 0;
  let data = NO_BYTES;
  let stat: Uint8Array | undefined;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === TAG.type) type = reader.varint();
    else if (tag === TAG.stat) stat = reader.bytes();
    else if (tag === TAG.id) id = reader.varint();
    else if (tag === TAG.data) data = reader.bytes();
    else reader.skip(tag);
  }
  switch (type) {
    case PACKET_TYPE.stat:
      return stat === undefined ? { kind: "announced" } : { kind: "entry", stat: decodeStat(stat) };
    case PACKET_TYPE.data:
      return { kind: "data", id, data };
    case PACKET_TYPE.fin:
      return { kind: "fin" };
    case PACKET_TYPE.error:
      return { kind: "error", message: Buffer.from(data).toString("utf8") };
    default:
      throw new BktuiError(
        "engine",
        `the engine sent a file packet of type ${type} to the receiver of the files`,
      );
  }
}

function decodeStat(bytes: Uint8Array): EntryStat {
  const reader = new FieldReader(bytes);
  let path = NO_PATH;
  let linkname = NO_PATH;
  let mode = 0;
  let size = 0n;
  let modTimeNs = 0n;
  const attributes: ExtendedAttribute[] = [];
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === STAT_TAG.path) path = fromBytes(reader.bytes());
    else if (tag === STAT_TAG.mode) mode = reader.varint();
    else if (tag === STAT_TAG.size) size = reader.int64();
    else if (tag === STAT_TAG.modTime) modTimeNs = reader.int64();
    else if (tag === STAT_TAG.linkname) linkname = fromBytes(reader.bytes());
    else if (tag === STAT_TAG.attribute) attributes.push(decodeAttribute(reader.bytes()));
    else reader.skip(tag);
  }
  return { path, mode, size: Number(size), modTimeNs, linkname, attributes };
}

/** An entry of the map `xattrs`. */
function decodeAttribute(bytes: Uint8Array): ExtendedAttribute {
  const reader = new FieldReader(bytes);
  let name = "";
  let value = NO_BYTES;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) name = Buffer.from(reader.bytes()).toString("utf8");
    else if (tag === 0x12) value = Uint8Array.from(reader.bytes());
    else reader.skip(tag);
  }
  return { name, value };
}

/** Asks for the content of the entry with this number, counted from 0 over all entries. */
export function requestPacket(id: number): Uint8Array {
  return Uint8Array.from([TAG.type, PACKET_TYPE.request, ...(id === 0 ? [] : [TAG.id, ...varint(id)])]);
}

/** Gives the transfer up; the text goes to the daemon and into the build's error. */
export function errorPacket(text: string): Uint8Array {
  const data = Buffer.from(text, "utf8");
  return Buffer.concat([
    Uint8Array.from([TAG.type, PACKET_TYPE.error, TAG.data, ...varint(data.length)]),
    data,
  ]);
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}
