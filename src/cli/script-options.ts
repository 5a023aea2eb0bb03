/** `--script` and `--script-timeout`. */
import { resolve } from "node:path";
import { usageError } from "../console/bad-values.ts";
import { milliseconds, TIME_PATTERN } from "../console/values/time.ts";
import type { ScriptOptions } from "../plain/lines/script-run.ts";

export interface ScriptChoice extends ScriptOptions {
  /** Absolute; undefined = standard input. */
  readonly path: string | undefined;
}

interface Typed {
  readonly script?: string;
  readonly scriptTimeout?: string;
  readonly keepGoing?: true;
  readonly ui?: string;
}

/** @throws {BktuiError} "usage". */
export function typedScript(typed: Typed, cwd: string): ScriptChoice | undefined {
  const { script: name, scriptTimeout: time } = typed;
  if (time !== undefined && !TIME_PATTERN.test(time))
    throw usageError(
      `--script-timeout ${time}: no length of time`,
      'it is "90s", "15m" or "1h"; 0 = no limit',
    );
  if (name === undefined) {
    if (time === undefined) return undefined;
    throw usageError("--script-timeout: there is no script", "name one with --script FILE");
  }
  if (typed.ui === "full")
    throw usageError("--script and --ui=full: a script runs by lines, without a screen", "leave --ui out");
  return {
    name,
    path: name === "-" ? undefined : resolve(cwd, name),
    keepGoing: typed.keepGoing === true,
    timeoutMs: time === undefined ? 0 : milliseconds(time),
  };
}
