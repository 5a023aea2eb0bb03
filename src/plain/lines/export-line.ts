/** `export` in the line mode. */
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { exportedLines, stateName } from "../../console/exports/export-words.ts";
import { leftOutWords, openContainer } from "../../console/exports/open-container.ts";
import { readExport } from "../../console/exports/read-export.ts";
import type { StepName } from "../../console/step-names.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { OpenState } from "../../debugger/shells/open-state.ts";
import { isReproduced, programOf } from "../../debugger/state/inspect.ts";
import type { LookCommands } from "./look-commands.ts";

export interface ExportLine {
  readonly debug: Debugger;
  readonly look: Pick<LookCommands, "exported">;
  readonly states: readonly OpenState[];
  readonly surroundings: Surroundings;
  /** Gets one harmless line. */
  say(line: string): void;
}

/** @throws {BktuiError} with why it cannot be done; the state is kept all the same. */
export async function exportByLine(
  { debug, look, states, surroundings, say }: ExportLine,
  name: StepName | undefined,
  words: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const { outputs, force, rebuild, ...typed } = readExport(words, surroundings);
  const { step, side: shown } = look.exported(name);
  const side = typed.side ?? shown;
  const steps = programOf(debug.state)?.steps.length ?? 0;
  if (side === undefined)
    throw new BktuiError("not-now", `step ${step.id + 1}/${steps} has not been reached: it has no state yet`);
  const place = { step: step.id, side, isReproduced: isReproduced(debug.state, step.id, side) };
  const open = rebuild ? undefined : openContainer(states, place);
  say(`exporting ${stateName(side, step.id, steps)}`);
  const onProgress = (): void => undefined;
  const made = await debug.exportState(step.id, side, { outputs, force, rebuild, open, onProgress, signal });
  for (const line of exportedLines(made, steps)) say(visibleLine(line));
  const leftOut = leftOutWords(states, step.id, side);
  if (leftOut !== undefined) say(`note: ${leftOut}`);
}
