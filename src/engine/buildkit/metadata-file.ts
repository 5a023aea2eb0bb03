/** What `--metadata-file` holds. */
import type { OutputRequest } from "../outputs.ts";

/**
 * What the exporters answered, as docker's client writes it: JSON with the keys sorted; a value that is JSON itself, in base64,
 * is put in as such.
 * @param of the target of a bake file that it is of, under whose name it stands then
 */
export function metadataText(
  answer: Readonly<Record<string, string>>,
  of?: OutputRequest["metadataOf"],
): string {
  const facts = sorted(
    Object.entries(answer).map(([key, value]) => [key, structured(key, value) ?? value] as const),
  );
  const all = of === undefined ? facts : sorted(Object.entries({ ...of.others, [of.target]: facts }));
  return JSON.stringify(all, undefined, 2);
}

function sorted(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An object, or a list of objects, with something in it. */
function structured(key: string, value: string): unknown {
  const text = key === "result.json" ? value : Buffer.from(value, "base64").toString("utf8");
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const isPlain = (part: unknown): boolean =>
      typeof part === "object" && part !== null && !Array.isArray(part);
    if (Array.isArray(parsed)) return parsed.length > 0 && parsed.every(isPlain) ? parsed : undefined;
    return Object.keys(parsed).length > 0 ? parsed : undefined;
  } catch {
    return undefined;
  }
}
