/** Keys that leave a shell, in what is typed. Pure. */
import { leaveSequences } from "../tui/input/leave-keys.ts";

/** Bytes that terminals send for keys, named as in the settings. */
export function keyBytes(names: readonly string[]): readonly Buffer[] {
  return leaveSequences(names).map((keys) => Buffer.from(keys, "latin1"));
}

/** What stands before the first of some keys, and whether there is one. */
export function untilKey(bytes: Buffer, keys: readonly Buffer[]): readonly [Buffer, boolean] {
  const places = keys.map((key) => bytes.indexOf(key)).filter((at) => at >= 0);
  return places.length === 0 ? [bytes, false] : [bytes.subarray(0, Math.min(...places)), true];
}
