/** Which state of a step a call is about, and programs in it. */
import type { StateAnswer } from "../answers/answers.ts";
import type { Told } from "../answers/words/voice.ts";
import { BktuiError } from "../base/errors.ts";
import { oneOf, optional } from "./fields.ts";
import { told } from "./tell.ts";
import type { Around } from "./tool.ts";
import { stepNamed } from "./words-of-console.ts";

const USUAL_SECONDS = 30;
const SIDES = ["base", "failed", "after"] as const;
type Side = (typeof SIDES)[number];

export const SIDE = optional(
  oneOf(
    SIDES,
    "which state: base (before the step), failed (what a failed command left), after; default: the one that is shown",
  ),
);

/** Shows the state from now on. @throws {BktuiError} "not-now" with those that there are. */
export async function shownSide(
  side: Side | undefined,
  step: number | undefined,
  { current, signal }: Around,
): Promise<void> {
  if (side === undefined) return;
  const { states, at }: StateAnswer = current.state();
  if (step !== undefined && step !== at?.step)
    throw new BktuiError("usage", "side is for the step where the build stands", {
      hint: "Of another step the state after it is shown, or the one before where it has not run: leave side out.",
    });
  if (!states.includes(side)) {
    const there = states.length === 0 ? "none yet" : states.join(", ");
    throw new BktuiError("not-now", `the step has no state ${side}; there are: ${there}`, {
      hint: "run_to, step and continue make states; leave side out to use the one that is shown.",
    });
  }
  for (let tries = 0; tries < states.length && current.state().states[0] !== side; tries++)
    await current.perform("swap", signal);
}

/** Ends it when its time is over. */
export async function runProgram(
  program: readonly string[],
  {
    step,
    seconds = USUAL_SECONDS,
  }: { readonly step: number | undefined; readonly seconds: number | undefined },
  { current, signal }: Around,
): Promise<Told> {
  const limit = AbortSignal.timeout(seconds * 1000);
  try {
    const options = { step: stepNamed(step), signal: AbortSignal.any([signal, limit]) };
    return told(await current.answer((console) => console.runProgram(program, options), options.signal));
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new BktuiError("cancelled", `the program was ended after ${seconds} s`, {
      hint: "Give more seconds, or a command that ends sooner.",
    });
  }
}
