/** The whole explanation for front ends that can wait for it. */
import { Deadline } from "../../base/deadline.ts";
import { BktuiError } from "../../base/errors.ts";
import type { Debugger } from "../debugger.ts";
import { lastLines } from "../progress/last-output.ts";
import type { Answer, Question } from "../questions/questions.ts";
import { failureOf } from "../state/inspect.ts";
import { explain, questionOf, sighted, sightQuestion } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { Scene } from "./facts.ts";
import { lintWarnings } from "./lint-words.ts";

/** Whoever waits for the whole is shown the failure after that, with the causes seen so far. */
const SIGHTS_MS = 10_000;

type Signal = { readonly signal: AbortSignal };

/**
 * Waits for the step's last lines, looks up what helps, and explains. Undefined when nothing went wrong.
 * @param text the Dockerfile as it is on disk; undefined when it cannot be read
 */
export async function lookAndExplain(
  debug: Debugger,
  text: string | undefined,
  { signal }: { readonly signal: AbortSignal },
): Promise<Explanation | undefined> {
  const vertex = failureOf(debug.state)?.vertex;
  if (vertex !== undefined) await lastLines(debug.progress, vertex, { signal });
  const { phase } = debug.state;
  if (phase.kind === "broken") await lintWarnings(phase.error, debug.progress, { signal });
  const { state, progress, engine } = debug;
  const scene: Scene = { state, progress, engine, text, answer: undefined };
  const question = questionOf(scene);
  const answer = question === undefined ? undefined : await answerTo(debug, question, { signal });
  using deadline = new Deadline(SIGHTS_MS, signal);
  return explain(await withSights({ ...scene, answer }, debug, { signal: deadline.signal }));
}

/** Looks for causes, and at what was found in the first look. */
async function withSights(scene: Scene, debug: Debugger, options: Signal): Promise<Scene> {
  const question = sightQuestion(scene);
  if (question === undefined) return scene;
  const answer = await answerTo(debug, question, options);
  const next = answer === undefined ? undefined : sighted(scene, question, answer);
  return next === undefined ? scene : await withSights(next, debug, options);
}

/** The failure itself is what matters: what cannot be looked up is left out. */
async function answerTo(debug: Debugger, question: Question, options: Signal): Promise<Answer | undefined> {
  try {
    return await debug.lookUp(question, options);
  } catch (error) {
    if (error instanceof BktuiError && error.code !== "internal") return undefined;
    throw error;
  }
}
