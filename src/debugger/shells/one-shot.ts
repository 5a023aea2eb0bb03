/** Programs that run once in a state, without a shell and beside the shells of it. */
import { BktuiError } from "../../base/errors.ts";
import { isAlive, type ShellChoice, type ShellTarget, type StateShell } from "./open-state.ts";
import type { OpenStates } from "./open-states.ts";
import type { OpenedShell } from "./shared-container.ts";

export interface OneShotOptions<Display> {
  /** The process behind what a front end shows. */
  openedOf(display: Display): OpenedShell;
  /** Gets the output as it comes: untrusted bytes, values of secrets hidden. */
  onData(chunk: Uint8Array): void;
  readonly signal: AbortSignal;
}

/**
 * Runs a program in the files of a state's shells, without a terminal and without input. Answers the exit code; undefined
 * when the engine dropped the program. What was opened for it goes with it.
 * @throws {BktuiError} "not-now", "not-found" when it does not run here, "cancelled".
 */
export async function runOnce<Display>(
  states: OpenStates<Display>,
  target: ShellTarget,
  program: readonly string[],
  { openedOf, onData, signal }: OneShotOptions<Display>,
): Promise<number | undefined> {
  const { step, side, debugRoot } = target;
  const isBeside = states.find(step.id, side, debugRoot)?.container !== undefined;
  const shell = await openIn(states, target, { program, talk: { kind: "lines" } }, signal);
  try {
    const opened = openedOf(displayOf(shell));
    opened.onData(onData);
    opened.process.endInput();
    return await Promise.race([opened.process.exited.catch(() => undefined), rejection(signal)]);
  } finally {
    await states.end(shell);
    const state = states.find(step.id, side, debugRoot);
    if (!isBeside && state !== undefined) await states.release([state]);
  }
}

/** Answers with one that has been opened, or has failed to. @throws the signal's reason */
export async function openIn<Display>(
  states: OpenStates<Display>,
  { step, side, steps, debugRoot }: ShellTarget,
  choice: Pick<ShellChoice, "program" | "talk">,
  signal: AbortSignal,
): Promise<StateShell<Display>> {
  const former = states.find(step.id, side, debugRoot);
  // One that another caller is opening has no container yet.
  if (former !== undefined && former.container === undefined && !former.shells.some(isAlive))
    await states.release([former]);
  const shell = states.open({ step, side, steps }, { ...choice, debugRoot });
  const giveUp = (): void => void states.end(shell);
  signal.addEventListener("abort", giveUp, { once: true });
  await shell.settled;
  signal.removeEventListener("abort", giveUp);
  signal.throwIfAborted();
  if (shell.phase.kind === "failed") await states.end(shell);
  return shell;
}

/** @throws what kept it from running */
export function displayOf<Display>({ phase }: StateShell<Display>): Display {
  switch (phase.kind) {
    case "alive":
    case "ended":
      return phase.display;
    case "failed":
      throw phase.error;
    case "opening":
      throw new BktuiError("cancelled", "its state went with a rerun");
  }
}

/** Rejects with the signal's reason. */
export function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
