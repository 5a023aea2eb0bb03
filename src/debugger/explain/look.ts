/** The whole explanation for front ends that can wait for it. */
import { BktuiError } from "../../base/errors.ts";
import type { Debugger } from "../debugger.ts";
import { failureOf } from "../view.ts";
import { explain, questionOf } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { Scene } from "./facts.ts";
import { lastLines } from "./last-lines.ts";

/**
 * Waits for the step's last lines, looks up what helps, and explains. Undefined when nothing went wrong.
 * @param text the Dockerfile as it is on disk; undefined when it cannot be read
 */
export async function lookAndExplain(
  session: Debugger,
  text: string | undefined,
  { signal }: { readonly signal: AbortSignal },
): Promise<Explanation | undefined> {
  const vertex = failureOf(session.state)?.vertex;
  if (vertex !== undefined) await lastLines(session.progress, vertex, { signal });
  const { state, progress, engine } = session;
  const scene: Scene = { state, progress, engine, text, answer: undefined };
  const question = questionOf(scene);
  if (question === undefined) return explain(scene);
  try {
    return explain({ ...scene, answer: await session.lookUp(question, { signal }) });
  } catch (error) {
    // The failure itself is what matters: what cannot be looked up is left out.
    if (error instanceof BktuiError && error.code !== "internal") return explain(scene);
    throw error;
  }
}
