/** Commands that run a program in a state, or make something of one. */
import { BktuiError } from "../base/errors.ts";
import { readBundle } from "../console/bundles/read-bundle.ts";
import { readExport } from "../console/exports/read-export.ts";
import { makeExport } from "../console/exports/run-export.ts";
import type { StepName } from "../console/step-names.ts";
import { oneCommandProgram } from "../debugger/shells/environment-facts.ts";
import { ENVIRONMENT_MS } from "../debugger/shells/environments.ts";
import { runOnce } from "../debugger/shells/one-shot.ts";
import type { Result, ResultOf } from "./answers.ts";
import { BoundedOutput } from "./bounded-output.ts";
import { BOUNDS } from "./bounds.ts";
import type { Handlers, Parts } from "./parts.ts";
import { outputAnswer } from "./state-answer.ts";

type ProgramId =
  | "run-program"
  | "shell-command"
  | "shell"
  | "shell-new"
  | "shell-restart"
  | "shell-retry"
  | "debug-shell"
  | "export"
  | "bundle";

export const PROGRAMS: Handlers<ProgramId> = {
  "run-program": async ({ args }, parts, signal) => {
    if (args.length === 0) throw new BktuiError("usage", "a program is missing, e.g. exec /bin/ls -l /etc");
    return await programAnswer(undefined, args, parts, signal);
  },
  "shell-command": async ({ step: name, text }, parts, signal) => {
    const { step, side } = parts.shown.place(name);
    const late = AbortSignal.timeout(ENVIRONMENT_MS);
    const environment = await parts.debug.environment(step.id, side, {
      signal: AbortSignal.any([signal, late]),
    });
    return await programAnswer(name, oneCommandProgram(environment, text), parts, signal);
  },
  shell: noTerminal,
  "shell-new": noTerminal,
  "shell-restart": noTerminal,
  "shell-retry": noTerminal,
  "debug-shell": noTerminal,
  export: async ({ step: name, words }, { debug, shown, states, surroundings }, signal) => {
    const asked = readExport(words, surroundings);
    const step = shown.step(name);
    const onProgress = (): void => undefined;
    const task = { debug, step, shown: shown.side(step), asked, states: states.all, onProgress };
    const { made, leftOut } = await makeExport(task, { signal });
    return {
      kind: "exported",
      step: made.step + 1,
      side: made.side,
      outputs: made.outputs.map(outputAnswer),
      imageId: made.imageId,
      way: made.way,
      changed: made.isChanged,
      notes: [...made.notes, ...(leftOut === undefined ? [] : [leftOut])],
    };
  },
  bundle: async ({ words }, { debug, shown, states, surroundings }, signal) => {
    const asked = readBundle(words, surroundings);
    const { writeBundle } = await import("../console/bundles/write-bundle.ts");
    const onProgress = (): void => undefined;
    const task = { debug, asked, shown: shown.side(shown.step(undefined)), states: states.all, onProgress };
    return { kind: "bundle", words: await writeBundle(task, { signal }) };
  },
};

/** Runs a program in the shown state of a step. */
export async function programAnswer(
  name: StepName | undefined,
  args: readonly string[],
  { shown, states }: Parts,
  signal: AbortSignal,
): Promise<ResultOf<"program">> {
  const { step, side, steps } = shown.place(name);
  const output = new BoundedOutput(BOUNDS.outputBytes);
  const startedMs = performance.now();
  const exitCode = await runOnce(states, { step, side, steps, debugRoot: false }, args, {
    openedOf: (opened) => opened,
    onData: (chunk) => output.push(chunk),
    signal,
  });
  const { text, omitted } = output.take();
  const ranMs = Math.round(performance.now() - startedMs);
  return { kind: "program", step: step.id + 1, side, args, exitCode, output: text, omitted, ranMs };
}

/** A shell to stay in needs somebody who types. */
function noTerminal(): Result {
  throw new BktuiError("unsupported", "a shell to stay in needs a terminal", {
    hint: "shell -c 'COMMAND' runs one command in the state and answers with its exit code and output.",
  });
}
