/** Lengths of time as they are typed: "500ms", "90s", "15m", "1h". */

/** "0" needs no unit. */
export const TIME_PATTERN = /^(0|\d{1,6}(ms|s|m|h))$/;

/** Of a text that fits the pattern. */
export function milliseconds(text: string): number {
  const amount = Number.parseInt(text, 10);
  if (text.endsWith("ms")) return amount;
  if (text.endsWith("h")) return amount * 3_600_000;
  return amount * (text.endsWith("m") ? 60_000 : 1000);
}

/** As it is typed. */
export function timeText(ms: number): string {
  if (ms === 0) return "0";
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
