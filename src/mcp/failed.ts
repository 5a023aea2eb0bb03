/** What went wrong, as a client gets it: what failed, why, and what to do next. */
import type { ErrorAnswer } from "../answers/answers.ts";
import type { ErrorCode } from "../base/errors.ts";

/** An error that the console has answered. */
export class AnsweredError extends Error {
  override readonly name: string = "AnsweredError";
  readonly answer: ErrorAnswer;

  constructor(answer: ErrorAnswer) {
    super(answer.message);
    this.answer = answer;
  }
}

const DEFECT = "This is a defect of bktui; the server goes on.";

/**
 * Errors of the program's other part are of a class of its own copy, so what they have counts, not what they are
 * (this part is bundled by itself).
 */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof AnsweredError) return error.answer;
  const { code, message, hint } = partsOf(error);
  return {
    code,
    message,
    remedies: [],
    ...(hint === undefined ? {} : { hint }),
    ...(code === "internal" ? { hint: hint ?? DEFECT } : {}),
  };
}

function partsOf(error: unknown): {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
} {
  if (!(error instanceof Error)) return { code: "internal", message: String(error), hint: undefined };
  const { code, hint } = error as Error & { readonly code?: unknown; readonly hint?: unknown };
  const isOurs = error.name === "BktuiError";
  return {
    code: isOurs && typeof code === "string" ? (code as ErrorCode) : "internal",
    message: error.message,
    hint: typeof hint === "string" ? hint : undefined,
  };
}
