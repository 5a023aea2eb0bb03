/** What a frontend warns of, in words that all front ends share. Untrusted text: the front end makes it harmless. */
import type { Step } from "../../graph/program.ts";
import type { Warning } from "../progress/progress-store.ts";

/** `warning: FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 2)`. */
export function warningWords(warning: Warning): string {
  return `warning: ${warning.text}${placeOf(warning)}`;
}

/** The same without the first word, for where it is clear that it is one. */
export function lintWords(warning: Warning): string {
  return `${warning.text}${placeOf(warning)}`;
}

/** What the rule behind it asks for, in sentences, and where that is explained. */
export function ruleWords({ detail = [], url = "" }: Warning): readonly string[] {
  return [...detail, ...(url === "" ? [] : [url])];
}

/**
 * All of them in the order of the file, each followed by what its rule asks for: once for each rule, as the engine says
 * the same for all that break it.
 */
export function warningLines(warnings: readonly Warning[]): readonly string[] {
  const known = new Set<string>();
  return warningsInOrder(warnings).flatMap((warning) => {
    const more = ruleWords(warning);
    const isKnown = known.has(more.join("\n"));
    known.add(more.join("\n"));
    return [warningWords(warning), ...(isKnown ? [] : more.map((text) => `  ${text}`))];
  });
}

/** Engines report them in any order. What is about no line comes first. */
export function warningsInOrder(warnings: readonly Warning[]): readonly Warning[] {
  return warnings.toSorted((a, b) => (a.ranges[0]?.start ?? 0) - (b.ranges[0]?.start ?? 0));
}

/** Those about a line, or about lines one of which it is. */
export function warningsAt(line: number, warnings: readonly Warning[]): readonly Warning[] {
  return warnings.filter(({ ranges }) => ranges.some(({ start, end }) => start <= line && line <= end));
}

/** Those about a line of the step's instruction. */
export function warningsOfStep(
  { start, end }: Pick<Step, "start" | "end">,
  warnings: readonly Warning[],
): readonly Warning[] {
  return warnings.filter(({ ranges }) => ranges.some((range) => range.start <= end && start <= range.end));
}

/** The rule of BuildKit's lint (0.15 and newer): its name begins the text, as in "FromAsCasing: …". */
export function ruleOf({ text }: Warning): string | undefined {
  return /^([A-Z][A-Za-z0-9]+): /.exec(text)?.[1];
}

/** Those that a refusal names; with "check=error=true" a frontend builds nothing that it warns of. */
export function warningsOf(rules: readonly string[], warnings: readonly Warning[]): readonly Warning[] {
  return warningsInOrder(warnings).filter((warning) => rules.includes(ruleOf(warning) ?? ""));
}

/** The frontend's own text ends with the line in BuildKit 0.20 and newer. */
function placeOf({ text, ranges }: Warning): string {
  const line = ranges[0]?.start;
  return line === undefined || text.endsWith(`(line ${line})`) ? "" : ` (line ${line})`;
}
