/** Waiting until a build stands still. */
import { BktuiError } from "../../base/errors.ts";
import type { Debugger, DebugState } from "../debugger.ts";

/** @throws {BktuiError} "cancelled" when the signal fires; that only stops the waiting. */
export function atRest(
  debug: Pick<Debugger, "state" | "subscribe">,
  { signal }: { readonly signal?: AbortSignal },
): Promise<DebugState> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      unsubscribe();
      signal?.removeEventListener("abort", cancel);
    };
    const cancel = (): void => {
      stop();
      reject(new BktuiError("cancelled", "no longer waiting for the build", { cause: signal?.reason }));
    };
    const look = (): void => {
      if (isBusy(debug.state)) return;
      stop();
      resolve(debug.state);
    };
    const unsubscribe = debug.subscribe(look);
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted === true) cancel();
    else look();
  });
}

/** A thread that is built has nothing to show but what the others still run. */
export function isBusy({ phase, threads }: Pick<DebugState, "phase" | "threads">): boolean {
  if (phase.kind === "paused") return phase.switchingTo !== undefined;
  if (phase.kind === "built") return threads.some((each) => each.phase.kind === "running");
  return phase.kind === "opening" || phase.kind === "running" || phase.kind === "finishing";
}
