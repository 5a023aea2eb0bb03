/** A value as one line of JSON that is harmless on a terminal. */

/** Besides what JSON escapes itself: controls and marks that turn or hide text, and what Go's encoder escapes. */
let strange: RegExp | undefined;

/** Says the same as JSON.stringify, without a character that a terminal could take for something else. */
export function jsonLine(value: unknown): string {
  strange ??= /[<>&\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;
  return JSON.stringify(value).replace(strange, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** Takes a line; the promise resolves when the next one can be taken. */
export type WriteLine = (line: string) => Promise<void> | undefined;

/** A sentence of bktui's own among the reports of `--progress=rawjson`: a warning about no vertex. */
export function rawNote(text: string): object {
  return { warnings: [{ short: Buffer.from(text).toString("base64") }] };
}
