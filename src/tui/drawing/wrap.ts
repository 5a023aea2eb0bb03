/** Text over several rows. */
import { sanitizeText } from "../cells/sanitize.ts";
import { slice, textWidth } from "../cells/width.ts";
import type { Look } from "./look.ts";

/** Harmless rows of at most `columns` cells, broken between words where possible; at least one row. */
export function wrapText(text: string, columns: number, look: Pick<Look, "ascii">): readonly string[] {
  return sanitizeText(text, { ascii: look.ascii }).flatMap((line) => wrapLine(line, Math.max(1, columns)));
}

/** Rows of an indented line are indented like its first one. */
function wrapLine(line: string, columns: number): readonly string[] {
  const indent = " ".repeat(Math.min(line.search(/[^ ]|$/), Math.floor(columns / 2)));
  return wrapWords(line.trimStart(), columns - indent.length).map((text) => indent + text);
}

function wrapWords(line: string, columns: number): readonly string[] {
  const rows: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (textWidth(longer) <= columns) {
      current = longer;
      continue;
    }
    if (current !== "") rows.push(current);
    const parts = chunks(word, columns);
    rows.push(...parts.slice(0, -1));
    current = parts.at(-1) ?? "";
  }
  return [...rows, current];
}

/** Pieces of `columns` cells (fewer where a wide character does not fit); SGR that is open goes on in the next. */
export function chunks(text: string, columns: number): readonly string[] {
  const width = textWidth(text);
  if (width <= columns) return [text];
  const parts: string[] = [];
  for (let from = 0; from < width; from += columns) {
    parts.push(slice(text, from, Math.min(columns, width - from)));
  }
  return parts;
}
