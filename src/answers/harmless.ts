/** The door that every answer and event passes: values of secrets are hidden, control characters written out, long texts cut. */
import { clipText } from "../base/limits.ts";
import { visibleText } from "../base/visible.ts";
import { BOUNDS } from "./bounds.ts";

/** Fields whose text is a whole, and long. */
const WHOLES: ReadonlySet<string> = new Set(["text", "output", "json", "base64"]);

/** The same data with harmless strings, and without what is undefined. Line ends stay. */
export function harmless<Data>(data: Data, masked: (text: string) => string): Data {
  return cleaned(data, "", masked) as Data;
}

function cleaned(value: unknown, name: string, masked: (text: string) => string): unknown {
  if (typeof value === "string") {
    const most = WHOLES.has(name) ? BOUNDS.wholeCharacters : BOUNDS.textCharacters;
    return clipText(visibleLines(masked(value)), most);
  }
  if (Array.isArray(value)) return value.map((each) => cleaned(each, name, masked));
  if (typeof value !== "object" || value === null) return value;
  const clean: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    if (each === undefined) continue;
    const text = cleaned(each, key, masked);
    // Names of variables are anybody's: this one would be taken for the prototype.
    if (key === "__proto__") Object.defineProperty(clean, key, { ...OWN, value: text });
    else clean[key] = text;
  }
  return clean;
}

const OWN = { enumerable: true, writable: true, configurable: true };

/** Each line made harmless by itself. */
export function visibleLines(text: string): string {
  return text.includes("\n") ? text.split("\n").map(visibleText).join("\n") : visibleText(text);
}
