/**
 * Bake files of a repository or a server, as buildx reads them (0.29 to 0.37): it prints the URL for a context "." and leaves
 * directories of the repository as they stand in the file, which is also how it prints what is here (`cwd://`).
 */
import { stat } from "node:fs/promises";
import { posix, resolve } from "node:path";
import { visibleLine } from "../../base/visible.ts";
import { badValue } from "../../console/bad-values.ts";
import { isRemote } from "../../console/build-contexts.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { withoutPassword } from "../../engine/build-sources.ts";
import { type BakePlan, type BakeTarget, record } from "./read-plan.ts";

/** The first operand when it is a URL: what the bake files are read from. A second one is what `BAKE_CMD_CONTEXT` says. */
export function remoteOf(operands: readonly string[]): string | undefined {
  const [first] = operands;
  return first !== undefined && isRemote(first) ? first : undefined;
}

/**
 * The plan with whole URLs for the contexts that are the repository's own, and with the token that its bake files were read
 * with (`BUILDX_BAKE_GIT_AUTH_TOKEN`).
 * @throws {BktuiError} "bad-request" for a context of which nobody can tell where it is, or that no engine can fetch alone.
 */
export async function placedPlan(plan: BakePlan, url: string, surroundings: Surroundings): Promise<BakePlan> {
  // What is no archive is a bake file alone: its contexts are here.
  if (!isGit(url) && /\.(?:hcl|json|ya?ml)$/i.test(url.replace(/[?#].*$/s, ""))) return plan;
  const targets = await Promise.all(
    [...plan.targets].map(
      async ([name, target]) => [name, await placed(name, target, { ...surroundings, url })] as const,
    ),
  );
  return { ...plan, targets: new Map(targets) };
}

interface Remote extends Surroundings {
  readonly url: string;
}

async function placed(name: string, target: BakeTarget, remote: Remote): Promise<BakeTarget> {
  const context = target["context"];
  // buildx prints these as they stand in the file.
  const named = Object.entries(record(target["contexts"])).map(
    ([key, from]) => [key, isElsewhere(from) ? from : namedContext(name, `${from}`, remote)] as const,
  );
  return {
    ...target,
    ...(typeof context === "string" ? { context: await placedContext(name, context, remote) } : {}),
    ...(named.length === 0 ? {} : { contexts: Object.fromEntries(named) }),
    ...secretsOf(target, remote),
  };
}

async function placedContext(name: string, context: string, remote: Remote): Promise<string> {
  // An archive is printed as nothing.
  if (context === "") return remote.url;
  if (context === "." || isRemote(context)) return context;
  const here = resolve(remote.cwd, context);
  const isHere = await stat(here).then(
    () => true,
    () => false,
  );
  if (isHere)
    throw badValue(
      visibleLine(
        `target ${name}: the context ${context} may be that of ${withoutPassword(remote.url)}, or ${here}: docker buildx prints both alike`,
      ),
      "run it in a directory that has none of that name, or clone the repository and run bktui bake in it",
    );
  return inside(context, remote);
}

/** What has a place of its own; `cwd://` is here. */
function isElsewhere(from: unknown): boolean {
  return (
    typeof from !== "string" || isRemote(from) || /^(?:cwd:\/\/|target:|docker-image:|oci-layout:)/.test(from)
  );
}

/** Of a directory, buildx makes one that has it below its root, and nothing else; an engine has no way to be asked for that. */
function namedContext(name: string, from: string, remote: Remote): string {
  if (posix.join("/", from) === "/") return remote.url;
  throw badValue(
    visibleLine(
      `target ${name}: a named context that is the directory ${from} of ${withoutPassword(remote.url)} cannot be debugged`,
    ),
    "clone the repository and run bktui bake in it, where the context is the directory itself",
  );
}

/** A directory of the repository, in the way that engines take it: `URL#REF:DIRECTORY`. Nothing of it leads out. */
function inside(directory: string, { url }: Remote): string {
  const below = posix.join("/", directory).slice(1).replace(/\/$/, "");
  if (below === "") return url;
  if (!isGit(url) || url.includes("?"))
    throw badValue(
      visibleLine(`no engine fetches ${below} of ${withoutPassword(url)} alone`),
      "unpack it here, and run bktui bake in it",
    );
  const [, repository = url, ref = "", outer = ""] = /^([^#]*)(?:#([^:]*)(?::(.*))?)?$/s.exec(url) ?? [];
  return `${repository}#${ref}:${posix.join(outer, below)}`;
}

function isGit(url: string): boolean {
  return !/^https?:/i.test(url) || /^https?:\/\/[^#?]*\.git(?:[#?].*)?$/is.test(url);
}

const TOKENS: Readonly<Record<string, string>> = {
  GIT_AUTH_TOKEN: "BUILDX_BAKE_GIT_AUTH_TOKEN",
  GIT_AUTH_HEADER: "BUILDX_BAKE_GIT_AUTH_HEADER",
};

/** Under the names by which engines ask for them; by name of the variable, never by value. */
function secretsOf({ secret }: BakeTarget, { env, url }: Remote): BakeTarget {
  const own = Array.isArray(secret) ? secret : [];
  const has = (id: string): boolean => own.some((each: unknown) => record(each)["id"] === id);
  const added = Object.entries(TOKENS).flatMap(([id, variable]) =>
    isGit(url) && env[variable] !== undefined && !has(id) ? [{ id, env: variable }] : [],
  );
  return added.length === 0 ? {} : { secret: [...own, ...added] };
}
