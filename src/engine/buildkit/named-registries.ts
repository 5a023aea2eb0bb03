/** Which registries a build names: only these are told the user's credentials. */
import { readFile } from "node:fs/promises";
import { BktuiError } from "../../base/errors.ts";
import { isDockerfile } from "../../graph/language.ts";
import { registryHosts } from "../../graph/registries.ts";
import { describeSystemError } from "../../session/files/file-problem.ts";
import type { BuildRequest } from "../build-request.ts";
import { sourcePath } from "../build-sources.ts";
import { pushedNames } from "./exporters.ts";

/**
 * Answers whether the build refers to a registry: in its Dockerfile, or by an option. What a file names that only the
 * engine or another frontend can read is not known here: then it may be any.
 * @throws {BktuiError} "io" when the Dockerfile cannot be read.
 */
export async function namedRegistries(request: BuildRequest): Promise<(host: string) => boolean> {
  const path = sourcePath(request);
  // What is no Dockerfile names its images in a way of its own.
  if (path === undefined || request.source.kind !== "dockerfile") return () => true;
  const text = await textOf(path);
  if (!isDockerfile(text)) return () => true;
  const images = [...imagesOf(request), ...(await imagesOfPolicy(request.sourcePolicy))];
  const lines = images.map((image) => `FROM ${image}`);
  const hosts = registryHosts([text, ...lines].join("\n"), request.buildArgs);
  return (host) => hosts.has(host);
}

/** What options name. */
function imagesOf(request: BuildRequest): readonly string[] {
  const { debugImage, contexts, cacheFrom, cacheTo, buildArgs, attests = [] } = request;
  const inContexts = contexts.flatMap(({ from }) => (from.kind === "reference" ? imagesIn(from.text) : []));
  const caches = [...cacheFrom, ...cacheTo].map(({ attributes }) => attributes["ref"]);
  const generators = attests.map(({ record }) => /(?:^|,)generator=([^,]+)/.exec(record ?? "")?.[1]);
  const named = [debugImage, buildArgs["BUILDKIT_SYNTAX"], ...caches, ...generators];
  // Where the image is pushed to counts like an image that is built on.
  return [...inContexts, ...pushedNames(request), ...named.filter((image) => image !== undefined)];
}

/** A policy puts other images in the place of those that the Dockerfile names. */
async function imagesOfPolicy(path: string | undefined): Promise<readonly string[]> {
  // What is wrong with it is told where it is used.
  return path === undefined ? [] : imagesIn(await readFile(path, "utf8").catch(() => ""));
}

function imagesIn(text: string): readonly string[] {
  return [...text.matchAll(/docker-image:\/\/([^\s"']+)/g)].flatMap(([, image]) => image ?? []);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new BktuiError("io", `cannot read the Dockerfile ${path}: ${describeSystemError(error)}`, {
      cause: error,
      hint: "restore the file, then rerun",
    });
  }
}
