/** `export` and `bundle` in the line mode. */
import { visibleLine } from "../../base/visible.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { readBundle } from "../../console/bundles/read-bundle.ts";
import { readExport } from "../../console/exports/read-export.ts";
import { runExport } from "../../console/exports/run-export.ts";
import type { StepName } from "../../console/step-names.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { OpenState } from "../../debugger/shells/open-state.ts";
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
  const asked = readExport(words, surroundings);
  const { step, side: shown } = look.exported(name);
  const onProgress = (state: string, doing: string | undefined): void => {
    if (doing === undefined) say(`exporting ${state}`);
  };
  const lines = await runExport({ debug, step, shown, asked, states, onProgress }, { signal });
  for (const line of lines) say(visibleLine(line));
}

/** @throws {BktuiError} with why it cannot be done. */
export async function bundleByLine(
  { debug, look, states, surroundings, say }: ExportLine,
  words: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const asked = readBundle(words, surroundings);
  const { writeBundle } = await import("../../console/bundles/write-bundle.ts");
  const { side: shown } = look.exported(undefined);
  const onProgress = (): void => undefined;
  const lines = await writeBundle({ debug, asked, shown, states, onProgress }, { signal });
  for (const line of lines) say(visibleLine(line));
}
