/** `--on-error` and `build.on_error`: what is done at a failing step. The only place that reads it. */
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { DEFAULT_SETTINGS, type OnError } from "../settings.ts";
import { milliseconds, TIME_PATTERN } from "./time.ts";

export interface OnErrorChoice {
  readonly action: OnError;
  /** How long somebody is waited for where nobody attends; 0 = for ever. */
  readonly waitMs: number;
}

const { waitMs: WAIT_MS } = DEFAULT_SETTINGS.build;

const PLAIN: readonly OnError[] = ["pause", "shell", "export", "exit"];
/** As messages and help say it. */
export const ON_ERROR_WORDS = [...PLAIN, "wait[=15m]"].join(", ");

/** @throws {BktuiError} "usage". */
export function parseOnError(text: string): OnErrorChoice {
  const plain = PLAIN.find((action) => action === text);
  if (plain !== undefined) return { action: plain, waitMs: WAIT_MS };
  const [action, time] = text.split(/=(.*)/s);
  if (action === "wait" && time === undefined) return { action, waitMs: WAIT_MS };
  if (action === "wait" && time !== undefined && TIME_PATTERN.test(time))
    return { action, waitMs: milliseconds(time) };
  throw new BktuiError("usage", `--on-error ${visibleLine(text)}: not one of ${ON_ERROR_WORDS}`, {
    hint: 'a time is "90s", "15m" or "1h"; 0 waits for ever',
  });
}

/** As it is typed. */
export function onErrorText({ action, waitMs }: OnErrorChoice): string {
  if (action !== "wait") return action;
  return `wait=${timeText(waitMs)}`;
}

function timeText(ms: number): string {
  if (ms === 0) return "0";
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
