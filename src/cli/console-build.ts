/** A build for a program that debugs it: connected, with a console of its own, and not launched yet. */
import type { ProgramConsole } from "../answers/program-console.ts";
import { BktuiError } from "../base/errors.ts";
import { Scope } from "../base/scope.ts";
import { visibleText } from "../base/visible.ts";
import type { Surroundings } from "../console/build-options.ts";
import { type EditorDoor, editorsWords } from "../console/serving.ts";
import type { Debugger } from "../debugger/debugger.ts";
import type { Output } from "../plain/output.ts";
import type { DebugOptions } from "./debug-options.ts";
import type { FrontEnds, ScreenRun } from "./front-ends.ts";
import { secretMask } from "./secret-mask.ts";
import { unaskedUnless } from "./unattended.ts";

/** What it needs of the process and its parts. */
export interface BuildParts extends Surroundings {
  readonly stderr: Output;
  readonly frontEnds: Pick<FrontEnds, "connect" | "editors" | "serve">;
}

/** Disposing ends the build. */
export interface ConsoleBuild extends AsyncDisposable {
  readonly console: ProgramConsole;
  readonly debug: Debugger;
  /** Lets more editors in. */
  readonly editors: EditorDoor;
  /** Fires when it is over. */
  readonly life: AbortSignal;
  /** What is to be disposed with it, before it. */
  readonly scope: Scope;
  /** As `Debugger.masked`, also of secrets that the build has not asked for yet. */
  masked(text: string): string;
}

/**
 * @param options what the run was made from
 * @param waiting.signal gives the connecting up; the build outlives it
 */
export async function consoleBuild(
  run: ScreenRun,
  options: DebugOptions,
  { env, cwd, stderr, frontEnds }: BuildParts,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (words: string) => void },
): Promise<ConsoleBuild> {
  const scope = new Scope();
  const life = new AbortController();
  const giveUp = (): void => life.abort(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    signal.throwIfAborted();
    scope.defer(() => life.abort(new BktuiError("cancelled", "the build was ended")));
    const tell = (words: string): void => {
      stderr.line(visibleText(words));
      onProgress(words);
    };
    const engine = unaskedUnless(false, run.engine, options);
    // Ends last: editors hear of the end by the build itself.
    const doors = scope.own(new Scope());
    const connected = scope.own(await frontEnds.connect(engine, { signal: life.signal, onProgress: tell }));
    const { debugger: debug } = connected;
    const { ProgramConsole: Console } = await import("../answers/program-console.ts");
    const { request, settings } = run;
    const end = (): void => debug.dispatch({ kind: "quit" });
    const editors = doors.own(frontEnds.editors({ debugger: debug, request, settings, end }));
    const own = scope.own(new Console({ debug, request, surroundings: { env, cwd }, settings, editors }));
    if (run.dap !== undefined) stderr.line(await editorsWords(editors, run.dap));
    await attachable(run, debug, { scope, frontEnds, stderr });
    const mask = await secretMask(request, env);
    return {
      console: own,
      debug,
      editors,
      life: life.signal,
      scope,
      masked: (text) => mask(debug.masked(text)),
      [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
    };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** Somebody may look over the program's shoulder. */
async function attachable(
  run: ScreenRun,
  debug: Debugger,
  { scope, frontEnds, stderr }: Pick<BuildParts, "frontEnds" | "stderr"> & { readonly scope: Scope },
): Promise<void> {
  if (run.serve === undefined) return;
  const end = (): void => debug.dispatch({ kind: "quit" });
  const served = await frontEnds.serve({ ...run, debugger: debug, name: run.serve, end });
  scope.own(served);
  stderr.line(`attach with: ${visibleText(served.command)}`);
}
