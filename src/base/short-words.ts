const LONGEST = 400;
const BEGINNING = 140;
const END = 50;
const longWord = new RegExp(`[^\\s"]{${LONGEST + 1},}`, "g");

/** Text in which words of more than 400 characters, above all paths, keep their beginning and end only. */
export function shortWords(text: string): string {
  if (text.length <= LONGEST) return text;
  return text.replaceAll(longWord, (word) => `${word.slice(0, BEGINNING)}…${word.slice(-END)}`);
}
