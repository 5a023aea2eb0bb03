/** Arguments of tools as words of the console's lines. */
import { posix } from "node:path";
import { BktuiError } from "../base/errors.ts";
import type { StepName } from "../console/step-names.ts";

/** A line ends where it ends: no argument can begin another one, nor end in the middle. */
function oneLine(value: string, name: string): string {
  if (/[\r\n]/.test(value)) throw new BktuiError("usage", `${name} has a line end in it`);
  return value;
}

/** A word without blanks, e.g. the name of a stage. */
export function quotedWord(value: string, name: string): string {
  const word = oneLine(value, name).trim();
  if (word === "" || /\s/.test(word))
    throw new BktuiError("usage", `${name} must be one word, without blanks`);
  return word;
}

/** A path of a state. */
export function statePath(value: string, name = "path"): string {
  const path = posix.resolve("/", oneLine(value, name));
  if (path !== path.trim())
    throw new BktuiError("usage", `${name} begins or ends with a blank`, {
      hint: "exec with ls or cat reads such a file.",
    });
  return path;
}

/** `arg NAME=VALUE`. */
export function argWord(name: string, value: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
    throw new BktuiError("usage", `"${name.slice(0, 60)}" is no name of a build argument`);
  if (value !== value.trim() || /[\r\n]/.test(value))
    throw new BktuiError(
      "usage",
      `the value of ${name} begins or ends with a blank, or has a line end in it`,
      {
        hint: "launch takes any value in args.",
      },
    );
  return `arg ${name}=${value}`;
}

export function stepNamed(step: number | undefined): StepName | undefined {
  return step === undefined ? undefined : { kind: "number", number: step };
}

/** "3 ", or "" for the step that is stood at. */
export function stepWord(step: number | undefined): string {
  return step === undefined ? "" : `${step} `;
}
