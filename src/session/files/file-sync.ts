/** The service that sends the context and the Dockerfile. */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { limits } from "../../base/limits.ts";
import { type Attachable, type Call, CallRefused, grpcCode } from "../attachable.ts";
import { type BuildFiles, readIgnore } from "./dockerignore.ts";
import { describeSystemError, type FileProblem } from "./file-problem.ts";
import { followPaths } from "./follow-paths.ts";
import { literalPattern, PatternMatcher } from "./pattern-matcher.ts";
import { sendTree } from "./send-tree.ts";
import type { WalkFilter } from "./walk.ts";

/** Sends the build's files. */
export interface FileSyncService extends Attachable {
  /** What went wrong so far, oldest first; kept bounded. The build's own error often does not name the file. */
  readonly problems: readonly FileProblem[];
}

/** A transfer of the context: when it began, and what it left out. */
export interface ContextRead {
  /** Epoch milliseconds of this machine's clock. */
  readonly atMs: number;
  readonly ignore: PatternMatcher;
}

/**
 * Serves the two local sources of a Dockerfile build, and nothing else of the file system: "context" without what its
 * .dockerignore excludes, whatever the daemon asks, and "dockerfile" with the Dockerfile and its ignore files only.
 * @param options.onProblem called as soon as a file cannot be sent as announced.
 * @param options.onLarge told once per transfer of the context that moves `largeBytes` or more: what makes it large.
 * @param options.onContext told of each transfer of the context's files as it begins; not of one for ignore files alone.
 * @param options.directories sent whole, each under its exact name; may grow.
 */
export function fileSyncService(
  files: BuildFiles,
  {
    onProblem,
    onLarge = () => undefined,
    onContext = () => undefined,
    largeBytes = limits.contextBytes,
    directories = new Map(),
  }: {
    readonly onProblem?: (problem: FileProblem) => void;
    readonly onLarge?: (words: string) => void;
    readonly onContext?: (read: ContextRead) => void;
    readonly largeBytes?: number;
    readonly directories?: ReadonlyMap<string, string>;
  } = {},
): FileSyncService {
  const problems: FileProblem[] = [];
  const noteProblem = (problem: FileProblem): void => {
    if (problems.length < limits.fileProblems) problems.push(problem);
    onProblem?.(problem);
  };
  const diffCopy = async (call: Call): Promise<void> => {
    const name = call.metadata.get("dir-name")?.[0] ?? "";
    const atMs = Date.now();
    const source = await openSource(name, files, directories);
    const [ignore] = source.filter.excludes;
    if (name === "context" && ignore !== undefined && !isForIgnoreFiles(call)) onContext({ atMs, ignore });
    const asked = daemonFilter(call, source.root);
    const filter = {
      includes: [...source.filter.includes, ...asked.includes],
      excludes: [...source.filter.excludes, ...asked.excludes],
    };
    const large = name === "context" ? { bytes: largeBytes, onLarge } : undefined;
    await sendTree(call, { name, root: source.root, filter, onProblem: noteProblem, large });
  };
  return { methods: new Map([["/moby.filesync.v1.FileSync/DiffCopy", diffCopy]]), problems };
}

/**
 * The key under which the daemon keeps a copy of the last transfer, so that the next one sends only changes. The same
 * for each run on one directory; different per machine and user, since two trees under one key would overwrite each
 * other. Hashed, because daemons log it.
 */
export function sharedKeyOf(directory: string): string {
  const user = process.getuid?.() ?? userInfo().username;
  return createHash("sha256")
    .update(`${hostname()}\0${user}\0${resolve(directory)}`)
    .digest("hex");
}

interface LocalSource {
  readonly root: string;
  /** What may be sent at all. */
  readonly filter: WalkFilter;
}

async function openSource(
  name: string,
  files: BuildFiles,
  directories: ReadonlyMap<string, string>,
): Promise<LocalSource> {
  const directory = directories.get(name);
  if (directory !== undefined)
    return { root: await resolveDirectory(name, directory), filter: { includes: [], excludes: [] } };
  switch (name) {
    case "context":
      return await contextSource(files);
    case "dockerfile":
      return await dockerfileSource(files);
    default:
      return missing(name);
  }
}

function missing(name: string): never {
  throw new CallRefused(grpcCode.notFound, `no access allowed to dir ${JSON.stringify(name)}`);
}

async function contextSource(files: BuildFiles): Promise<LocalSource> {
  const root = await resolveDirectory("context", files.context ?? missing("context"));
  return { root, filter: { includes: [], excludes: [await contextIgnore(files)] } };
}

/**
 * The build's ignore patterns, except for the Dockerfile and the ignore files: the daemon asks for these even when
 * they are ignored, and applies the same patterns itself where they count.
 */
async function contextIgnore(files: BuildFiles): Promise<PatternMatcher> {
  const ignore = await readIgnore(files);
  const always = [".dockerignore"];
  const dockerfile = withinContext(files);
  if (dockerfile !== undefined) always.push(dockerfile, `${dockerfile}.dockerignore`);
  return ignore.except(always);
}

/** The Dockerfile's path in the context; undefined when it is not there. */
function withinContext({ context, dockerfile }: BuildFiles): string | undefined {
  if (context === undefined || dockerfile === undefined) return undefined;
  const path = relative(context, dockerfile);
  return path === ".." || path.startsWith(`..${sep}`) ? undefined : path;
}

async function dockerfileSource(files: BuildFiles): Promise<LocalSource> {
  const path = files.dockerfile ?? missing("dockerfile");
  const root = await resolveDirectory("dockerfile", dirname(path));
  const name = basename(path);
  const names = [name, `${name}.dockerignore`, ".dockerignore"].map(literalPattern);
  // A Dockerfile may be a link to another file of its directory.
  const allowed = followPaths(root, names) ?? names;
  return { root, filter: { includes: [new PatternMatcher(allowed)], excludes: [] } };
}

async function resolveDirectory(name: string, path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw noDirectory(name, path, error);
  }
}

function noDirectory(name: string, path: string, cause: unknown): CallRefused {
  const why = describeSystemError(cause);
  return new CallRefused(grpcCode.notFound, `cannot open the ${name} directory ${path}: ${why}`, { cause });
}

/** The frontend reads them from the context in transfers of their own. */
function isForIgnoreFiles({ metadata }: Call): boolean {
  const asked = [...(metadata.get("followpaths") ?? []), ...(metadata.get("include-patterns") ?? [])];
  return asked.length > 0 && asked.every((path) => path.endsWith(".dockerignore"));
}

/** What the daemon wants of the source. */
function daemonFilter(call: Call, root: string): WalkFilter {
  const excludes = call.metadata.get("exclude-patterns") ?? [];
  const includes = [...(call.metadata.get("include-patterns") ?? [])];
  const followed = call.metadata.get("followpaths") ?? [];
  if (followed.length > 0) includes.push(...(followPaths(root, followed) ?? []));
  return {
    includes: includes.length === 0 ? [] : [new PatternMatcher(includes)],
    excludes: excludes.length === 0 ? [] : [new PatternMatcher(excludes)],
  };
}
