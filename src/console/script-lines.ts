/** The lines of a script: comments and blank lines are left out, and a backslash at the end goes on in the next line. Pure. */

export interface ScriptLine {
  /** Where it begins, from 1. */
  readonly number: number;
  readonly text: string;
}

/** Takes the lines of a script as they come. One for each script. */
export class ScriptLines {
  #begun: ScriptLine | undefined;

  /** What is complete with a line; undefined: nothing is asked for by it, or it goes on. */
  take(line: string, number: number): ScriptLine | undefined {
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun === undefined && /^\s*(#|$)/.test(line)) return undefined;
    const goesOn = /(^|[^\\])(\\\\)*\\$/.test(line);
    const part = goesOn ? line.slice(0, -1) : line;
    const whole = { number: begun?.number ?? number, text: (begun?.text ?? "") + part };
    if (!goesOn) return whole;
    this.#begun = whole;
    return undefined;
  }

  /** At the end of the script: a line that was to go on. */
  end(): ScriptLine | undefined {
    const begun = this.#begun;
    this.#begun = undefined;
    return begun;
  }
}

/** All that a script asks for. */
export function scriptLines(text: string): readonly ScriptLine[] {
  const lines = new ScriptLines();
  const found = text
    .split("\n")
    .map((line, index) => lines.take(line.replace(/\r$/, ""), index + 1))
    .filter((line) => line !== undefined);
  const last = lines.end();
  return last === undefined ? found : [...found, last];
}
