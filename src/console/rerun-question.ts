/** What was edited in the text of a build since the build took it, for the question before a rerun. */
import { diffLines } from "../base/line-diff.ts";
import { inSlices } from "../base/slices.ts";
import { visibleLine } from "../base/visible.ts";
import type { Program } from "../graph/program.ts";

/** More does not fit above the answers at 80x24. */
const MOST_LINES = 6;

/**
 * One line each, none when nothing changed; as untrusted as the file.
 * @param before the text as the build has it
 * @param after as it is on disk; undefined = it cannot be read
 */
export async function editLines(
  before: readonly string[],
  after: readonly string[] | undefined,
  {
    of,
    signal,
  }: { readonly of: Pick<Program, "form" | "filename"> | undefined; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const name = of === undefined || of.form === "dockerfile" ? "The Dockerfile" : visibleLine(of.filename);
  if (after === undefined) return [];
  const runs = await inSlices(diffLines(withoutEnd(before), withoutEnd(after)), { signal });
  const changed = runs?.filter(({ kind }) => kind !== "same") ?? [];
  const [first] = changed;
  if (runs !== undefined && first === undefined) return [];
  if (first === undefined) return [`${name} changed on disk.`];
  const lines = changed.flatMap(({ kind, before: old, after: now, count }) => {
    const [sign, from, text] = kind === "removed" ? ["-", old, before] : ["+", now, after];
    return Array.from({ length: count }, (_, index) => {
      return `${sign} ${String(from + index + 1).padStart(4)}  ${text[from + index] ?? ""}`;
    });
  });
  const more = lines.length - MOST_LINES;
  const shown = more > 1 ? [...lines.slice(0, MOST_LINES), `… ${more} more`] : lines;
  const above = first.before === 0 ? [] : [`What stands above line ${first.before + 1} did not change.`];
  return [`${name} changed on disk:`, ...shown, ...above];
}

/** The line end at the end of a file begins no line. */
function withoutEnd(lines: readonly string[]): readonly string[] {
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
