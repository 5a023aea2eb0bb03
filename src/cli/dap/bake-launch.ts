/** A launch of targets of a bake or compose file: the first is debugged by it, each other one by a session of its own. */
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { OtherBuild } from "../../dap/host.ts";
import { type BakeBuild, bakeBuild } from "../bake/bake-builds.ts";
import { type Buildx, noBuildx, runBake } from "../bake/buildx.ts";
import { readPlan } from "../bake/read-plan.ts";

/** What a body says of it. */
export interface BakeAsked {
  /** Targets and groups; none = as bake does. */
  readonly targets: readonly string[];
  /** As `-f` takes them; none = those that bake finds. */
  readonly files: readonly string[];
}

export interface BakeLaunch {
  readonly build: BakeBuild;
  readonly others: readonly OtherBuild[];
}

/** The caller disposes the build. @throws {BktuiError} "unsupported" without a buildx, "bad-request" with its words, "usage". */
export async function bakeLaunch(
  { targets, files }: BakeAsked,
  {
    body,
    buildWords,
    surroundings,
    findBuildx,
    signal,
  }: {
    /** Of the launch. */
    readonly body: object;
    /** Options of each build. */
    readonly buildWords: readonly string[];
    readonly surroundings: Surroundings;
    readonly signal: AbortSignal;
    findBuildx(): Promise<Buildx | undefined>;
  },
): Promise<BakeLaunch> {
  const buildx = await findBuildx();
  if (buildx === undefined) throw noBuildx("a launch of bake targets");
  const words = ["--print", ...files.map((file) => `--file=${file}`), ...targets];
  const plan = readPlan(await runBake(buildx, { ...surroundings, words, input: undefined }, { signal }));
  const [first, ...others] = plan.asked;
  if (first === undefined) throw new BktuiError("bad-request", "the bake file has no target to build");
  const { cwd, env } = surroundings;
  const build = await bakeBuild(first, { plan, buildWords, allowed: [], made: {}, cwd, env });
  return {
    build,
    others: others.map((name) => ({
      name: visibleLine(name),
      configuration: { ...body, bake: [name], name: visibleLine(name) },
    })),
  };
}
