/** Waits until the engine has reported whether steps ran or were cached: its answer to a solve may come before that. */
import type { Edge } from "../../graph/graph.ts";
import type { ProgressStore } from "./progress-store.ts";

/** BuildKit 0.8 to 0.32 reports within 200 ms; a step that it never reports counts as cached. */
const PATIENCE_MS = 2000;

/** @throws the signal's reason when it fires. */
export function untilReported(
  edges: readonly Edge[],
  progress: Pick<ProgressStore, "vertex" | "subscribe">,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const isReported = (): boolean =>
    edges.every(({ vertex }) => {
      const status = progress.vertex(vertex)?.status;
      return status !== undefined && status !== "waiting" && status !== "running";
    });
  if (isReported()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener("abort", cancel);
    };
    const cancel = (): void => {
      end();
      reject(signal.reason);
    };
    const finish = (): void => {
      end();
      resolve();
    };
    const timer = setTimeout(finish, PATIENCE_MS);
    const unsubscribe = progress.subscribe(() => {
      if (isReported()) finish();
    });
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
  });
}
