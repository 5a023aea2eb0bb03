/** Which of a state's containers is exported: the one that its shells see. Pure. */
import type { OpenState } from "../../debugger/shells/open-state.ts";
import type { OpenedState, StateSide } from "../../engine/engine.ts";
import type { StepId } from "../../graph/program.ts";

/**
 * One in which something was done, or where FAILED was reproduced; undefined: the state is as the step left it.
 */
export function openContainer(
  states: readonly OpenState[],
  place: { readonly step: StepId; readonly side: StateSide; readonly isReproduced: boolean },
): OpenedState | undefined {
  const here = states.filter(({ step, side }) => step.id === place.step && side === place.side);
  const found =
    here.find(({ used, container }) => used && container !== undefined) ??
    (place.isReproduced ? here.find(({ container }) => container !== undefined) : undefined);
  if (found?.container === undefined) return undefined;
  return { container: found.container, isDebugRoot: found.isDebugRoot };
}

/** What shells did in BASE or AFTER is not exported; undefined = they did nothing. */
export function leftOutWords(
  states: readonly OpenState[],
  step: StepId,
  side: StateSide,
): string | undefined {
  if (side === "failed") return undefined;
  const isUsed = states.some((state) => state.step.id === step && state.side === side && state.used);
  return isUsed
    ? `what was done in shells on ${side.toUpperCase()} is not in it: it is as the build has it`
    : undefined;
}
