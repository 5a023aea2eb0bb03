/** Texts of log points: plain text with expressions in braces. Pure. */
import { BktuiError } from "../../../base/errors.ts";
import { type Facts, textOf } from "./evaluate.ts";
import { type Expression, FACTS } from "./expression.ts";
import { parseExpressionAt } from "./parse.ts";
import { Scanner } from "./scanner.ts";

export type Template = readonly (string | Expression)[];

const MOST_CHARACTERS = 1000;
/** Of one text that is said. */
const MOST_SAID = 4000;

/**
 * `{NAME}` is short for `{$NAME}`; `{{` and `}}` are braces.
 * @throws {BktuiError} "usage" with the column, counted from 1.
 */
export function parseTemplate(text: string): Template {
  if (text.length > MOST_CHARACTERS)
    throw new BktuiError("usage", `the text of a log point has ${MOST_CHARACTERS} characters at most`);
  if (text.trim() === "") throw new BktuiError("usage", "a log point wants a text to say, e.g. CI is {CI}");
  const parts: (string | Expression)[] = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at);
    if (char === "}" && text[at + 1] !== "}")
      throw new Scanner(text).error(at, '"}" closes nothing; }} is the character');
    if (char !== "{" || text[at + 1] === "{") {
      plain += char;
      at += char === "{" || char === "}" ? 2 : 1;
      continue;
    }
    if (plain !== "") parts.push(plain);
    plain = "";
    const { expression, end } = inBraces(text, at);
    parts.push(expression);
    at = end;
  }
  return plain === "" ? parts : [...parts, plain];
}

/** `end`: behind the closing brace. */
function inBraces(text: string, open: number): { readonly expression: Expression; readonly end: number } {
  const [short, name] = /^\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}/.exec(text.slice(open)) ?? [];
  const isFact = [...FACTS, "true", "false"].some((each) => each === name);
  if (short !== undefined && name !== undefined && !isFact)
    return { expression: { kind: "variable", scope: "any", name }, end: open + short.length };
  const { expression, end } = parseExpressionAt(text, open + 1);
  if (text[end] !== "}") throw new Scanner(text).error(end, '"{" is not closed by a "}" here');
  return { expression, end: end + 1 };
}

export function expressionsOf(template: Template): readonly Expression[] {
  return template.flatMap((part) => (typeof part === "string" ? [] : [part]));
}

/** Untrusted text. @throws {BktuiError} "bad-request" when a pattern takes too long. */
export function filled(template: Template, facts: Facts): string {
  const text = template.map((part) => (typeof part === "string" ? part : textOf(part, facts))).join("");
  return text.length > MOST_SAID ? `${text.slice(0, MOST_SAID)}…` : text;
}
