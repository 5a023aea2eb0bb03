/** Opens the first shell in a state of a step: tries one program after the other until one runs. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { quietly } from "../../base/quietly.ts";
import type { Container, ProcessSpec, StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { Debugger } from "../debugger.ts";
import { startProblem } from "../failures/start-problem.ts";
import { Refused, type Remedy } from "../remedies.ts";
import { isReproduced, programOf } from "../state/inspect.ts";
import { EarlyOutput, firstOutput } from "./first-output.ts";
import { missingWords } from "./missing-words.ts";
import { foregroundProgram, interpreterOf } from "./process-group.ts";
import {
  type OpenedShell,
  SharedContainer,
  type SharedContainerPlan,
  type ShellTalk,
} from "./shared-container.ts";
import {
  DEBUG_ROOT_SHELLS,
  debugRootBeside,
  interpreters,
  shellCandidates,
  shellEnvironment,
  shellPrompt,
} from "./shell-launch.ts";

export interface ShellOptions {
  readonly step: Step;
  readonly side: StateSide;
  /** Number of steps, for the prompt. */
  readonly steps: number;
  readonly talk: ShellTalk;
  /** Tried before the image's own shells. */
  readonly command?: readonly string[] | undefined;
  /** A shell of the debug root, not of the image; the state lies at `TARGET`, or at "/" where FAILED is reproduced. */
  readonly debugRoot?: boolean | undefined;
  /** Run in place of any shell. */
  readonly program?: readonly string[] | undefined;
  /** Whether the prompt says step and state; default true. */
  readonly prompt?: boolean | undefined;
}

const ENGINE_WORDS: Remedy = { command: "error", does: "shows the engine's words" };
const OTHER_STATE: Remedy = { command: "swap", does: "shows BASE" };

type Signal = { readonly signal: AbortSignal };
type Plan = Omit<SharedContainerPlan, "container" | "interpreter">;

/**
 * Opens a shell in a container of its own, which the caller disposes. Others open beside it (`OpenedShell.shared`).
 * @throws {BktuiError} "not-now" when the step has no such state, "not-found" when no shell is in it.
 */
export async function openShell(
  debug: Debugger,
  options: ShellOptions,
  { signal }: Signal,
): Promise<OpenedShell> {
  const { step, side, steps, program } = options;
  const environment = await debug.environment(step.id, side, { signal });
  const isDebugRoot = options.debugRoot === true;
  const { user } = environment.meta;
  const plan: Plan = {
    environment,
    prompt:
      options.prompt === false
        ? undefined
        : shellPrompt({ user, step: step.id + 1, steps, side, isDebugRoot }),
    shells: [
      ...(options.command === undefined ? [] : [options.command]),
      ...(isDebugRoot ? DEBUG_ROOT_SHELLS : shellCandidates(environment)),
    ],
    env: [],
    reproduces: isReproduced(debug.state, step.id, side),
  };
  const shared = await openShared(debug, options, plan, { signal });
  if (!(shared instanceof BktuiError)) return shared;
  if (isDebugRoot && plan.reproduces) throw shared;
  const ask = (args: readonly string[]): Promise<void> => refuseFalseCause(debug, options, args, { signal });
  if (plan.reproduces) {
    await ask(["/bin/sh"]);
    throw notReproducible(shared);
  }
  // What is left needs no shell to keep its container, so its container ends with it.
  const others =
    program === undefined ? plan.shells.filter((args) => interpreterOf(args) === undefined) : [program];
  let last = shared;
  for (const args of others) {
    const opened = await inContainer(debug, options, { signal }, (container) =>
      openAlone(container, { args, plan, talk: options.talk }, { signal }),
    );
    if (!(opened instanceof BktuiError)) return opened;
    last = opened;
  }
  if (program === undefined) await ask(["/bin/sh"]);
  throw isDebugRoot ? noShellInDebugRoot(debug, last) : noShell(options, last);
}

/** A program that is there may still not start: then that is the reason, and not that it were missing. */
async function refuseFalseCause(
  debug: Debugger,
  options: ShellOptions,
  args: readonly string[],
  { signal }: Signal,
): Promise<void> {
  const problem = await inContainer(debug, options, { signal }, (container) =>
    startProblem(container, args, { signal }),
  );
  if (problem === undefined || problem instanceof BktuiError) return;
  throw new Refused("not-found", `${args[0]} does not start here: ${problem}`, {
    remedies: [ENGINE_WORDS],
  });
}

/** In a container that its shells keep. */
async function openShared(
  debug: Debugger,
  options: ShellOptions,
  plan: Plan,
  { signal }: Signal,
): Promise<OpenedShell | BktuiError> {
  const { talk, program } = options;
  const beside =
    options.debugRoot === true && plan.reproduces ? debugRootBeside(plan.environment) : undefined;
  const whole = beside === undefined ? plan : { ...plan, shells: [beside.interpreter], env: beside.env };
  // Where there is not even an sh, a program runs alone; no time is spent on looking for other shells.
  const usable = beside === undefined ? interpreters(plan.shells) : [beside.interpreter];
  let last = new BktuiError("not-found", "there is no shell to try");
  for (const interpreter of program === undefined ? usable : usable.slice(0, 1)) {
    const opened = await inContainer(debug, options, { signal }, (container) => {
      if (plan.reproduces) refuseWithoutParts(debug, container);
      const { environment } = options.debugRoot === true && beside === undefined ? container : plan;
      return SharedContainer.open(
        { ...whole, environment, container, interpreter },
        { talk, program },
        { signal },
      );
    });
    if (!(opened instanceof BktuiError)) return opened;
    last = opened;
  }
  return last;
}

/** What cannot start without them cannot run again either. @throws {BktuiError} "not-now" */
function refuseWithoutParts({ state }: Debugger, { missing }: Container): void {
  const [first] = missing;
  if (first === undefined) return;
  const why = missingWords(first, programOf(state));
  throw new Refused("not-now", `the command cannot run again: ${why}`, { remedies: [OTHER_STATE] });
}

function notReproducible(cause: unknown): BktuiError {
  return new Refused("not-found", "no /bin/sh here to run the failed command again with", {
    cause,
    remedies: [{ command: "debug-shell", does: "does it with other programs" }, OTHER_STATE, ENGINE_WORDS],
  });
}

function noShellInDebugRoot({ state }: Debugger, cause: unknown): BktuiError {
  const image = state.request?.debugImage;
  const what = image === undefined ? "the debug root" : `the debug image ${image}`;
  return new Refused("not-found", `${what} has no /bin/sh`, {
    cause,
    hint: "--debug-image must name an image with a shell, e.g. alpine",
    remedies: [ENGINE_WORDS],
  });
}

function noShell({ program }: ShellOptions, cause: unknown): BktuiError {
  if (program !== undefined) {
    return new Refused("not-found", `${program[0]} did not run here`, {
      cause,
      hint: "a program is named by its path in the image",
      remedies: [ENGINE_WORDS],
    });
  }
  return new Refused("not-found", "no /bin/sh here (scratch or distroless)", {
    cause,
    remedies: [{ command: "debug-shell", does: "opens one with other programs" }, ENGINE_WORDS],
  });
}

/** One try, in a container of its own: one whose first process could not start is of no more use. */
async function inContainer<Made>(
  debug: Debugger,
  { step, side, debugRoot }: ShellOptions,
  { signal }: Signal,
  open: (container: Container) => Promise<Made>,
): Promise<Made | BktuiError> {
  const place = isReproduced(debug.state, step.id, side) ? "beside" : "root";
  const container = await debug.container(step.id, side, {
    signal,
    debugRoot: debugRoot === true ? place : undefined,
  });
  try {
    return await open(container);
  } catch (error) {
    await quietly(container[Symbol.asyncDispose]());
    const failure = toBktuiError(error, "engine");
    if (failure.code !== "engine" && failure.code !== "not-found") throw failure;
    return failure;
  }
}

/** As the container's first process, without a script around it. */
async function openAlone(
  container: Container,
  { args, plan, talk }: { readonly args: readonly string[]; readonly plan: Plan; readonly talk: ShellTalk },
  { signal }: Signal,
): Promise<OpenedShell> {
  const process = await container.start(specOf(args, talk, plan.prompt), { signal });
  const output = new EarlyOutput(process);
  process.onData((chunk) => output.push(chunk));
  const code = await firstOutput(output);
  if (code !== undefined) {
    throw new BktuiError("not-found", `${args[0]} ended with ${code} before it printed anything`);
  }
  const interpreter = interpreterOf(args);
  return {
    container,
    process,
    environment: plan.environment,
    shared: undefined,
    ready: Promise.resolve(),
    onData: (listener) => output.onData(listener),
    program: async (options) =>
      interpreter === undefined
        ? undefined
        : await foregroundProgram({ container, interpreter, id: undefined }, options),
    end: () => quietly(container[Symbol.asyncDispose]()),
  };
}

function specOf(args: readonly string[], talk: ShellTalk, prompt: string | undefined): ProcessSpec {
  switch (talk.kind) {
    case "terminal": {
      const { columns, rows, term } = talk;
      return { args, env: shellEnvironment({ prompt, term }), terminal: { columns, rows } };
    }
    case "lines":
      return { args, env: [], terminal: undefined, input: true };
  }
}
