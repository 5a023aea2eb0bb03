/** Answers for a model: bktui's own words, and beside them what came out of the build, fenced off as data. */
import { randomBytes } from "node:crypto";
import type { Block, Told } from "../answers/words/voice.ts";
import { visibleText } from "../base/visible.ts";

export interface ContentItem {
  readonly type: "text";
  readonly text: string;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** In bytes, of all that one answer says. */
export const LIMIT = { usual: 12 * 1024, least: 1024, most: 64 * 1024 };
const SHORTEST_BLOCK = 256;
/** Set on items that are data; the SDK wants a prefix that is the server's own. */
export const UNTRUSTED = "bktui/untrusted";
const MARK_BYTES = 6;

/**
 * The fence has a number that nobody could know before: no text can end its own block and go on in bktui's name.
 * @param masked hides values of secrets
 */
export function contentOf(
  { words, blocks = [] }: Told,
  { limit, masked }: { readonly limit: number; readonly masked: (text: string) => string },
): ContentItem[] {
  const own = clipped(visibleLines(masked(words.join("\n"))), limit, "start");
  const notes: string[] = [];
  let left = Math.max(SHORTEST_BLOCK, limit - Buffer.byteLength(own.text));
  const items = blocks.map((block, index): ContentItem => {
    const share = Math.max(SHORTEST_BLOCK, Math.floor(left / (blocks.length - index)));
    const text = clipped(visibleLines(masked(block.text)), share, block.keeps);
    left -= Buffer.byteLength(text.text);
    if (text.leftOut > 0) notes.push(leftOutWords(block, text.leftOut));
    return fenced(block.title, text.text);
  });
  const said = [own.text, ...(own.leftOut > 0 ? [`(${own.leftOut} bytes left out)`] : []), ...notes];
  return [{ type: "text", text: said.filter((line) => line !== "").join("\n") }, ...items];
}

function leftOutWords({ title, keeps, rest }: Block, bytes: number): string {
  const where = keeps === "start" ? "at its end" : "at its beginning";
  const more = rest ?? `limit up to ${LIMIT.most} shows more`;
  return `(${title}: ${bytes} bytes left out ${where}; ${more})`;
}

function fenced(title: string, text: string): ContentItem {
  const mark = randomBytes(MARK_BYTES).toString("hex");
  return {
    type: "text",
    text: `<<<data ${mark}: ${title}>>>\n${text}\n<<<end ${mark}>>>`,
    _meta: { [UNTRUSTED]: true },
  };
}

function visibleLines(value: string): string {
  return value
    .split("\n")
    .map((line) => visibleText(line.replace(/\r$/, "")))
    .join("\n");
}

/** Whole lines, as far as there are some. */
function clipped(
  value: string,
  limit: number,
  keeps: Block["keeps"],
): { readonly text: string; readonly leftOut: number } {
  const bytes = Buffer.from(value);
  if (bytes.length <= limit) return { text: value, leftOut: 0 };
  const piece = keeps === "start" ? bytes.subarray(0, limit) : bytes.subarray(bytes.length - limit);
  const cut = wholeCharacters(piece).toString("utf8");
  const at = keeps === "start" ? cut.lastIndexOf("\n") : cut.indexOf("\n");
  const lines = keeps === "start" ? cut.slice(0, at) : cut.slice(at + 1);
  // One long line is cut anywhere.
  const text = at < 0 || lines.length < cut.length / 2 ? cut : lines;
  return { text, leftOut: bytes.length - Buffer.byteLength(text) };
}

function wholeCharacters(bytes: Buffer): Buffer {
  const isInside = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
  let start = 0;
  while (isInside(bytes[start])) start++;
  let end = bytes.length;
  while (end > start && isInside(bytes[end - 1])) end--;
  const last = bytes[end - 1] ?? 0;
  const length = last >= 0xf0 ? 4 : last >= 0xe0 ? 3 : last >= 0xc0 ? 2 : 1;
  if (last < 0x80) return bytes.subarray(start, bytes.length);
  return bytes.subarray(start, end - 1 + length <= bytes.length ? end - 1 + length : end - 1);
}
