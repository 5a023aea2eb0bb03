/** Stacks of the bundle, in places of the source: its names are short ones, and the map beside it knows the long ones. */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PLACE = /(program-\w+\.cjs):(\d+):(\d+)/;

/**
 * With `src/…:LINE:COLUMN` for each place that has a map; as it is where there is none, e.g. from source.
 * @param directory of the bundle: a message may hold text of a build, which must not name what is read
 */
export function sourceStack(stack: string, directory = dirname(fileURLToPath(import.meta.url))): string {
  const maps = new Map<string, SourceMap | undefined>();
  const [before = "", ...places] = stack.split(`${directory}/`);
  return before + places.map((place) => inSource(place, directory, maps)).join("");
}

/** @param text begins behind the bundle's directory */
function inSource(text: string, directory: string, maps: Map<string, SourceMap | undefined>): string {
  const found = PLACE.exec(text);
  const [place = "", name = "", line, column] = found ?? [];
  if (found === null || found.index > 0) return `${directory}/${text}`;
  if (!maps.has(name)) maps.set(name, mapOf(join(directory, name)));
  const entry = maps.get(name)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (entry === undefined || !("originalSource" in entry)) return `${directory}/${text}`;
  const source = entry.originalSource.replace(/^(?:\.\.\/)+/, "");
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}${text.slice(place.length)}`;
}

/** Of some MB; read for the stack of a defect only. */
function mapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  } catch {
    return undefined;
  }
}
