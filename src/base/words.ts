/** Durations in words. */

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

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
