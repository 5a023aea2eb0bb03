/** What `--on-error` has done at a failure: a script is run there, or what is left is exported. */
import { resolve } from "node:path";
import { visibleLine } from "../base/visible.ts";
import { usageError } from "../console/bad-values.ts";
import type { Debugger } from "../debugger/debugger.ts";
import type { AtFailure } from "../plain/lines/line-mode-run.ts";
import type { LinesPlace } from "../plain/lines/run-lines.ts";
import type { Output } from "../plain/output.ts";
import type { ScreenRun, Ui } from "./front-ends.ts";

/**
 * Undefined when nothing is asked for, and where another part does it.
 * @throws {BktuiError} "usage" when there is no such script, or the screen would be in its way.
 */
export async function failureWork(
  run: ScreenRun,
  { ui, line }: { readonly ui: Ui | "json"; readonly line: Omit<LinesPlace, "terminal"> },
): Promise<AtFailure | undefined> {
  const { onError, script } = run.settings.build;
  if (onError === "script" && script !== undefined) return await scriptAtFailure(script, run, { ui, line });
  const { failureExport: wanted } = run;
  if (ui !== "lines" || onError !== "export" || wanted === undefined) return undefined;
  return async (debug, { say, signal }) => {
    const { exportAtFailure } = await import("../console/exports/export-at-failure.ts");
    const told = (text: string): void => say(visibleLine(text));
    for (const text of await exportAtFailure(debug, wanted, { say: told, signal })) told(text);
  };
}

async function scriptAtFailure(
  name: string,
  run: ScreenRun,
  { ui, line }: { readonly ui: Ui | "json"; readonly line: Omit<LinesPlace, "terminal"> },
): Promise<AtFailure> {
  if (ui === "full" || ui === "json")
    throw usageError(
      `--on-error=script runs commands by lines, ${ui === "full" ? "without a screen" : "not with --json"}`,
      ui === "full" ? "add --ui=plain, or run it where there is no terminal" : "leave one of them out",
    );
  const { runScriptAt, scriptFile } = await import("./run-script.ts");
  const path = resolve(line.cwd, name);
  // A script that is not there is told of before the build, not hours later.
  (await scriptFile(path, name)).destroy();
  const stdout = ui === "headless" ? line.stderr : line.stdout;
  return async (debug, { signal }) =>
    await runScriptAt(debug, { run, line: { ...line, stdout }, name, path, signal });
}

/** The same for a run whose output has but the image id in it. */
export function atHeadlessFailure(
  work: AtFailure | undefined,
  debug: Debugger,
  stderr: Output,
): ((options: { readonly signal: AbortSignal }) => Promise<void>) | undefined {
  if (work === undefined) return undefined;
  return async ({ signal }) => await work(debug, { say: (text) => stderr.line(text), signal });
}
