/** The outermost fields of a marshalled `pb.Definition`, read by hand: where each begins, and where the bytes are none. */
import { BktuiError } from "../base/errors.ts";

/** A field in the bytes of a definition. */
export interface WireField {
  readonly field: number;
  /** Of its tag, from the beginning. */
  readonly at: number;
  /** Of its content. */
  readonly start: number;
  readonly end: number;
}

const OPERATIONS = 1;
const SOURCE_MAP = 3;
/** Wire types that have no length of their own, with their bytes. */
const FIXED: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [5, 4],
]);
const VARINT = 0;
const LENGTH = 2;
const VARINT_BYTES = 10;

/**
 * @param name of the file, for messages
 * @throws {BktuiError} "bad-request" with the byte at which it is none, or at which it is cut off.
 */
export function wireFields(bytes: Uint8Array, name: string): readonly WireField[] {
  const fields: WireField[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at, name);
    const [field, type] = [Math.floor(tag.value / 8), tag.value % 8];
    const isKnown = field >= OPERATIONS && field <= SOURCE_MAP;
    if (field === 0 || (isKnown && type !== LENGTH))
      throw refused(name, `no field of one can begin at byte ${at}`);
    const end = endOf(bytes, tag.end, type, { at, name });
    const start = type === LENGTH ? varintAt(bytes, tag.end, name).end : tag.end;
    fields.push({ field, at, start, end });
    at = end;
  }
  return fields;
}

function endOf(
  bytes: Uint8Array,
  start: number,
  type: number,
  { at, name }: { readonly at: number; readonly name: string },
): number {
  if (type === VARINT) return varintAt(bytes, start, name).end;
  const fixed = FIXED.get(type);
  if (fixed === undefined && type !== LENGTH) throw refused(name, `no field of one can begin at byte ${at}`);
  const length = fixed === undefined ? varintAt(bytes, start, name) : { value: fixed, end: start };
  const left = bytes.length - length.end;
  if (length.value > left)
    throw refused(name, `it is cut off: the field at byte ${at} has ${length.value} bytes, ${left} are left`);
  return length.end + length.value;
}

function varintAt(
  bytes: Uint8Array,
  start: number,
  name: string,
): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < VARINT_BYTES; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw refused(name, `it is cut off at byte ${bytes.length}`);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  throw refused(name, `the number at byte ${start} is too long`);
}

function refused(name: string, why: string): BktuiError {
  return new BktuiError("bad-request", `${name} is no definition: ${why}`);
}
