/** Work that nobody looks at: signals end it, and questions are answered by options. */
import { toBktuiError } from "../base/errors.ts";
import { visibleText } from "../base/visible.ts";
import type { EngineChoice, Waiting } from "../console/connect.ts";
import { exitCodeOf } from "../plain/exit-code.ts";
import { exitCodeOfLoss, type Output } from "../plain/output.ts";
import { Interruption } from "../plain/signals.ts";
import type { DebugOptions } from "./debug-options.ts";

/** Where nobody can be asked, who wants to be asked has not said yes. */
export function unaskedUnless(
  canAsk: boolean,
  choice: EngineChoice,
  { enginePolicy }: DebugOptions,
): EngineChoice {
  if (canAsk) return choice;
  return { ...choice, policy: (enginePolicy ?? "auto") === "auto" ? "auto" : "never" };
}

interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Ends the work on a signal, and when nobody reads its output any more. */
export async function interruptible(
  { stdout, stderr }: Streams,
  work: (waiting: Waiting) => Promise<number>,
): Promise<number> {
  using interruption = new Interruption();
  const signal = AbortSignal.any([interruption.signal, stdout.closed, stderr.closed]);
  try {
    return await work({ signal, onProgress: (text) => stderr.line(visibleText(text)) });
  } catch (error) {
    const failure = toBktuiError(error);
    if (failure.code !== "cancelled" || !signal.aborted) throw failure;
    stderr.line("cancelled");
    return interruption.exitCode ?? exitCodeOfLoss(stdout) ?? exitCodeOfLoss(stderr) ?? exitCodeOf(failure);
  }
}
