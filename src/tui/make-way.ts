/** Ends shells that keep a cache from a step, after a question when something would be lost. */
import type { CacheConflict } from "../debugger/caches.ts";
import { sideWord } from "../debugger/shell-launch.ts";
import type { Desk } from "./desk.ts";
import type { Shell } from "./shells.ts";

export interface ShellsInTheWay {
  /** Shells with a process in them, or being opened. */
  shells(): readonly Shell[];
  /** Name of the program that runs in a shell; undefined when it is only the shell. */
  programIn(shell: Shell): Promise<string | undefined>;
  /** Ends the shells; resolves when the engine has released what they held. */
  release(shells: readonly Shell[]): Promise<void>;
}

/** Resolves with false when the user wants to keep a shell. */
export async function makeWay(
  desk: Desk,
  conflicts: readonly CacheConflict[],
  { shells, programIn, release }: ShellsInTheWay,
): Promise<boolean> {
  const inTheWay = shells().flatMap((shell) => {
    const conflict = conflicts.find(({ held }) => held.step === shell.step.id && held.side === shell.side);
    return conflict === undefined ? [] : [{ shell, conflict }];
  });
  const losses = await Promise.all(inTheWay.map(({ shell }) => lossOf(shell, programIn)));
  const why = inTheWay.map(({ shell, conflict }) => reasonOf(shell, conflict));
  if (losses.some((loss) => loss !== undefined)) {
    const lines = [...why, ...losses.filter((loss) => loss !== undefined)];
    if (!(await desk.ask({ title: "End the shell?", lines }))) return false;
  }
  await release(inTheWay.map(({ shell }) => shell));
  const [first] = why;
  if (first !== undefined) desk.say(`shell ended: ${first}`);
  return true;
}

async function lossOf(shell: Shell, programIn: ShellsInTheWay["programIn"]): Promise<string | undefined> {
  const program = await programIn(shell);
  if (program !== undefined) return `${program} is running in it and will be ended.`;
  return shell.used ? "What was changed in it is lost." : undefined;
}

function reasonOf({ step, side }: Shell, { cache, wanted }: CacheConflict): string {
  return `${sideWord(side)} of step ${step.id + 1} holds the cache "${cache}" that step ${wanted.id + 1} needs.`;
}
