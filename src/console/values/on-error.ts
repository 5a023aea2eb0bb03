/** `--on-error` and `build.on_error`: what is done at a failing step. The only place that reads it. */
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { DEFAULT_SETTINGS, type OnError } from "../settings.ts";
import { milliseconds, TIME_PATTERN, timeText } from "./time.ts";

export interface OnErrorChoice {
  readonly action: OnError;
  /** How long somebody is waited for where nobody attends; 0 = for ever. */
  readonly waitMs: number;
  /** As typed: the file of commands that is run at the failure. */
  readonly script?: string;
}

const { waitMs: WAIT_MS } = DEFAULT_SETTINGS.build;

const PLAIN: readonly OnError[] = ["pause", "shell", "export", "exit"];
/** As messages and help say it. */
export const ON_ERROR_WORDS = [...PLAIN, "wait[=15m]"].join(", ");

/** The same of the option: a file that came with a project does not say what is run. */
export const ON_ERROR_OPTION_WORDS = `${ON_ERROR_WORDS}, script=FILE`;

/** Of the command line. @throws {BktuiError} "usage". */
export function parseOnErrorOption(text: string): OnErrorChoice {
  const file = /^script=(.+)$/s.exec(text)?.[1];
  if (file !== undefined) return { action: "script", waitMs: WAIT_MS, script: file };
  if (/^script=?$/.test(text))
    throw new BktuiError("usage", "--on-error script: a file is missing", { hint: "--on-error=script=FILE" });
  return parseOnError(text);
}

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
export function onErrorText({ action, waitMs, script }: OnErrorChoice): string {
  if (script !== undefined) return `script=${script}`;
  if (action !== "wait") return action;
  return `wait=${timeText(waitMs)}`;
}
