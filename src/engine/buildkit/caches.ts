/** Where a build takes its cache from and puts it, as the engine is told. */
import { BktuiError } from "../../base/errors.ts";
import { goBoolean } from "../../base/go-boolean.ts";
import type { BuildRequest, CacheEntry } from "../build-request.ts";

/** As on the wire; attributes may hold tokens, so it is neither kept with the request nor shown. */
interface WireCache {
  readonly Type: string;
  readonly Attrs: Record<string, string>;
}

export interface Caches {
  readonly imports: readonly WireCache[];
  /** Made when the build is finished with. */
  readonly exports: readonly WireCache[];
}

export const NO_CACHES: Caches = { imports: [], exports: [] };

type Environment = Readonly<Record<string, string | undefined>>;

/** What a frontend is told, as buildx does. */
export function frontendImports({ imports }: Caches): Record<string, string> {
  return imports.length === 0 ? {} : { "cache-imports": JSON.stringify(imports) };
}

/**
 * What the request asks for, with what buildx 0.37 adds from the environment: the tokens of GitHub's runners and the
 * credentials of S3. A cache of GitHub without a token is left out, as there.
 */
export function cachesOf(request: BuildRequest, env: Environment): Caches {
  const wire = (entries: readonly CacheEntry[]): readonly WireCache[] =>
    entries.map((entry) => withCredentials(entry, env)).filter(isActive);
  const inline = goBoolean(request.buildArgs["BUILDKIT_INLINE_CACHE"] ?? "") === true;
  return {
    imports: wire(request.cacheFrom),
    exports: [...wire(request.cacheTo), ...(inline ? [{ Type: "inline", Attrs: {} }] : [])],
  };
}

/**
 * What cannot be exported is refused before the build.
 * @param keepsCaches buildx's rule: a buildkitd, and a dockerd with containerd's store
 * @throws {BktuiError} "unsupported".
 */
export function checkCacheExports({ cacheTo }: BuildRequest, keepsCaches: boolean): void {
  const refused = keepsCaches ? undefined : cacheTo.find(({ type }) => type !== "inline");
  if (refused === undefined) return;
  throw new BktuiError(
    "unsupported",
    `--cache-to type=${refused.type}: a dockerd with its older image store exports no cache`,
    { hint: "switch it to the containerd image store, use another builder, or use type=inline" },
  );
}

function withCredentials({ type, attributes }: CacheEntry, env: Environment): WireCache {
  const found = type === "gha" ? githubAttributes(attributes, env) : type === "s3" ? s3Attributes(env) : {};
  const isWhole = type === "s3" && "access_key_id" in attributes && "secret_access_key" in attributes;
  return { Type: type, Attrs: isWhole ? { ...attributes } : { ...found, ...attributes } };
}

function githubAttributes(given: CacheEntry["attributes"], env: Environment): Record<string, string> {
  const isSecond =
    given["version"] === "2" ||
    (given["version"] === undefined && goBoolean(env["ACTIONS_CACHE_SERVICE_V2"] ?? "") === true);
  return defined({
    token: env["ACTIONS_RUNTIME_TOKEN"],
    url_v2: isSecond ? env["ACTIONS_RESULTS_URL"] : undefined,
    url: env["ACTIONS_CACHE_URL"] ?? env["ACTIONS_RESULTS_URL"],
  });
}

/** Those of the variables; buildx knows AWS's files and services too. */
function s3Attributes(env: Environment): Record<string, string> {
  return defined({
    access_key_id: env["AWS_ACCESS_KEY_ID"],
    secret_access_key: env["AWS_SECRET_ACCESS_KEY"],
    session_token: env["AWS_SESSION_TOKEN"],
  });
}

function isActive({ Type, Attrs }: WireCache): boolean {
  const has = (name: string): boolean => (Attrs[name] ?? "") !== "";
  return Type !== "gha" || (has("token") && (has("url") || has("url_v2")));
}

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, value]],
    ),
  );
}
