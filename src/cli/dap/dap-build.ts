/** A build that an editor has launched. */
import type { Served } from "../../console/serving.ts";
import type { DapBuild, DapHost, ShellSide } from "../../dap/host.ts";
import { type BuildParts, consoleBuild } from "../console-build.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { FrontEnds, ScreenRun } from "../front-ends.ts";

export interface DapParts extends BuildParts {
  readonly frontEnds: Pick<FrontEnds, "connect" | "serve" | "ownCommand">;
}

/** Connected, not launched. */
export async function dapBuild(
  run: ScreenRun,
  {
    options,
    notes,
    isRun,
    again,
    parts,
    waiting,
  }: Pick<DapBuild, "notes" | "again"> & {
    readonly options: DebugOptions;
    readonly isRun: boolean;
    readonly parts: DapParts;
    readonly waiting: Parameters<DapHost["open"]>[2];
  },
): Promise<DapBuild> {
  const build = await consoleBuild(run, options, parts, waiting);
  const { debug } = build;
  const end = (): void => debug.dispatch({ kind: "quit" });
  let served: Promise<Served> | undefined;
  const serve = async (): Promise<Served> =>
    build.scope.own(await parts.frontEnds.serve({ ...run, debugger: debug, name: "", end }));
  return {
    debug,
    console: build.console,
    request: run.request,
    breakpoints: run.breakpoints,
    run: isRun,
    again,
    isShared: false,
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
}
