/** Encodes mouse events for a program in an emulator. */
import type { MouseEvent } from "./events.ts";

/** How a program wants mouse reports: which ones, and spelled how. */
export interface MouseReports {
  readonly tracking: "none" | "press" | "drag" | "any";
  readonly encoding: "plain" | "sgr";
}

/** Coordinates in the plain encoding are one byte above 32. */
const PLAIN_LIMIT = 222;

/**
 * A mouse event in the form the program asked for; x and y already count from its own top left.
 * Undefined when it did not ask for this one, or cannot be told in its encoding.
 */
export function encodeMouse(event: MouseEvent, reports: MouseReports): string | undefined {
  if (!isReported(event, reports.tracking)) return undefined;
  const code = codeOf(event);
  const released = event.action === "release";
  if (reports.encoding === "sgr")
    return `\u001b[<${code};${event.x + 1};${event.y + 1}${released ? "m" : "M"}`;
  if (event.x > PLAIN_LIMIT || event.y > PLAIN_LIMIT) return undefined;
  const plain = released ? (code & ~3) | 3 : code;
  return `\u001b[M${String.fromCharCode(32 + plain, 33 + event.x, 33 + event.y)}`;
}

function isReported(event: MouseEvent, tracking: MouseReports["tracking"]): boolean {
  if (tracking === "none") return false;
  if (event.action !== "move") return true;
  return tracking === "any" || (tracking === "drag" && event.button !== "none");
}

function codeOf(event: MouseEvent): number {
  const modifiers = (event.shift ? 4 : 0) + (event.alt ? 8 : 0) + (event.ctrl ? 16 : 0);
  if (event.action === "wheel-up") return 64 + modifiers;
  if (event.action === "wheel-down") return 65 + modifiers;
  const button = ["left", "middle", "right", "none"].indexOf(event.button);
  return button + modifiers + (event.action === "move" ? 32 : 0);
}
