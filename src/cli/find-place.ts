/** Finds where the context and the Dockerfile of a command line are. */
import { constants } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { quote } from "../base/quote.ts";
import { usageError } from "../console/bad-values.ts";
import { isRemote } from "../console/build-contexts.ts";
import { type BuildContext, type DockerfileSource, withoutPassword } from "../engine/build-sources.ts";
import { serveHint } from "./arguments.ts";
import type { DebugOptions } from "./debug-options.ts";
import { isOtherBuildName } from "./other-build-files.ts";
import { look, mustBeReadable } from "./paths.ts";
import type { ReceivedInput } from "./received.ts";
import type { TypedPath } from "./typed-source.ts";

const DEFAULT_NAME = "Dockerfile";
const STDIN = "standard input";
const KEPT_DOCKERFILE =
  "the Dockerfile came on standard input: a private copy of it is edited and rerun, and deleted at the end";
const KEPT_INLINE = "the Dockerfile stands in a bake file: edits go into a private copy of that of";
const KEPT_ARCHIVE =
  "the context came on standard input: a rerun takes the same again, from a private copy that is deleted at the end";

export interface Place extends Omit<DockerfileSource, "kind"> {
  readonly notes: readonly string[];
}

/**
 * Where context and Dockerfile are, in docker's order: standard input, a directory here, a URL; and a file is the
 * Dockerfile, its directory the context.
 * @param input what came on standard input, when it was asked for
 */
export async function findPlace(options: DebugOptions, input: ReceivedInput | undefined): Promise<Place> {
  if (options.path.text === "-") return await placeOfInput(options, input);
  const url = await urlOf(options.path);
  return url === undefined ? await placeOfPath(options, input) : placeOfUrl(url, options, input);
}

async function placeOfInput({ file }: DebugOptions, input: ReceivedInput | undefined): Promise<Place> {
  if (input === undefined) throw new BktuiError("internal", "standard input was not read");
  const { of } = input;
  const { kind, path } = input.received;
  if (kind === "archive") {
    const dockerfile = { kind: "in-context", path: file?.text ?? DEFAULT_NAME } as const;
    return { context: { kind, path, of }, dockerfile, notes: [KEPT_ARCHIVE] };
  }
  if (file !== undefined)
    throw usageError(
      `two Dockerfiles: standard input and -f ${file.text}`,
      "pipe a tar with the context, or leave -f out",
    );
  return {
    context: await input.emptyDirectory(),
    dockerfile: { kind: "copy", path, of },
    notes: noteOf(of),
  };
}

function placeOfUrl(url: string, { file, context }: DebugOptions, input: ReceivedInput | undefined): Place {
  if (context !== undefined)
    throw usageError(
      `two contexts: ${withoutPassword(url)} and --context ${withoutPassword(context.text)}`,
      "give one of them",
    );
  const remote = { kind: "url", url } as const;
  if (file !== undefined && isHttp(file.text))
    throw usageError(
      `-f ${withoutPassword(file.text)}: the context is a URL too, and a frontend takes only one`,
      "save the Dockerfile and give its whole path",
    );
  if (file?.text === "-") return { context: remote, ...dockerfileOf(input) };
  // As in docker: a whole path is a file here, any other one is within the context.
  if (file !== undefined && isAbsolute(file.text))
    return { context: remote, dockerfile: file.path, notes: [] };
  return { context: remote, dockerfile: { kind: "in-context", path: file?.text ?? DEFAULT_NAME }, notes: [] };
}

/** A directory is the context, with its Dockerfile in it; a file is the Dockerfile, its directory the context. */
async function placeOfPath(options: DebugOptions, input: ReceivedInput | undefined): Promise<Place> {
  const { path, text, isBehindServe } = options.path;
  const { file } = options;
  const facts = await look(path, "path", isBehindServe === true ? serveHint(text) : undefined);
  const named = await contextOf(options);
  if (facts.isDirectory()) {
    await checkContext(path);
    const context = named ?? path;
    if (file?.text === "-") return { context, ...dockerfileOf(input) };
    if (file !== undefined && isHttp(file.text))
      return { context, dockerfile: { kind: "url", url: file.text }, notes: [] };
    return { context, dockerfile: file?.path ?? (await defaultDockerfile(path)), notes: [] };
  }
  if (file !== undefined)
    throw usageError(
      `two Dockerfiles: ${path} and -f ${file.path}`,
      "give one of them, and the context with --context DIR if it is elsewhere",
    );
  if (named !== undefined) return { context: named, dockerfile: path, notes: [] };
  const directory = dirname(path);
  await checkContext(directory);
  return { context: directory, dockerfile: path, notes: [`the build context is ${directory}`] };
}

async function contextOf({ context }: DebugOptions): Promise<BuildContext | undefined> {
  if (context === undefined) return undefined;
  const url = await urlOf(context);
  if (url !== undefined) return { kind: "url", url };
  await checkContext(context.path);
  return context.path;
}

function dockerfileOf(input: ReceivedInput | undefined): Pick<Place, "dockerfile" | "notes"> {
  if (input === undefined) throw new BktuiError("internal", "standard input was not read");
  const { kind, path } = input.received;
  if (kind === "archive")
    throw usageError(
      "-f -: standard input holds an archive, not a Dockerfile",
      "a context is piped into: bktui -",
    );
  const notes = noteOf(input.of);
  return { dockerfile: { kind: "copy", path, of: input.of }, notes };
}

/** A record's own text of it is told of by who opened the record. */
function noteOf(of: string): readonly string[] {
  if (of === STDIN) return [KEPT_DOCKERFILE];
  return of.startsWith("target ") ? [`${KEPT_INLINE} ${of}, not back into the file`] : [];
}

function isHttp(text: string): boolean {
  return /^https?:\/\//.test(text);
}

/** The text when it is fetched by the engine: a directory of that name goes first, as in docker. */
async function urlOf({ text, path }: TypedPath): Promise<string | undefined> {
  if (!isRemote(text)) return undefined;
  const isHere = await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  return isHere ? undefined : text;
}

async function checkContext(path: string): Promise<void> {
  const facts = await look(path, "context");
  if (!facts.isDirectory())
    throw new BktuiError("bad-request", `the build context ${path} is not a directory`, {
      hint: "name a directory with --context DIR",
    });
  await mustBeReadable(path, constants.R_OK | constants.X_OK, "build context");
}

/** `Dockerfile`, or `dockerfile` when only that exists, as docker does. */
async function defaultDockerfile(directory: string): Promise<string> {
  const names = await readdir(directory);
  for (const name of ["Dockerfile", "dockerfile"]) if (names.includes(name)) return join(directory, name);
  const near = names.filter(looksLikeDockerfile).sort();
  const [other] = near.length > 0 ? [] : names.filter(isOtherBuildName).sort();
  if (other !== undefined) {
    const hint = `${other} names those that are elsewhere: bktui ${quote(join(directory, other))} says what to type`;
    throw new BktuiError("not-found", `no Dockerfile in ${directory}`, { hint });
  }
  throw new BktuiError("not-found", `no Dockerfile in ${directory}`, {
    hint:
      near.length === 0
        ? "give its path with -f FILE"
        : `did you mean ${near
            .slice(0, 3)
            .map((name) => `-f ${join(directory, name)}`)
            .join(" or ")}?`,
  });
}

function looksLikeDockerfile(name: string): boolean {
  if (/\.dockerignore$/i.test(name)) return false;
  return /^(docker|container)file([._-].*)?$|\.(docker|container)file$/i.test(name);
}
