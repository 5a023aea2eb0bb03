/** Stacks of the bundle, in places of the source: its names are short ones, and the map beside it knows the long ones. */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";

const PLACE = /(\/[^\s():]*\.cjs):(\d+):(\d+)/g;

/** With `src/…:LINE:COLUMN` for each place that has a map; as it is where there is none, e.g. from source. */
export function sourceStack(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replace(PLACE, (written, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, mapOf(file));
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !("originalSource" in entry)) return written;
    const source = entry.originalSource.replace(/^(?:\.\.\/)+/, "");
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/** Of 2 MB; read for the stack of a defect only. */
function mapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  } catch {
    return undefined;
  }
}
