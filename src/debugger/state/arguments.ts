/** Which build arguments a place of a Dockerfile has, and what they are without one. Pure. */
import type { Program, Step } from "../../graph/program.ts";

/** Names declared by ARG in the step's stage before it. */
export function argNamesOf(program: Program, step: Step): ReadonlySet<string> {
  if (program.form !== "dockerfile") return new Set();
  const stage = program.stages.find(({ name }) => name === step.stage);
  const lines = program.text.split("\n").slice((stage?.start ?? 1) - 1, step.start);
  return new Set(declaredIn(lines).map(nameOf));
}

/** Defaults of the arguments before the first FROM, as written. */
export function globalDefaults({ form, text, stages }: Program): ReadonlyMap<string, string> {
  if (form !== "dockerfile") return new Map();
  const first = Math.min(...stages.map(({ start }) => start));
  const declared = declaredIn(text.split("\n").slice(0, first - 1)).filter((each) => each.includes("="));
  return new Map(
    declared.map((each) => [
      nameOf(each),
      each.slice(nameOf(each).length + 1).replace(/^(["'])(.*)\1$/, "$2"),
    ]),
  );
}

function declaredIn(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.match(/^\s*ARG\s+(.*)$/i)?.[1]?.split(/\s+/) ?? []);
}

/** Of `NAME=value`. */
export function nameOf(assignment: string): string {
  const end = assignment.indexOf("=");
  return end < 0 ? assignment : assignment.slice(0, end);
}
