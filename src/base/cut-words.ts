import { clipText, limits } from "./limits.ts";

const LONGEST = 400;
const BEGINNING = 140;
const END = 50;

/**
 * Text in which words of more than 400 characters, above all paths, keep their beginning and end only; cut itself when it
 * is longer than any error that is kept.
 */
export function shortWords(text: string): string {
  if (text.length <= LONGEST) return text;
  // Split, not matched: V8's matcher runs out of its stack over words of megabytes.
  return clipText(text, limits.errorCharacters)
    .split(/([\s"])/)
    .map((word) => (word.length > LONGEST ? `${word.slice(0, BEGINNING)}…${word.slice(-END)}` : word))
    .join("");
}
