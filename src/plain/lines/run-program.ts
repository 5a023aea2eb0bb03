/** Runs a program in a state without a shell; what it prints becomes harmless lines. */
import type { Debugger } from "../../debugger/debugger.ts";
import { openShell } from "../../debugger/shells/open-shell.ts";
import { type ShellTarget, VisibleLines } from "./line-shells.ts";

/**
 * Answers the exit code; undefined when the engine dropped the program.
 * @throws {BktuiError} "not-now", "not-found" when it does not run here, "cancelled".
 */
export async function runProgram(
  debug: Debugger,
  { step, side, steps, program }: ShellTarget & { readonly program: readonly string[] },
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const { container, process, onData } = await openShell(
    debug,
    { step, side, steps, program, talk: { kind: "lines" } },
    { signal },
  );
  try {
    const lines = new VisibleLines(say);
    onData((chunk) => lines.push(chunk));
    process.endInput();
    const cancelled = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    const code = await Promise.race([process.exited.catch(() => undefined), cancelled]);
    lines.flush();
    return code;
  } finally {
    await container[Symbol.asyncDispose]();
  }
}
