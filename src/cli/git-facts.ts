/** BUILDX_GIT_LABELS and BUILDX_GIT_INFO: what git knows of the context, as buildx 0.37 tells the build. */
import { execFile } from "node:child_process";
import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative } from "node:path";
import { promisify } from "node:util";
import { goBoolean } from "../base/go-boolean.ts";
import type { Surroundings } from "../console/build-options.ts";
import type { BuildRequest, TakenValue } from "../engine/build-request.ts";
import { contextDirectory, ownDockerfile } from "../engine/build-sources.ts";

const run = promisify(execFile);
/** A repository on a drive that hangs must not keep anybody waiting. */
const TIMEOUT_MS = 5_000;
const REVISION = "org.opencontainers.image.revision";
const SOURCE = "org.opencontainers.image.source";
const ENTRYPOINT = "com.docker.image.source.entrypoint";

/** Which of them are wanted. */
interface Wishes {
  readonly labels: boolean;
  readonly info: boolean;
  readonly dirty: boolean;
}

export interface WithGitFacts {
  readonly request: BuildRequest;
  /** Why there are no facts though there is a repository; a build without them is built all the same, as by buildx. */
  readonly notes: readonly string[];
}

/**
 * The request with what git says: as labels of the image, and as facts for its provenance where something is made of
 * it. Nothing where no repository is.
 */
export async function withGitFacts(request: BuildRequest, env: Surroundings["env"]): Promise<WithGitFacts> {
  const wishes = wishesOf(request, env);
  const context = contextDirectory(request);
  if (context === undefined || (!wishes.labels && !wishes.info)) return { request, notes: [] };
  const git = (...args: readonly string[]): Promise<string> => ask(context, args, env);
  try {
    const root = await rootOf(context, git);
    return {
      request: root === undefined ? request : await withFacts(request, { context, root, wishes, git }),
      notes: [],
    };
  } catch (error) {
    return { request, notes: [`git cannot read the repository of the context: ${reasonOf(error)}`] };
  }
}

type Git = (...args: readonly string[]) => Promise<string>;

async function withFacts(
  request: BuildRequest,
  {
    context,
    root,
    wishes,
    git,
  }: { readonly context: string; readonly root: string; readonly wishes: Wishes; readonly git: Git },
): Promise<BuildRequest> {
  const found = await git("show", "--format=%H", "HEAD", "--quiet", "--").catch(() => "");
  const isDirty = found !== "" && wishes.dirty && (await git("status", "--porcelain", "--ignored")) !== "";
  const revision = isDirty ? `${found}-dirty` : found;
  const source = await remoteOf(git);
  const own = ownDockerfile(request) ?? join(context, "Dockerfile");
  const file = relative(root, await realpath(own).catch(() => own));
  const labels = wishes.labels
    ? present({ [REVISION]: revision, [SOURCE]: source, [ENTRYPOINT]: file.startsWith("..") ? "" : file })
    : {};
  const facts = wishes.info
    ? present({
        "vcs:revision": revision,
        "vcs:source": source,
        "vcs:localdir:context": await within(root, context),
        "vcs:localdir:dockerfile": await within(root, dirname(own)),
      })
    : {};
  const taken: readonly TakenValue[] = Object.entries(labels).map(([name, value]) => ({
    name: `label ${name}`,
    value,
    from: "git, BUILDX_GIT_LABELS",
  }));
  return {
    ...request,
    labels: { ...request.labels, ...labels },
    vcs: facts,
    ...(taken.length === 0 ? {} : { taken: [...(request.taken ?? []), ...taken] }),
  };
}

function wishesOf(request: BuildRequest, env: Surroundings["env"]): Wishes {
  const text = env["BUILDX_GIT_LABELS"] ?? "";
  const { tags, load, push = false, outputs = [] } = request;
  const isMade = tags.length > 0 || load || push || outputs.length > 0;
  return {
    // "full" is a word of older versions.
    labels: text === "full" || goBoolean(text) === true,
    info: isMade && goBoolean(env["BUILDX_GIT_INFO"] ?? "") !== false,
    dirty: goBoolean(env["BUILDX_GIT_CHECK_DIRTY"] ?? "") === true,
  };
}

/** Undefined where no repository is. */
async function rootOf(directory: string, git: Git): Promise<string | undefined> {
  try {
    return await realpath(await git("rev-parse", "--show-toplevel"));
  } catch (error) {
    const isOne = await stat(join(directory, ".git")).then(
      (facts) => facts.isDirectory(),
      () => false,
    );
    if (isOne) throw error;
    return undefined;
  }
}

/** First line of what git says. What a repository's own configuration would start is switched off. */
async function ask(directory: string, args: readonly string[], env: Surroundings["env"]): Promise<string> {
  const safe = ["-c", "log.showSignature=false", "-c", "core.fsmonitor=false"];
  const { stdout } = await run("git", [...safe, ...args], {
    cwd: directory,
    timeout: TIMEOUT_MS,
    env: { ...env, LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" },
  });
  return (stdout.split("\n")[0] ?? "").replaceAll("'", "");
}

async function remoteOf(git: Git): Promise<string> {
  const head = await git("symbolic-ref", "-q", "HEAD").catch(() => "");
  const tracked =
    head === "" ? "" : await git("for-each-ref", "--format=%(upstream:remotename)", head).catch(() => "");
  for (const remote of [tracked, "origin", "upstream"]) {
    const url = remote === "" ? "" : await git("remote", "get-url", remote).catch(() => "");
    if (url !== "") return withoutPassword(url);
  }
  return "";
}

/** As BuildKit writes it: neither user nor password is told. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/@]*)@/i, (_, scheme: string, user: string) =>
    user.includes(":") ? `${scheme}xxxxx:xxxxx@` : `${scheme}xxxxx@`,
  );
}

async function within(root: string, directory: string): Promise<string> {
  const path = relative(root, await realpath(directory).catch(() => directory));
  if (path.startsWith("..") || isAbsolute(path)) return "";
  return path === "" ? "." : path;
}

function present(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}

function reasonOf(error: unknown): string {
  const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n")[0] : "";
  return said === undefined || said === "" ? (error instanceof Error ? error.message : String(error)) : said;
}
