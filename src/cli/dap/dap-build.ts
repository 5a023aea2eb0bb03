/** A build that an editor has launched, for it and for others that attach to it. */
import { basename } from "node:path";
import { ProgramConsole } from "../../answers/program-console.ts";
import type { Served } from "../../console/serving.ts";
import type { DapBuild, DapHost, ShellSide } from "../../dap/host.ts";
import { contextDirectory } from "../../engine/build-sources.ts";
import { type BuildParts, consoleBuild } from "../console-build.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { FrontEnds, ScreenRun } from "../front-ends.ts";

export interface DapParts extends BuildParts {
  readonly frontEnds: Pick<FrontEnds, "connect" | "editors" | "serve" | "ownCommand" | "findBuildx">;
}

/** Disposing ends the build. */
export interface DebuggedBuild extends AsyncDisposable {
  /** One word. */
  readonly what: string;
  /** For who has launched it. */
  readonly launched: DapBuild;
  /** For one more, with a console of its own; disposing leaves the build alone. */
  attached(): DapBuild;
}

/** Connected, not launched. */
export async function dapBuild(
  run: ScreenRun,
  {
    options,
    notes,
    others,
    owned,
    isRun,
    again,
    parts,
    waiting,
  }: Pick<DapBuild, "notes" | "again" | "others"> & {
    readonly options: DebugOptions;
    /** What is disposed with the build; a restart may add to it. */
    readonly owned: readonly (AsyncDisposable | undefined)[];
    readonly isRun: boolean;
    readonly parts: DapParts;
    readonly waiting: Parameters<DapHost["open"]>[2];
  },
): Promise<DebuggedBuild> {
  const disposeOwned = async (): Promise<void> => {
    for (const each of owned) await each?.[Symbol.asyncDispose]();
  };
  const build = await consoleBuild(run, options, parts, waiting).catch(async (error) => {
    await disposeOwned();
    throw error;
  });
  build.scope.defer(disposeOwned);
  const { debug } = build;
  const end = (): void => debug.dispatch({ kind: "quit" });
  let served: Promise<Served> | undefined;
  const serve = async (): Promise<Served> =>
    build.scope.own(await parts.frontEnds.serve({ ...run, debugger: debug, name: "", end }));
  const { request, settings, breakpoints } = run;
  const launched: DapBuild = {
    debug,
    console: build.console,
    request,
    breakpoints,
    run: isRun,
    again,
    atFailure: atFailure(settings),
    isShared: false,
    others,
    notes: [...run.notes, ...notes],
    masked: (text) => build.masked(text),
    shellCommand: async (side: ShellSide) => {
      served ??= serve();
      const { path } = await served;
      return [...parts.frontEnds.ownCommand, "attach", "--shell", "--side", side, path];
    },
    end: async () => {
      end();
      await build[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: () => build[Symbol.asyncDispose](),
  };
  return {
    what: basename(contextDirectory(request) ?? ""),
    launched,
    attached: () => {
      const { env, cwd } = parts;
      const own = new ProgramConsole({
        debug,
        request,
        surroundings: { env, cwd },
        settings,
        editors: build.editors,
      });
      return {
        ...launched,
        console: own,
        breakpoints: [],
        notes: [],
        others: [],
        atFailure: "pause",
        isShared: true,
        [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => build[Symbol.asyncDispose](),
  };
}

/** What else may be done has a command of the debug console. */
function atFailure({ build: { onError } }: ScreenRun["settings"]): DapBuild["atFailure"] {
  return onError === "exit" || onError === "shell" ? onError : "pause";
}
