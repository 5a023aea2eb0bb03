/** Numbers, sizes, times and digests in words. */

/** "1 step", "4 steps". */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** "38 MB", "1.9 MB", "412 B": decimal units, as docker shows them. */
export function byteSize(bytes: number): string {
  const { value, unit } = inUnits(bytes);
  return `${unit === "B" || value >= 10 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

/** "38.21MB", "68B": as BuildKit's clients print what was sent or loaded. */
export function exactByteSize(bytes: number): string {
  const { value, unit } = inUnits(bytes);
  return `${unit === "B" ? value : value.toFixed(2)}${unit}`;
}

/** "0.1s", "31.2s", "2m 05s", "1h 04m". */
export function exactTime(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  return seconds < 99.95 ? `${seconds.toFixed(1)}s` : roundTime(ms);
}

/** "12s", "2m 05s", "1h 04m": for a counter that goes on. */
export function roundTime(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 100) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${twoDigits(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}

/** For something that is over: "0.4s", "12s". */
export function totalTime(ms: number): string {
  return ms < 9950 ? exactTime(ms) : roundTime(ms);
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

/** Powers of 1000, from bytes to terabytes. */
function inUnits(bytes: number): { readonly value: number; readonly unit: string } {
  let value = Math.max(0, bytes);
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 1000) return { value, unit };
    value /= 1000;
  }
  return { value, unit: "TB" };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
