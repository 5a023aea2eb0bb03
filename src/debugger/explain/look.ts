/** The whole explanation for front ends that can wait for it. */
import { Deadline } from "../../base/deadline.ts";
import { BktuiError } from "../../base/errors.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Debugger } from "../debugger.ts";
import type { ProgressStore } from "../progress-store.ts";
import { failureOf } from "../view.ts";
import { explain, questionOf } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { Scene } from "./facts.ts";

/** How long the last lines of a failed step may follow its failure; measured below 50 ms. */
const LAST_LINES_MS = 1000;

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
  if (vertex !== undefined) await reported(session.progress, vertex, { signal });
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

/**
 * Resolves when the engine has reported the end of the vertex, which follows its output, and of those that ran beside
 * it: they may have failed too. Or after a while.
 */
async function reported(
  progress: ProgressStore,
  vertex: Digest,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const isThere = (): boolean =>
    progress.vertex(vertex)?.completedMs !== undefined &&
    progress.vertices().every(([, { status }]) => status !== "running");
  if (isThere()) return;
  using patience = new Deadline(LAST_LINES_MS, signal);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      unsubscribe();
      resolve();
    };
    const unsubscribe = progress.subscribe(() => {
      if (isThere()) end();
    });
    if (patience.signal.aborted) end();
    else patience.signal.addEventListener("abort", end, { once: true });
  });
}
