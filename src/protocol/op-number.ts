/** Which kind of op it is that bktui does not know: the number of its field. */

/** Of `Op`: what stands beside the kinds. */
const FIELDS_OF_ALL: ReadonlySet<number> = new Set([1, 10, 11]);
const WIDTHS: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [5, 4],
]);

/** The first field of an encoded op that is none of those that all ops have; undefined when there is none. */
export function unknownOpNumber(bytes: Uint8Array): number | undefined {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; at < bytes.length; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (!FIELDS_OF_ALL.has(field)) return field;
    const type = tag % 8;
    if (type === 0) varint();
    else if (type === 2) {
      const length = varint();
      at += length;
    } else at += WIDTHS.get(type) ?? bytes.length;
  }
  return undefined;
}
