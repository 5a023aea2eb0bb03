/** A file that was refused for what the lint warns of, in words. */

import type { BktuiError } from "../../base/errors.ts";
import { FrontendFailed } from "../../engine/failures.ts";
import { lintedRules } from "../failures/frontend-reasons.ts";
import type { ProgressStore, Warning } from "../progress/progress-store.ts";
import type { Explanation } from "./explanation.ts";
import type { Scene } from "./facts.ts";
import { lintWords, ruleWords, warningsOf } from "./warning-words.ts";

const ARGUMENT = "BUILDKIT_DOCKERFILE_CHECK";
/** Warnings come with the progress, which may be behind the refusal; measured below 50 ms. */
const WARNINGS_MS = 1000;

export function lintHeadline(rules: readonly string[]): string {
  return `the lint refuses it: ${rules.join(", ")}`;
}

export function explainLint(rules: readonly string[], { state, progress, text = "" }: Scene): Explanation {
  const warnings = warningsOf(rules, progress.warnings);
  const line = warnings[0]?.ranges[0]?.start;
  const skip = `${ARGUMENT}=skip=${rules.join(",")}`;
  const label = `without ${rules.length === 1 ? "this rule" : "these rules"}`;
  return {
    headline: `${line === undefined ? "" : `line ${line}: `}${lintHeadline(rules)}`,
    why: [...violations(warnings), ...orderWords(state.request?.buildArgs[ARGUMENT], text)],
    kept: undefined,
    next: [
      { kind: "command", command: "edit", label: "edit; saving reloads" },
      { kind: "command", command: "rerun", label: "try again" },
      { kind: "command", command: "arg", argument: skip, label },
      { kind: "option", text: `--build-arg ${skip}`, label },
    ],
    also: [],
    cancelled: undefined,
  };
}

/** Each with its line; what a rule asks for once. */
function violations(warnings: readonly Warning[]): readonly string[] {
  return warnings.flatMap((warning, index) => {
    const more = ruleWords(warning);
    const isLast = !warnings.slice(index + 1).some((other) => ruleWords(other).join() === more.join());
    return [lintWords(warning), ...(isLast ? more : [])];
  });
}

/** Who told the lint to refuse; nothing when neither the file nor the build says it in a way that is known. */
function orderWords(argument: string | undefined, text: string): readonly string[] {
  if (argument !== undefined)
    return /error=true/i.test(argument) ? [`--build-arg ${ARGUMENT} says that it is to.`] : [];
  const line = text.split("\n").findIndex((each) => /^#\s*check\s*=.*\berror\s*=\s*true/i.test(each.trim()));
  return line < 0 ? [] : [`Line ${line + 1} says that it is to: error=true.`];
}

/** Warnings that make a file be refused; none for another error. */
export function refusingWarnings(error: BktuiError, warnings: readonly Warning[]): readonly Warning[] {
  return error instanceof FrontendFailed ? warningsOf(lintedRules(error), warnings) : [];
}

/** Resolves when each rule that the refusal names has been warned of, or when no more is to be expected. */
export function lintWarnings(
  error: BktuiError,
  progress: ProgressStore,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const rules = lintedRules(error);
  const isThere = (): boolean => rules.every((rule) => warningsOf([rule], progress.warnings).length > 0);
  return new Promise((resolve) => {
    const end = (): void => {
      unsubscribe();
      clearTimeout(patience);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const look = (): void => {
      if (isThere()) end();
    };
    const patience = setTimeout(end, WARNINGS_MS);
    const unsubscribe = progress.subscribe(look);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    else look();
  });
}
