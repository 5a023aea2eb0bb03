/** What quitting now would lose, in words. */
import type { Debugger } from "../../debugger/debugger.ts";
import { PROGRAM_LOOKUP_MS } from "../../debugger/shells/process-group.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import { programOf, runningSteps } from "../../debugger/state/inspect.ts";
import type { Shells } from "../emulator/shell-screens.ts";

/** Empty when nothing would be lost. */
export async function quitReasons(
  debug: Debugger | undefined,
  shells: Shells | undefined,
): Promise<readonly string[]> {
  const reasons: string[] = [];
  const phase = debug?.state.phase;
  if (debug !== undefined && (phase?.kind === "running" || phase?.kind === "finishing")) {
    const [first] = runningSteps(phase.session.program, debug.progress);
    const steps = programOf(debug.state)?.steps.length ?? 0;
    const what = first === undefined ? "The build is running" : `Step ${first.id + 1}/${steps} is running`;
    reasons.push(`${what} and will be cancelled.`);
  }
  const signal = AbortSignal.timeout(PROGRAM_LOOKUP_MS);
  const lookups = (shells?.alive() ?? []).map(async (shell) => {
    const program = await shells?.program(shell, { signal });
    const name = `the shell on ${sideWord(shell.side)} of step ${shell.step.id + 1}`;
    if (program !== undefined) return [`${program} is running in ${name} and will be ended.`];
    return shell.used ? [`What was done in ${name} is lost.`] : [];
  });
  return [...reasons, ...(await Promise.all(lookups)).flat()];
}
