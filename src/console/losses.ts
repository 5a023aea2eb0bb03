/** What is lost with shells that are ended, as data and in words, and the questions before it: the same in every front end. */
import type { Debugger } from "../debugger/debugger.ts";
import type { CacheConflict } from "../debugger/shells/caches.ts";
import { type OpenState, programsIn, type StateShell, statesInUse } from "../debugger/shells/open-state.ts";
import type { OpenStates } from "../debugger/shells/open-states.ts";
import { sideWord } from "../debugger/shells/shell-launch.ts";
import { takeCaches } from "../debugger/shells/taken-caches.ts";
import { runningSteps } from "../debugger/state/inspect.ts";
import type { StateSide } from "../engine/engine.ts";

/** What goes when the shells of a state are ended. */
export interface ShellLoss {
  readonly step: number;
  readonly side: StateSide;
  /** Programs that run in its shells; untrusted text. */
  readonly programs: readonly string[];
  /** Its files may have been changed. */
  readonly files: boolean;
}

/** Asked before something is lost. All texts are untrusted. */
export interface LossQuestion {
  /** "Rerun?" */
  readonly title: string;
  /** What leads to it, one line each. */
  readonly about: readonly string[];
  /** One sentence each, at least one. */
  readonly lost: readonly string[];
}

/** Resolves with true when it is to be lost. */
export type AskLoss = (question: LossQuestion) => Promise<boolean>;

/** Of the states in which anything would be lost. */
export async function shellLosses(states: readonly OpenState[]): Promise<readonly ShellLoss[]> {
  const losses = await Promise.all(
    states.map(async ({ step, side, shells, used }) => {
      return { step: step.id, side, programs: await programsIn(shells), files: used };
    }),
  );
  return losses.filter(({ programs, files }) => programs.length > 0 || files);
}

/** Sentences: one for each state with programs, and one for all files. */
export function lossWords(losses: readonly ShellLoss[]): readonly string[] {
  const ended = losses.flatMap(({ programs, ...place }) =>
    programs.length === 0 ? [] : [endedWords(programs, `the shell on ${placeWords(place)}`)],
  );
  const places = losses.filter(({ files }) => files).map(placeWords);
  if (places.length === 0) return ended;
  const shells = places.length === 1 ? "shell" : "shells";
  return [...ended, `What was changed in the ${shells} on ${listed(places)} is lost.`];
}

/** "Step 3/8 is running and will be cancelled."; undefined when the build stands. */
export function runningWords({ state, progress }: Pick<Debugger, "state" | "progress">): string | undefined {
  const { phase } = state;
  if (phase.kind !== "running" && phase.kind !== "finishing") return undefined;
  const { program } = phase.execution;
  const [first] = runningSteps(program, progress);
  const what = first === undefined ? "The build" : `Step ${first.id + 1}/${program.steps.length}`;
  return `${what} is running and will be cancelled.`;
}

/** One sentence for each thing that quitting would lose. */
export async function quitLosses(
  debug: Pick<Debugger, "state" | "progress">,
  states: readonly OpenState[],
): Promise<readonly string[]> {
  const running = runningWords(debug);
  const words = lossWords(await shellLosses(statesInUse(states)));
  return running === undefined ? words : [running, ...words];
}

/**
 * Before a rerun, which ends all shells.
 * @param edit asked for only when there is a question: what was changed in the Dockerfile, one line each
 */
export async function mayRerun(
  states: readonly OpenState[],
  edit: () => Promise<readonly string[]>,
  ask: AskLoss,
): Promise<boolean> {
  const lost = lossWords(await shellLosses(states));
  return lost.length === 0 || (await ask({ title: "Rerun?", about: await edit(), lost }));
}

/** Before shells are ended that the user names: their files he has given up, what runs there he may not know of. */
export async function mayEndShells(
  title: string,
  shells: readonly StateShell[],
  ask: AskLoss,
): Promise<boolean> {
  const programs = await programsIn(shells);
  return programs.length === 0 || (await ask({ title, about: [], lost: [endedWords(programs, "it")] }));
}

/**
 * Ends the states whose shells hold a cache that a step needs, after a question when something would be lost: also what
 * shells left that have ended, since nobody has given that up. False = they are to stay.
 */
export async function releaseCaches(
  conflicts: readonly CacheConflict[],
  states: Pick<OpenStates<unknown>, "all" | "release">,
  { ask, say }: { readonly ask: AskLoss; readonly say: (text: string) => void },
): Promise<boolean> {
  const holders = states.all.flatMap((state) => {
    const conflict = conflicts.find(
      ({ held }) => held.vertex === state.step.vertex && held.side === state.side,
    );
    return conflict === undefined ? [] : [{ state, why: reasonOf(conflict) }];
  });
  const about = [...new Set(holders.map(({ why }) => why))];
  const holding = holders.map(({ state }) => state);
  const lost = lossWords(await shellLosses(holding));
  if (lost.length > 0 && !(await ask({ title: "End the shell?", about, lost }))) return false;
  await states.release(holding);
  if (about.length > 0) say(`shell ended: ${about.join(" ")}`);
  return true;
}

/** Ends what other front ends of the debugger have open over these caches; each says so where it is shown. */
export async function takeFromOthers(conflicts: readonly CacheConflict[]): Promise<void> {
  await Promise.all(conflicts.map((conflict) => takeCaches(conflict.held, reasonOf(conflict))));
}

function reasonOf({ held, cache, wanted }: CacheConflict): string {
  const place = placeWords({ step: held.step, side: held.side });
  return `${place} holds the cache "${cache}" that step ${wanted.id + 1} needs.`;
}

function endedWords(programs: readonly string[], where: string): string {
  return `${listed(programs)} ${programs.length === 1 ? "is" : "are"} running in ${where} and will be ended.`;
}

function placeWords({ step, side }: Pick<ShellLoss, "step" | "side">): string {
  return `${sideWord(side)} of step ${step + 1}`;
}

/** "a", "a and b", "a, b and c". */
function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}
