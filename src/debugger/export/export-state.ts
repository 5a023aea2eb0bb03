/** Exports states of steps: finds out where a state is to be had, and asks the engine to make outputs of it. */
import { BktuiError, throwIfCancelled, toBktuiError } from "../../base/errors.ts";
import type { Build, ExportSource, OpenedState, StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { Debugger } from "../debugger.ts";
import type { ExportedState, ExportOptions } from "../exported.ts";
import { openShell } from "../shells/open-shell.ts";
import type { OpenedShell } from "../shells/shared-container.ts";
import { failureOfStep, isReproduced, programOf } from "../state/inspect.ts";
import { defaultName, stateImage } from "./state-order.ts";
import { storyOf } from "./state-story.ts";

export interface ExportPlace {
  readonly debug: Debugger;
  readonly build: Build;
  readonly step: Step;
  readonly side: StateSide;
}

/** @throws {BktuiError} as `Debugger.exportState`. */
export async function exportState(place: ExportPlace, options: ExportOptions): Promise<ExportedState> {
  const { debug, build, step, side } = place;
  const { outputs, force = false, withSecrets = false, signal, onProgress, open } = options;
  const program = programOf(debug.state);
  if (program === undefined) throw new BktuiError("not-now", "nothing is loaded");
  const environment = await debug.environment(step.id, side, { signal });
  await using found = await sourceOf(place, options);
  const { source } = found;
  const { way } = source;
  const isChanged = (way === "captured" || way === "reproduced") && open !== undefined;
  const { exitCode } = failureOfStep(debug.state, step.id) ?? {};
  const image = stateImage({
    step,
    side,
    program,
    environment,
    engine: debug.engine,
    way,
    isChanged,
    exitCode: side === "failed" ? exitCode : undefined,
    story: await storyOf(debug, { step, side }, { signal }),
    masked: (text) => debug.masked(text),
  });
  const order = { outputs, name: options.name ?? defaultName({ step, side }), image, force, withSecrets };
  const made = await build.exportState(source, order, { signal, onProgress }).catch((error: unknown) => {
    // A lost build is left at once: that ends the export, and nobody has asked for it.
    const isLeft = build.lost.aborted && !signal.aborted && toBktuiError(error).code === "cancelled";
    throw isLeft ? toBktuiError(build.lost.reason, "engine-unreachable") : error;
  });
  return { ...made, step: step.id, side, way, isChanged };
}

interface Found extends AsyncDisposable {
  readonly source: ExportSource;
}

const NOTHING_TO_END = async (): Promise<void> => undefined;

async function sourceOf(place: ExportPlace, { open, rebuild, signal }: ExportOptions): Promise<Found> {
  const { debug, step, side } = place;
  const plain = (source: ExportSource): Found => ({ source, [Symbol.asyncDispose]: NOTHING_TO_END });
  if (side === "base") return plain({ way: "solved", edge: step.base });
  if (side === "after") return plain({ way: "solved", edge: step.result });
  const failure = failureOfStep(debug.state, step.id);
  if (failure === undefined) throw new BktuiError("internal", "the step has no failure");
  if (rebuild === true) return plain({ way: "rebuilt", failure });
  if (!isReproduced(debug.state, step.id, side)) return plain({ way: "captured", failure, open });
  const vertex = failure.vertex ?? step.vertex;
  if (open !== undefined) return plain({ way: "reproduced", vertex, base: step.base, open });
  const shell = await reproduce(place, signal);
  const opened: OpenedState = { container: shell.container, isDebugRoot: false };
  return {
    source: { way: "reproduced", vertex, base: step.base, open: opened },
    [Symbol.asyncDispose]: () => shell.container[Symbol.asyncDispose](),
  };
}

/** Lets the command run again, and waits until it has ended. */
async function reproduce({ debug, step, side }: ExportPlace, signal: AbortSignal): Promise<OpenedShell> {
  const { steps } = programOf(debug.state) ?? { steps: [] };
  const options = { step, side, steps: steps.length, talk: { kind: "lines" } } as const;
  const shell = await openShell(debug, options, { signal }).catch(async (error: unknown) => {
    // Where the image has no shell, one lies beside it.
    if (error instanceof BktuiError && error.code === "not-found")
      return await openShell(debug, { ...options, debugRoot: true }, { signal });
    throw error;
  });
  try {
    // A command may print without end: nobody reads it here.
    shell.onData(() => undefined);
    await unlessAborted(shell.ready, signal);
    return shell;
  } catch (error) {
    await shell.container[Symbol.asyncDispose]();
    throw error;
  }
}

async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  throwIfCancelled(signal);
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener("abort", stop, { once: true });
  });
  await Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", stop));
  throwIfCancelled(signal);
}
