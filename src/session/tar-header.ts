/** The header of an entry in a tar: ustar, and the numbers and names of GNU's. */

export const TAR_BLOCK = 512;

/** Text up to the first NUL, byte for byte. */
export function tarText(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? field.length : end).toString("latin1");
}

/** Octal digits, or for large numbers the bytes of one behind 0x80; NaN for what is neither. */
export function tarNumber(field: Buffer): number {
  if ((field[0] ?? 0) >= 0x80) return field.subarray(1).reduce((number, byte) => number * 256 + byte, 0);
  const digits = tarText(field).trim();
  return digits === "" ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** Whether the sum of the header's bytes is what it says, its own field taken as blanks. */
export function isTarHeader(header: Buffer): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return tarNumber(header.subarray(148, 156)) === sum;
}

/** The name that the header itself has; entries before it may say another one. */
export function tarName(header: Buffer): string {
  const prefix =
    header.subarray(257, 262).toString("latin1") === "ustar" ? tarText(header.subarray(345, 500)) : "";
  const name = tarText(header.subarray(0, 100));
  return prefix === "" ? name : `${prefix}/${name}`;
}
