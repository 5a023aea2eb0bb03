/** The error that is told when somebody asks what went wrong: the failure that is stood at, else the last one answered. */

import type { BktuiError } from "../base/errors.ts";
import { remedyWords } from "../console/phrases/remedy-words.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { errorBlocks } from "../debugger/explain/error-words.ts";
import type { Explanation } from "../debugger/explain/explanation.ts";
import { failureOf } from "../debugger/state/inspect.ts";
import type { Parts } from "./parts.ts";
import { errorAnswer } from "./state-answer.ts";

/** @param answered the last one that was answered, if any */
export function lastErrorAnswer(
  { state, progress }: Pick<Debugger, "state" | "progress">,
  answered: BktuiError | undefined,
  explanation: Explanation | undefined,
): ReturnType<Parts["lastError"]> {
  const error = failureOf(state) ?? answered;
  if (error === undefined) return undefined;
  const known = { explanation, warnings: progress.warnings, remedyWords };
  return { error: errorAnswer(error), blocks: errorBlocks(error, known) };
}
