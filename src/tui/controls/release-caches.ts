/** Ends states whose shells keep a cache from a step, after a question when something would be lost. */
import type { CacheConflict } from "../../debugger/shells/caches.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import type { Shell, ShellState } from "../emulator/shell-state.ts";
import type { Desk } from "./app.ts";

export interface ShellsInTheWay {
  /** States with shells in them, or with what they left. */
  states(): readonly ShellState[];
  /** Name of the program that runs in a shell; undefined when it is only the shell. */
  programIn(shell: Shell): Promise<string | undefined>;
  /** Ends the states; resolves when the engine has released what they held. */
  release(states: readonly ShellState[]): Promise<void>;
}

/** Resolves with false when the user wants to keep a shell. */
export async function makeWay(
  desk: Desk,
  conflicts: readonly CacheConflict[],
  { states, programIn, release }: ShellsInTheWay,
): Promise<boolean> {
  const inTheWay = states().flatMap((state) => {
    const conflict = conflicts.find(({ held }) => held.step === state.step.id && held.side === state.side);
    return conflict === undefined ? [] : [{ state, conflict }];
  });
  const losses = (await Promise.all(inTheWay.map(({ state }) => lossesOf(state, programIn)))).flat();
  const why = inTheWay.map(({ state, conflict }) => reasonOf(state, conflict));
  if (losses.length > 0) {
    const lines = [...why, ...losses];
    if (!(await desk.ask({ title: "End the shell?", lines }))) return false;
  }
  await release(inTheWay.map(({ state }) => state));
  const [first] = why;
  if (first !== undefined) desk.say(`shell ended: ${first}`);
  return true;
}

/** Also what shells left that have ended: nobody has given that up. */
async function lossesOf(
  { shells, used }: ShellState,
  programIn: ShellsInTheWay["programIn"],
): Promise<readonly string[]> {
  const programs = (await Promise.all(shells.map(programIn))).filter((program) => program !== undefined);
  if (programs.length > 0) return programs.map((program) => `${program} is running in it and will be ended.`);
  return used ? ["What was changed in it is lost."] : [];
}

function reasonOf({ step, side }: ShellState, { cache, wanted }: CacheConflict): string {
  return `${sideWord(side)} of step ${step.id + 1} holds the cache "${cache}" that step ${wanted.id + 1} needs.`;
}
