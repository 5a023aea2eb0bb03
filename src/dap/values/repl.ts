/** The debug console: lines of the console's grammar, one after the other. A line that runs the build is not waited for. */
import type { Answer } from "../../answers/answers.ts";
import { visibleLines } from "../../answers/harmless.ts";
import { BktuiError } from "../../base/errors.ts";
import { rowOf } from "../../console/command-table.ts";
import { readLine } from "../../console/read-command.ts";
import { isBusy } from "../../debugger/state/at-rest.ts";
import { openShell, shellAsked } from "../requests/shell.ts";
import type { Session } from "../state/session.ts";
import { answerText, errorText } from "./answer-text.ts";

const RUNNING = "the build runs; its next stop is told";
/** What is pasted may be long; every line of it is a command. */
const MOST_LINES = 200;

/**
 * What is told of all lines. Where one runs the build, what it and the lines behind it come to follows as output.
 * @throws {BktuiError} with why a line cannot be done; what lines before it came to has been told then.
 */
export async function performLines(session: Session, text: string, signal: AbortSignal): Promise<string> {
  // Comments are for who reads what was pasted.
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:#.*)?$/.test(line));
  if (lines.length > MOST_LINES)
    throw new BktuiError("usage", `${MOST_LINES} lines can be given at once, not ${lines.length}`);
  const told: string[] = [];
  for (const [index, line] of lines.entries()) {
    const done = performLine(session, line, signal);
    const over = new AbortController();
    const first = await Promise.race([done.catch(() => undefined), runsSoon(session, line, over.signal)]);
    over.abort();
    if (first === RUNS) {
      void goOn(session, done, lines.slice(index + 1));
      told.push(RUNNING);
      break;
    }
    try {
      told.push(await done);
    } catch (error) {
      if (told.length > 0) tell(session, told.join("\n"));
      throw error;
    }
  }
  return told.filter((words) => words !== "").join("\n");
}

const RUNS = Symbol("runs");

/** Resolves when the build runs, for lines that wait for it to stand; else never. */
async function runsSoon(
  { build: { debug } }: Session,
  line: string,
  signal: AbortSignal,
): Promise<typeof RUNS> {
  const reading = readLine(line);
  const waits = reading.kind === "command" && rowOf(reading.command.id)?.when === "at-rest";
  return await new Promise((resolve) => {
    if (!waits) return;
    const look = (): void => {
      if (isBusy(debug.state)) resolve(RUNS);
    };
    signal.addEventListener("abort", debug.subscribe(look), { once: true });
    look();
  });
}

/** Nobody waits for the answer any more: it is told as output. Lines behind one that went wrong are left out. */
async function goOn(session: Session, first: Promise<string>, rest: readonly string[]): Promise<void> {
  try {
    tell(session, await first);
    for (const line of rest) tell(session, await performLine(session, line, session.left.signal));
  } catch (error) {
    const words = error instanceof BktuiError ? [error.message, error.hint] : [String(error)];
    tell(session, words.filter((each) => each !== undefined).join("\n"), "stderr");
  }
}

async function performLine(session: Session, line: string, signal: AbortSignal): Promise<string> {
  const side = shellAsked(line);
  if (side !== undefined) return await openShell(session, side, signal);
  const answer: Answer = await session.build.console.perform(line, { signal });
  if (answer.ok && answer.result.kind === "quit") return await quit(session);
  if (answer.ok) return answerText(answer.result);
  const [message = "", ...more] = errorText(answer.error).split("\n");
  throw new BktuiError(answer.error.code, message, more.length === 0 ? {} : { hint: more.join("\n") });
}

/** Of a build that others have, too, only this client's part ends. */
async function quit(session: Session): Promise<string> {
  if (session.build.isShared) session.connection.event("terminated", {});
  else await session.build.end();
  return "the session ends";
}

function tell(session: Session, text: string, category = "console"): void {
  if (text === "" || session.phase === "over") return;
  session.connection.event("output", { category, output: `${visibleLines(session.build.masked(text))}\n` });
}
