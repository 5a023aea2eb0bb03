/** Finds what a build of a definition is made from, and refuses the options that mean nothing for one. */
import { usageError } from "../console/bad-values.ts";
import type { DefinitionSource } from "../engine/build-sources.ts";
import type { DebugOptions } from "./debug-options.ts";
import { checkDirectory, checkShown, pathsOf } from "./frontend-source.ts";
import { look } from "./paths.ts";
import type { ReceivedInput } from "./received.ts";
import type { TypedPath } from "./typed-source.ts";

export interface DefinitionPlace {
  readonly source: DefinitionSource;
  readonly notes: readonly string[];
}

const KEPT =
  "the definition came on standard input: a rerun takes the same again, from a private copy that is deleted at the end";
const IN_OPERATIONS = "each command of a definition says it itself";

/** What was typed, and why a definition has no use for it. */
const REFUSED: readonly (readonly [
  isGiven: (options: DebugOptions) => boolean,
  flag: string,
  why: string,
])[] = [
  [
    ({ path }) => path.isDefault !== true,
    "PATH",
    "a definition names its directories: --local NAME=DIRECTORY",
  ],
  [
    ({ file }) => file !== undefined,
    "--file",
    "there is no Dockerfile; --source FILE shows a text beside it",
  ],
  [({ context }) => context !== undefined, "--context", "write --local context=DIRECTORY"],
  [({ frontend }) => frontend !== undefined, "--frontend", "what a frontend makes is a definition already"],
  [({ frontendOptions }) => frontendOptions !== undefined, "--opt", "there is no frontend to read it"],
  [({ call }) => call !== undefined, "--call", "there is no frontend to ask"],
  [({ policies }) => policies !== undefined, "--policy", "there is no Dockerfile that it could be about"],
  [({ build }) => build.target !== undefined, "--target", "a definition has one result and no stages"],
  [hasBuildArgs, "--build-arg", "they were used when the definition was made"],
  [({ build }) => build.contexts.length > 0, "--build-context", "write --local NAME=DIRECTORY"],
  [hasPlatform, "--platform", "each operation says for which platform it is"],
  [({ build }) => build.pull, "--pull", "each image of a definition says when it is looked for anew"],
  [({ build }) => build.noCacheStages.length > 0, "--no-cache-filter", "there are no stages; use --no-cache"],
  [({ build }) => build.network !== undefined, "--network", IN_OPERATIONS],
  [({ build }) => build.addHosts.length > 0, "--add-host", IN_OPERATIONS],
  [({ build }) => build.ulimits.length > 0, "--ulimit", IN_OPERATIONS],
  [({ build }) => build.shmSize !== undefined, "--shm-size", IN_OPERATIONS],
  [({ build }) => build.cgroupParent !== undefined, "--cgroup-parent", IN_OPERATIONS],
  [({ build }) => Object.keys(build.resources).length > 0, "--resource", IN_OPERATIONS],
];

/** Those of the environment are for whatever is built. */
function hasBuildArgs({ build }: DebugOptions): boolean {
  return Object.keys(build.buildArgs).some((name) => !isTaken(build, name));
}

function hasPlatform({ build }: DebugOptions): boolean {
  return build.platform !== undefined && !isTaken(build, "DOCKER_DEFAULT_PLATFORM");
}

function isTaken({ taken = [] }: DebugOptions["build"], variable: string): boolean {
  return taken.some(({ name }) => name === variable);
}

/** @throws {BktuiError} "usage". */
export function refuseMeaningless(options: DebugOptions): void {
  const [, flag, why] = REFUSED.find(([isGiven]) => isGiven(options)) ?? [];
  if (flag !== undefined) throw usageError(`${flag} means nothing for a definition (--llb)`, why);
}

/**
 * @param input what came on standard input, when it was asked for
 * @throws {BktuiError} "usage" for options that mean nothing, "not-found", "io" or "bad-request" for files.
 */
export async function definitionPlace(
  options: DebugOptions & { readonly llb: TypedPath },
  input: ReceivedInput | undefined,
): Promise<DefinitionPlace> {
  refuseMeaningless(options);
  const { llb, imageConfig, locals = {}, layouts = {}, shown } = options;
  for (const [name, { path }] of Object.entries(locals)) await checkDirectory(`--local ${name}`, path);
  for (const [name, { path }] of Object.entries(layouts)) await checkDirectory(`--oci-layout ${name}`, path);
  if (shown !== undefined) await checkShown(shown.path);
  const isPiped = llb.text === "-" && input !== undefined;
  if (!isPiped) await look(llb.path, "definition");
  if (imageConfig !== undefined) await look(imageConfig.path, "image configuration");
  const file = isPiped ? ({ kind: "copy", path: input.received.path, of: input.of } as const) : llb.path;
  return {
    source: {
      kind: "definition",
      file,
      imageConfig: imageConfig?.path,
      locals: pathsOf(locals),
      layouts: pathsOf(layouts),
      shown: shown?.path,
    },
    notes: isPiped ? [KEPT] : [],
  };
}
