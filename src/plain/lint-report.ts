/** What `--check` found, as docker's client prints it. Pure. */

interface Position {
  readonly line?: number;
}
interface Location {
  readonly sourceIndex?: number;
  readonly ranges?: readonly { readonly start?: Position; readonly end?: Position }[];
}
interface LintWarning {
  readonly ruleName?: string;
  readonly url?: string;
  readonly detail?: string;
  readonly location?: Location;
}

/** BuildKit's answer to the question "lint" (0.13 to 0.32); fields that are not there have Go's zero values. */
export interface LintResults {
  readonly warnings?: readonly LintWarning[];
  readonly sources?: readonly { readonly filename?: string; readonly data?: string }[];
  readonly buildError?: { readonly message?: string; readonly location?: Location };
}

const RULE = "--------------------";

/** @param dockerfile what the file is called in it */
export function lintLines(results: LintResults, dockerfile: string): readonly string[] {
  const warnings = [...(results.warnings ?? [])].sort(byPlace);
  const count =
    warnings.length === 1 ? "1 warning has been found!" : `${warnings.length} warnings have been found!`;
  if (warnings.length === 0)
    return results.buildError === undefined ? ["Check complete, no warnings found."] : [];
  return [
    `Check complete, ${count}`,
    ...warnings.flatMap(({ ruleName = "", url = "", detail = "", location }) => [
      "",
      `WARNING: ${ruleName}${url === "" ? "" : ` - ${url}`}`,
      ...detail.split("\n"),
      ...sourceLines(results, location, dockerfile),
    ]),
    ...(results.buildError === undefined ? [] : [""]),
  ];
}

/** Why the file would not build; empty when it would. */
export function lintError(results: LintResults, dockerfile: string): readonly string[] {
  const { buildError } = results;
  if (buildError === undefined) return [];
  return [`ERROR: ${buildError.message ?? ""}`, ...sourceLines(results, buildError.location, dockerfile)];
}

function byPlace(one: LintWarning, other: LintWarning): number {
  return lineOf(one) - lineOf(other);
}

function lineOf({ location }: LintWarning): number {
  return location?.ranges?.[0]?.start?.line ?? 0;
}

/** As BuildKit prints a place: the lines and what is around them, up to 2 lines above and below. */
function sourceLines(
  { sources = [] }: LintResults,
  location: Location | undefined,
  dockerfile: string,
): readonly string[] {
  const source = sources[location?.sourceIndex ?? 0];
  const ranges = (location?.ranges ?? []).map(({ start, end }) => {
    const first = start?.line ?? 0;
    return { first, last: Math.max(first, end?.line ?? 0) };
  });
  if (source === undefined || ranges.length === 0) return [];
  const lines = Buffer.from(source.data ?? "", "base64")
    .toString("utf8")
    .split("\n");
  const named = Math.min(...ranges.map(({ first }) => first));
  const last = Math.min(Math.max(...ranges.map((range) => range.last)), lines.length);
  if (named < 1 || named > lines.length) return [];
  const { from, to } = around(named, last, lines.length);
  return [
    `${dockerfile}:${named}`,
    RULE,
    ...lines.slice(from - 1, to).map((line, index) => {
      const number = from + index;
      const isNamed = ranges.some((range) => range.first <= number && number <= range.last);
      return ` ${String(number).padStart(3)} | ${isNamed ? ">>>" : "   "} ${line}`;
    }),
    RULE,
  ];
}

/** BuildKit's own count: two lines more, of one line four, taken above and below in turn. */
function around(start: number, end: number, of: number): { readonly from: number; readonly to: number } {
  const wanted = start === end ? 4 : 2;
  let [from, to] = [start, end];
  for (let added = 0; added < wanted; added += 1) {
    if (from > 1) {
      from -= 1;
      added += 1;
    }
    if (to !== of) {
      to += 1;
      added += 1;
    }
  }
  return { from, to };
}
