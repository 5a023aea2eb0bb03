/** What stands in a file that is shown for a definition: its texts with their lines, of JSON, of YAML and of anything else. */
import { splitLines } from "../dockerfile-text.ts";
import { type Line, lineOf } from "../graph.ts";
import { folded } from "./names.ts";

/** A map, a list, or lines that are indented alike. */
export interface Holder {
  readonly parent: Holder | undefined;
  /** What it stands under, "" = nothing; untrusted text. */
  readonly key: string;
  /** What it calls itself: of a step of a plan that is its first line to a reader. */
  readonly name: { readonly text: string; readonly line: Line } | undefined;
}

export interface ShownText {
  /** Blanks as one. */
  readonly text: string;
  readonly line: Line;
  readonly holder: Holder | undefined;
}

/** By this a plan calls its steps. */
const NAME_KEY = "name";

export function shownTexts(text: string): readonly ShownText[] {
  return isJson(text) ? jsonTexts(text) : lineTexts(text);
}

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface OpenHolder extends Holder {
  readonly parent: OpenHolder | undefined;
  name: Holder["name"];
}

/** The innermost holder of a text that has a name; that of the whole file is no step's. */
export function stepAround(holder: Holder | undefined): Holder["name"] {
  for (let each = holder; each?.parent !== undefined; each = each.parent) {
    if (each.name !== undefined) return each.name;
  }
  return undefined;
}

/** By line: the name of the step that it is of, else what the file calls the part that it stands in. */
export function stepsByLine(text: string): ReadonlyMap<Line, string> {
  const names = new Map<Line, string>();
  for (const { line, holder } of shownTexts(text)) {
    const name = stepAround(holder)?.text ?? partOf(holder);
    if (name !== "" && !names.has(line)) names.set(line, name);
  }
  return names;
}

function partOf(holder: Holder | undefined): string {
  let part = holder;
  while (part?.parent?.parent !== undefined) part = part.parent;
  return part?.parent === undefined ? "" : part.key;
}

/** Strings, and what is no string of JSON; the text is known to be well formed. */
const JSON_TOKENS = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]\n]/g;

function jsonTexts(text: string): readonly ShownText[] {
  const found: ShownText[] = [];
  let holder: OpenHolder | undefined;
  let key = "";
  let line = 1;
  for (const [token, colon] of text.matchAll(JSON_TOKENS)) {
    if (token === "\n") line += 1;
    else if (token === "{" || token === "[") {
      holder = { parent: holder, key, name: undefined };
      key = "";
    } else if (token === "}" || token === "]") holder = holder?.parent;
    else if (colon !== undefined) {
      key = parsed(token.slice(0, token.length - colon.length));
      line += colon.split("\n").length - 1;
    } else {
      const own = folded(parsed(token));
      if (key === NAME_KEY && holder !== undefined) holder.name ??= { text: own, line: lineOf(line) };
      found.push({ text: own, line: lineOf(line), holder });
      key = "";
    }
  }
  return found;
}

function parsed(token: string): string {
  const value: unknown = JSON.parse(token);
  return typeof value === "string" ? value : token;
}

/** `- `, several of them, and `key: `. */
const LINE = /^(\s*(?:- +)*)(?:(["']?)([\w.$-]+)\2\s*[:=](?:\s+|$))?(.*)$/;

/** By indentation: a line that is indented less ends what stands above it. */
function lineTexts(text: string): readonly ShownText[] {
  const found: ShownText[] = [];
  const open: { readonly indent: number; readonly holder: OpenHolder }[] = [];
  let above = "";
  splitLines(text).forEach((written, index) => {
    const line = lineOf(index + 1);
    const [, front = "", , key, rest = ""] = LINE.exec(written) ?? [];
    if (written.trim() === "" || /^\s*#/.test(written)) return;
    const outer = written.length - written.trimStart().length;
    const isItem = front.includes("-");
    while ((open.at(-1)?.indent ?? -1) > (isItem ? outer : front.length)) open.pop();
    if (isItem) while ((open.at(-1)?.indent ?? -1) > outer) open.pop();
    if ((open.at(-1)?.indent ?? -1) < front.length)
      open.push({
        indent: front.length,
        holder: { parent: open.at(-1)?.holder, key: above, name: undefined },
      });
    above = key ?? above;
    const holder = open.at(-1)?.holder;
    const value = unquoted(rest.trim());
    if (key === NAME_KEY && holder !== undefined) holder.name ??= { text: folded(value), line };
    const whole = unquoted(written.slice(front.length).trim());
    for (const each of new Set([value, whole, key ?? ""])) {
      if (each !== "") found.push({ text: folded(each), line, holder });
    }
  });
  return found;
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1,?$/s.exec(text)?.[2] ?? text;
}
