/** Plurals and times of day as the screen says them. */

/** "1 step", "4 steps". */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** "11:42:07", local time. */
export function clockTime(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
}

/** "sha256:9c41…e07f": enough to recognise an image. */
export function shortDigest(digest: string): string {
  return /^sha256:[0-9a-f]{64}$/.test(digest) ? digest.slice(0, 19) : digest;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
