/** Exports what a failure has left where somebody looks on: `--on-error=export` with a screen or by lines. */
import type { Debugger } from "../../debugger/debugger.ts";
import { failedSteps } from "../../debugger/failures/failures.ts";
import { stepOfStop } from "../../debugger/state/reached.ts";
import { exportFailures } from "./export-failures.ts";
import type { FailureExport } from "./failure-export.ts";

/**
 * Of the failure that is stood at, or of all: untrusted lines of what was made, and why something was not. The build stands
 * there again afterwards. @throws {BktuiError} "cancelled".
 */
export async function exportAtFailure(
  debug: Debugger,
  wanted: FailureExport,
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { phase } = debug.state;
  if (phase.kind !== "paused" || phase.reason.kind !== "exception") return [];
  const here = stepOfStop(phase.execution.program, phase.at).id;
  const failed = failedSteps(phase.execution, debug.progress);
  const exported = await exportFailures(failed, here, { debug, wanted, signal, say });
  return [...exported.values()].flatMap(({ lines }) => lines);
}
