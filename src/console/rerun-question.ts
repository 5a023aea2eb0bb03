/** What a question before a rerun tells: what was edited, and what is lost. */
import { diffLines } from "../base/line-diff.ts";
import { inSlices } from "../base/slices.ts";

/** More does not fit above the answers at 80x24. */
const MOST_LINES = 6;

export interface RerunFacts {
  /** The Dockerfile as the build has it. */
  readonly before: readonly string[];
  /** As it is on disk; undefined = it cannot be read. */
  readonly after: readonly string[] | undefined;
  /** E.g. "FAILED of step 7". */
  readonly shells: readonly string[];
}

/** Paragraphs; texts are as untrusted as the file. */
export async function rerunLines(
  { before, after, shells }: RerunFacts,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const [many, them] = shells.length === 1 ? ["shell", "it"] : ["shells", "them"];
  const loss = `This ends the ${many} on ${shells.join(", ")}; what was changed in ${them} is lost.`;
  const edit = after === undefined ? [] : await editLines(before, after, options);
  return edit.length === 0 ? [loss] : [...edit, "", loss];
}

async function editLines(
  before: readonly string[],
  after: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const runs = await inSlices(diffLines(withoutEnd(before), withoutEnd(after)), options);
  const changed = runs?.filter(({ kind }) => kind !== "same") ?? [];
  const [first] = changed;
  if (runs !== undefined && first === undefined) return [];
  if (first === undefined) return ["The Dockerfile changed on disk."];
  const lines = changed.flatMap(({ kind, before: old, after: now, count }) => {
    const [sign, from, text] = kind === "removed" ? ["-", old, before] : ["+", now, after];
    return Array.from({ length: count }, (_, index) => {
      return `${sign} ${String(from + index + 1).padStart(4)}  ${text[from + index] ?? ""}`;
    });
  });
  const more = lines.length - MOST_LINES;
  const shown = more > 1 ? [...lines.slice(0, MOST_LINES), `… ${more} more`] : lines;
  const above = first.before === 0 ? [] : [`What stands above line ${first.before + 1} did not change.`];
  return ["The Dockerfile changed on disk:", ...shown, ...above];
}

/** The line end at the end of a file begins no line. */
function withoutEnd(lines: readonly string[]): readonly string[] {
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
