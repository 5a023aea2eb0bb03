/** The last lines of a failed run that nobody attended: for each failure what failed, where, why, and what opens it. Pure. */
import { clipText } from "../base/limits.ts";
import { visibleLine } from "../base/visible.ts";
import type { Program, Step } from "../graph/program.ts";

/** Of a command or a cause: the report above has the whole. */
const MOST_CHARACTERS = 300;
const COLUMN = 9;

/** What one block tells; untrusted text. Undefined = nothing is known of it. */
export interface FailureSummary {
  /** E.g. "step 3/9", "the build could not begin". */
  readonly what: string;
  readonly target?: string | undefined;
  readonly stage?: string | undefined;
  /** E.g. "12 of Dockerfile". */
  readonly line?: string | undefined;
  readonly command?: string | undefined;
  readonly cause: string;
  /** Where a state was put, or why there is none; a line for each. */
  readonly states: readonly string[];
  /** Command lines that open it. */
  readonly open: readonly string[];
}

/** Harmless lines. */
export function summaryLines(failures: readonly FailureSummary[]): readonly string[] {
  return failures.flatMap((failure, index) => [
    ...(index === 0 ? [] : [""]),
    visibleLine(`failed: ${failure.what}`),
    ...row("target", failure.target),
    ...row("stage", failure.stage),
    ...row("line", failure.line),
    ...row("command", failure.command),
    ...row("cause", failure.cause),
    ...failure.states.flatMap((state) => row("state", state)),
    ...failure.open.flatMap((command) => row("open", command, command.length)),
  ]);
}

function row(name: string, text: string | undefined, most = MOST_CHARACTERS): readonly string[] {
  if (text === undefined) return [];
  return [`  ${name.padEnd(COLUMN)}${visibleLine(clipText(text, most))}`];
}

/** The stage that a build is for, as it was named or as the program ends. */
export function targetOf(asked: string | undefined, { stops }: Program): string | undefined {
  return asked ?? stops.at(-1)?.stage;
}

/** "exit code 2 after 3s" of "step 6/9 failed: exit code 2 after 3s". */
export function causeIn(headline: string, step: Step, { steps }: Program): string {
  const prefix = `step ${step.id + 1}/${steps.length} failed: `;
  return headline.startsWith(prefix) ? headline.slice(prefix.length) : headline;
}
