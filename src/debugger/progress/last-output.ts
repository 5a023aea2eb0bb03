/** When a failed step's output is all there: the engine reports it behind the failure. */
import type { Digest } from "../../graph/graph.ts";
import type { ProgressStore } from "./progress-store.ts";

/** How long nothing may be reported before the rest is not waited for; measured below 50 ms on a quiet machine. */
const SILENCE_MS = 1000;
/** After that many lines BuildKit (0.8 to 0.32) reports a step's output in messages that come behind its end, too. */
const FLOOD_LINES = 10_000;
const FLOOD_SILENCE_MS = 500;
/** So often one after the other before a flood is over: a busy engine reports nothing for a while, too. */
const FLOOD_SILENCES = 4;
/** What runs beside and prints on is not waited for. */
const MOST_MS = 120_000;

/** Whether so much was printed that the engine reports it behind what printed it. */
export function isOutputFlood(progress: Pick<ProgressStore, "log">): boolean {
  return progress.log.end > FLOOD_LINES;
}

/** Resolves when the engine has been silent behind a flood for so long that nothing more comes. */
export function floodIsOver(
  progress: Pick<ProgressStore, "subscribe">,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve) => {
    let silence: NodeJS.Timeout | undefined;
    const end = (): void => {
      unsubscribe();
      clearTimeout(silence);
      clearTimeout(patience);
      resolve();
    };
    const look = (): void => wait(FLOOD_SILENCES);
    // Several short ones: where this process is busy, what has come meanwhile is seen between them.
    const wait = (left: number): void => {
      clearTimeout(silence);
      if (left === 0) end();
      else silence = setTimeout(() => wait(left - 1), FLOOD_SILENCE_MS);
    };
    const patience = setTimeout(end, MOST_MS);
    const unsubscribe = progress.subscribe(look);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    else look();
  });
}

/**
 * Resolves when the engine has reported the end of the vertex, which follows its output, and of those that ran beside
 * it: they may have failed too. Or when it reports nothing more.
 */
export function lastLines(
  progress: ProgressStore,
  vertex: Digest,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const isThere = (): boolean =>
    progress.vertex(vertex)?.completedMs !== undefined &&
    progress.vertices().every(([, { status }]) => status !== "running");
  const isFlood = (): boolean => isOutputFlood(progress);
  return new Promise((resolve) => {
    let silence: NodeJS.Timeout | undefined;
    const end = (): void => {
      unsubscribe();
      clearTimeout(silence);
      clearTimeout(patience);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const look = (): void => {
      clearTimeout(silence);
      if (isThere() && !isFlood()) end();
      else silence = setTimeout(end, isThere() ? FLOOD_SILENCE_MS : SILENCE_MS);
    };
    const patience = setTimeout(end, MOST_MS);
    const unsubscribe = progress.subscribe(look);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    else look();
  });
}
