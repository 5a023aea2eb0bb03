/** What went wrong, why, and what to do: the same words as in every front end. */
import type { StateAnswer } from "../../answers/answers.ts";
import { BktuiError } from "../../base/errors.ts";
import type { Handlers } from "./handler.ts";

const TAIL_LINES = 20;

export const EXCEPTIONS: Handlers<"exceptionInfo"> = {
  exceptionInfo: async ({ threadId }, session, { signal }) => {
    const { state } = session.thread(threadId);
    const { phase } = state;
    const isFailure = phase.kind === "paused" && phase.reason.kind === "exception";
    if (!isFailure && phase.kind !== "broken" && phase.kind !== "lost")
      throw new BktuiError("not-now", "nothing has failed here");
    session.show(threadId);
    const answer = await session.build.console.perform("here", { signal });
    if (!answer.ok) throw new BktuiError(answer.error.code, answer.error.message);
    if (answer.result.kind !== "state") throw new BktuiError("internal", "the console told no state");
    return infoOf(answer.result);
  },
};

function infoOf({ failure, error, words }: StateAnswer): {
  exceptionId: string;
  description: string;
  breakMode: "unhandled";
  details: { message: string; typeName: string; stackTrace?: string };
} {
  const lines = (failure?.log.lines ?? []).slice(-TAIL_LINES).map(({ text }) => text);
  const next = (failure?.next ?? []).map(({ text, label }) => (text === label ? text : `${text} (${label})`));
  const remedies = (error?.remedies ?? []).map(({ command, does }) => `${command} ${does}`);
  const description = [
    failure?.headline ?? error?.message ?? words,
    ...(failure?.why ?? []),
    ...(failure?.kept === undefined ? [] : [failure.kept]),
    ...(error?.hint === undefined ? [] : [error.hint]),
    ...(next.length === 0 ? [] : [`In the debug console: ${next.join(", ")}`]),
    ...remedies,
  ];
  return {
    exceptionId:
      failure?.exitCode === undefined ? (error?.code ?? "failed") : `exit code ${failure.exitCode}`,
    description: description.join("\n"),
    breakMode: "unhandled",
    details: {
      message: failure?.message ?? error?.message ?? words,
      typeName: failure === undefined ? "BuildError" : "StepFailed",
      ...(lines.length === 0 ? {} : { stackTrace: lines.join("\n") }),
    },
  };
}
