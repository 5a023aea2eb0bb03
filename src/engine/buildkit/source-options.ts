/** Context, Dockerfile and named contexts of a request -> the attributes of the Dockerfile frontend. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { pb } from "#proto";
import { BktuiError, unreachable } from "../../base/errors.ts";
import { urlDefinition } from "../../protocol/llb-url.ts";
import type { BuildRequest } from "../build-request.ts";
import {
  contextDirectory,
  type DockerfileSource,
  type NamedContext,
  sourceName,
  sourcePath,
} from "../build-sources.ts";
import { layoutIdOf } from "./layouts.ts";

/** Local source names, as docker and buildx use them; the frontend asks for them by these. */
export const CONTEXT_NAME = "context";
export const DOCKERFILE_NAME = "dockerfile";

/** Capabilities that an older frontend refuses, instead of building something else. */
const NAMED_CONTEXTS = "moby.buildkit.frontend.contexts";
const GIT_QUERY = "moby.buildkit.frontend.gitquerystring";
/** Leaves the refusal to the frontend of `# syntax=`. */
const FORWARD = "+forward";

/** The keys and values that buildx 0.37 sends for the same files. */
export function sourceOptions(request: BuildRequest): Record<string, string> {
  const { source } = request;
  const caps = new Set<string>();
  const options = source.kind === "dockerfile" ? fileOptions(source, request, caps) : {};
  for (const named of request.contexts) {
    caps.add(NAMED_CONTEXTS + FORWARD);
    if (named.from.kind === "reference" && hasQuery(named.from.text)) caps.add(GIT_QUERY + FORWARD);
    Object.assign(options, optionsOf(named));
  }
  if (caps.size > 0) options["frontend.caps"] = [...caps].sort().join(",");
  return options;
}

/** @param caps what the frontend must be able to for them is added. */
function fileOptions(
  { context, dockerfile }: DockerfileSource,
  request: BuildRequest,
  caps: Set<string>,
): Record<string, string> {
  const isInContext = typeof dockerfile !== "string" && dockerfile.kind === "in-context";
  const options: Record<string, string> = {
    filename: isInContext ? dockerfile.path : sourceName(request),
  };
  if (typeof context !== "string") {
    options[CONTEXT_NAME] = context.kind === "url" ? context.url : uploadUrl(context.path);
    if (context.kind === "url" && hasQuery(context.url)) caps.add(GIT_QUERY);
  }
  // Else it is taken from the context.
  const isBeside = contextDirectory(request) === undefined && sourcePath(request) !== undefined;
  if (isBeside || (typeof dockerfile !== "string" && dockerfile.kind === "copy"))
    options["dockerfilekey"] = DOCKERFILE_NAME;
  return options;
}

function optionsOf({ name, from }: NamedContext): Record<string, string> {
  const key = `context:${name}`;
  switch (from.kind) {
    case "reference":
      return { [key]: from.text };
    case "directory":
      return {
        [key]: `local:${localNameOf(name)}`,
        [`sharedkey:localdir:${name}`]: basename(from.path),
      };
    case "oci-layout": {
      if (from.digest === undefined) throw new BktuiError("internal", `no digest for the context ${name}`);
      const tag = from.tag === undefined ? "" : `:${from.tag}`;
      return { [key]: `oci-layout://${layoutIdOf(from.path)}${tag}@${from.digest}` };
    }
    default:
      return unreachable(from);
  }
}

/**
 * What the frontend reads instead of a local file: a Dockerfile that the engine fetches. With a context that is fetched it
 * takes none (BuildKit 0.8 to 0.32).
 */
export function sourceInputs(request: BuildRequest): Record<string, pb.Definition.$Shape> {
  if (request.source.kind !== "dockerfile") return {};
  const { dockerfile } = request.source;
  if (typeof dockerfile === "string" || dockerfile.kind !== "url") return {};
  return { [DOCKERFILE_NAME]: urlDefinition(dockerfile.url, sourceName(request)) };
}

/** Under which a named context's directory is asked for: not under that of the build's own two. */
export function localNameOf(name: string): string {
  return name === CONTEXT_NAME || name === DOCKERFILE_NAME ? `_${name}` : name;
}

/** Under which the engine asks the session for an archive; no server has this name. */
function uploadUrl(path: string): string {
  return `http://buildkit-session/${uploadIdOf(path)}`;
}

/** The same for each build of a run: the archive is the same too. */
export function uploadIdOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 25);
}

/** Git URLs may have ref and directory as parameters; buildx asks for the ability with any URL that has some. */
function hasQuery(url: string): boolean {
  return /^([a-z]+:\/\/|[\w-]+@)[^#]*\?[^#]/i.test(url);
}
