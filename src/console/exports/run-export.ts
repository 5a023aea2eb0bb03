/** Performs an export that a person has asked for, in any front end. */
import { BktuiError } from "../../base/errors.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { ExportedState } from "../../debugger/exported.ts";
import type { OpenState } from "../../debugger/shells/open-state.ts";
import { isReproduced, programOf } from "../../debugger/state/inspect.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import { exportedLines, progressWords, stateName } from "./export-words.ts";
import { leftOutWords, openContainer } from "./open-container.ts";
import type { TypedExport } from "./read-export.ts";

export interface ExportTask {
  readonly debug: Debugger;
  readonly step: Step;
  /** The state that is shown; undefined = it has none. */
  readonly shown: StateSide | undefined;
  readonly asked: TypedExport;
  /** Those with shells in them. */
  readonly states: readonly OpenState[];
  /** What is exported, e.g. "FAILED of step 6/9", once it begins, and then what is being done; untrusted text. */
  readonly onProgress: (state: string, words: string | undefined) => void;
}

/** What an export made. */
export interface Exported {
  readonly made: ExportedState;
  /** What is in the shells of the state and not in what was made, in words; untrusted text. */
  readonly leftOut: string | undefined;
}

/** As `makeExport`; answers what there is to say of it, one line each; untrusted text. */
export async function runExport(
  task: ExportTask,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { made, leftOut } = await makeExport(task, options);
  const steps = programOf(task.debug.state)?.steps.length ?? 0;
  return [...exportedLines(made, steps), ...(leftOut === undefined ? [] : [`note: ${leftOut}`])];
}

/** @throws {AlreadyThere} when something would be overwritten, {BktuiError} with why it cannot be done. */
export async function makeExport(
  { debug, step, shown, asked, states: all, onProgress }: ExportTask,
  { signal }: { readonly signal: AbortSignal },
): Promise<Exported> {
  const side = asked.side ?? shown;
  const steps = programOf(debug.state)?.steps.length ?? 0;
  if (side === undefined)
    throw new BktuiError("not-now", `step ${step.id + 1}/${steps} has not been reached: it has no state yet`);
  const { outputs, force, rebuild, withSecrets } = asked;
  const place = { step: step.id, side, isReproduced: isReproduced(debug.state, step.id, side) };
  // The number of a step may be that of another one in another thread.
  const states = all.filter((state) => state.step.vertex === step.vertex);
  const open = rebuild ? undefined : openContainer(states, place);
  const name = stateName(side, step.id, steps);
  onProgress(name, undefined);
  const made = await debug.exportState(step.id, side, {
    outputs,
    force,
    rebuild,
    withSecrets,
    open,
    signal,
    onProgress: (progress) => {
      const words = progressWords(progress);
      if (words !== undefined) onProgress(name, words);
    },
  });
  return { made, leftOut: leftOutWords(states, step.id, side) };
}
