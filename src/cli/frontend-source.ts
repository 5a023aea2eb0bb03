/** Finds what a build of a frontend is made from: its name and options, and the directories that it may read. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { usageError } from "../console/bad-values.ts";
import { isRemote } from "../console/build-contexts.ts";
import {
  type BuildSource,
  type FrontendSource,
  fromDockerfile,
  type NamedContext,
} from "../engine/build-sources.ts";
import type { DebugOptions } from "./debug-options.ts";
import { look, mustBeReadable } from "./paths.ts";
import type { TypedPath } from "./typed-source.ts";

const DOCKERFILE_FRONTEND = "dockerfile.v0";
const GATEWAY_FRONTEND = "gateway.v0";
const CONTEXT = "context";
const DOCKERFILE = "dockerfile";
const NAMED = "context:";
const USUAL_NAME = "Dockerfile";
const EITHER = "give PATH and -f as for docker build, or --local and --opt as for buildctl build";

/** What a frontend is given, before it is known whether that is a Dockerfile's build. */
interface Given {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  readonly locals: Readonly<Record<string, string>>;
  readonly layouts: Readonly<Record<string, string>>;
  readonly shown: string | undefined;
}

export interface FrontendPlace {
  readonly source: BuildSource;
  /** Beside those of `--build-context`. */
  readonly contexts: readonly NamedContext[];
}

/**
 * Undefined without `--frontend`. A build of dockerfile.v0 from directories is the same as one of a path, and becomes that.
 * @throws {BktuiError} "usage" for words that contradict each other, "not-found", "io" or "bad-request" for directories.
 */
export async function frontendPlace(options: DebugOptions): Promise<FrontendPlace | undefined> {
  const { frontend } = options;
  if (frontend === undefined) return refuseWithout(options);
  const locals = localsOf(options);
  for (const [name, { path }] of Object.entries(locals)) await checkDirectory(`--local ${name}`, path);
  for (const [name, { path }] of Object.entries(options.layouts ?? {}))
    await checkDirectory(`--oci-layout ${name}`, path);
  const given = {
    name: frontend,
    options: { ...(options.frontendOptions ?? {}), ...filenameOf(options) },
    locals: pathsOf(locals),
    layouts: pathsOf(options.layouts ?? {}),
    shown: options.shown?.path,
  };
  if (given.shown !== undefined) await checkShown(given.shown);
  checkNeeds(given);
  const source = { kind: "frontend", ...given, ...(await withoutFile(given)) } as const;
  return asDockerfile(given) ?? { source, contexts: [] };
}

/** Where nobody says which file it reads, and the usual one is not there. */
async function withoutFile({ options, locals, shown }: Given): Promise<Pick<FrontendSource, "isUnusual">> {
  const directory = locals[DOCKERFILE];
  if (directory === undefined || options["filename"] !== undefined || shown !== undefined) return {};
  const isThere = await access(join(directory, USUAL_NAME)).then(
    () => true,
    () => false,
  );
  return isThere ? {} : { isUnusual: true };
}

/** What only a frontend that is named has a use for. */
function refuseWithout({ locals, layouts, shown, frontendOptions = {} }: DebugOptions): undefined {
  const [flag] = [
    ...(locals === undefined ? [] : ["--local"]),
    ...(layouts === undefined ? [] : ["--oci-layout"]),
    ...(shown === undefined ? [] : ["--source"]),
  ];
  if (flag !== undefined)
    throw usageError(
      `${flag} is for a build of a frontend or of a definition, and none is named`,
      `name it: --frontend ${GATEWAY_FRONTEND} --opt source=IMAGE, --frontend ${DOCKERFILE_FRONTEND}, or --llb FILE`,
    );
  const instead: Readonly<Record<string, string>> = {
    filename: "-f FILE",
    context: "the path",
    source: `--frontend ${GATEWAY_FRONTEND}`,
  };
  const [name, words] = Object.entries(instead).find(([key]) => Object.hasOwn(frontendOptions, key)) ?? [];
  if (name !== undefined)
    throw usageError(
      `--opt ${name}=${frontendOptions[name]}: for a build of a path that is said by ${words}`,
      `or name the frontend, and what it may read: --frontend NAME --local NAME=DIRECTORY`,
    );
  return undefined;
}

/** Without any, PATH is both the context and where the frontend's file is, as for docker build. */
function localsOf({
  path,
  file,
  context,
  locals,
  frontendOptions = {},
}: DebugOptions): Readonly<Record<string, TypedPath>> {
  const isPlaced = locals !== undefined || Object.hasOwn(frontendOptions, CONTEXT);
  const [typed] = [
    ...(path.isDefault === true ? [] : [`the path ${path.text}`]),
    ...(file === undefined ? [] : [`-f ${file.text}`]),
    ...(context === undefined ? [] : [`--context ${context.text}`]),
  ];
  const placed = locals === undefined ? `--opt ${CONTEXT}` : "--local";
  if (isPlaced && typed !== undefined)
    throw usageError(`${typed} and ${placed} say in two ways what is built`, EITHER);
  if (isPlaced) return locals ?? {};
  const [remote] = [path, file, context].filter((each) => each !== undefined && isElsewhere(each));
  if (remote !== undefined)
    throw usageError(
      `${remote.text}: a frontend that is named is given directories of this machine`,
      "what it fetches itself is an option of its own, mostly --opt context=URL",
    );
  const directory = context ?? path;
  return {
    [CONTEXT]: directory,
    [DOCKERFILE]: file === undefined ? path : { text: file.text, path: dirname(file.path) },
  };
}

function isElsewhere({ text }: TypedPath): boolean {
  return text === "-" || isRemote(text);
}

function filenameOf({ file, frontendOptions = {} }: DebugOptions): Readonly<Record<string, string>> {
  if (file === undefined) return {};
  const { filename } = frontendOptions;
  if (filename !== undefined)
    throw usageError(`-f ${file.text} and --opt filename=${filename} name two files`, "give one of them");
  return { filename: basename(file.path) };
}

export function pathsOf(typed: Readonly<Record<string, TypedPath>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(typed).map(([name, { path }]) => [name, path]));
}

/** What these two frontends cannot do without. */
function checkNeeds({ name, options, locals }: Given): void {
  if (name === GATEWAY_FRONTEND && (options["source"] ?? "") === "")
    throw usageError(
      `--frontend ${name}: the image of the frontend is missing`,
      "name it: --opt source=IMAGE",
    );
  if (name !== DOCKERFILE_FRONTEND || options[CONTEXT] !== undefined) return;
  const missing = [CONTEXT, DOCKERFILE].find((each) => locals[each] === undefined);
  if (missing !== undefined)
    throw usageError(
      `--frontend ${name}: it reads the directory "${missing}", which is not given`,
      `give it: --local ${missing}=DIRECTORY`,
    );
}

/** Undefined for what a build of a path cannot say. */
function asDockerfile({ name, options, locals, layouts, shown }: Given): FrontendPlace | undefined {
  const { [CONTEXT]: context, [DOCKERFILE]: directory, ...others } = locals;
  const { filename = USUAL_NAME, ...rest } = options;
  const isPlain = name === DOCKERFILE_FRONTEND && shown === undefined;
  if (!isPlain || context === undefined || directory === undefined) return undefined;
  const contexts: NamedContext[] = [];
  for (const [key, value] of Object.entries(rest)) {
    const from = key.startsWith(NAMED) ? placeOf(value, { locals: others, layouts }) : undefined;
    if (from === undefined) return undefined;
    contexts.push({ name: key.slice(NAMED.length), from });
  }
  return { source: fromDockerfile(context, join(directory, filename)), contexts };
}

/** A named context as the frontend's option says it. */
function placeOf(
  text: string,
  { locals, layouts }: Pick<Given, "locals" | "layouts">,
): NamedContext["from"] | undefined {
  const local = /^local:(.+)$/s.exec(text)?.[1];
  if (local !== undefined) {
    const path = Object.hasOwn(locals, local) ? locals[local] : undefined;
    return path === undefined ? undefined : { kind: "directory", path };
  }
  const [, layout = "", tag, digest] =
    /^oci-layout:\/\/([^:@]+)(?::([^@]+))?(?:@(sha256:[a-f0-9]{64}))?$/.exec(text) ?? [];
  const path = Object.hasOwn(layouts, layout) ? layouts[layout] : undefined;
  if (path !== undefined) return { kind: "oci-layout", path, tag, digest };
  return /^docker-image:\/\//.test(text) || isRemote(text) ? { kind: "reference", text } : undefined;
}

/** @throws {BktuiError} "not-found", "io" or "bad-request". */
export async function checkDirectory(what: string, path: string): Promise<void> {
  const facts = await look(path, what);
  if (!facts.isDirectory())
    throw new BktuiError("bad-request", `${what}: ${path} is not a directory`, {
      hint: "name a directory",
    });
  await mustBeReadable(path, constants.R_OK | constants.X_OK, what);
}

/** Of `--source`. @throws {BktuiError} as above. */
export async function checkShown(path: string): Promise<void> {
  const facts = await look(path, "--source");
  if (!facts.isFile())
    throw new BktuiError("bad-request", `--source ${path} is not a regular file`, {
      hint: "name the text that is to be shown",
    });
  await mustBeReadable(path, constants.R_OK, "--source");
}
