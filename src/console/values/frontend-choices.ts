/** `--opt` of a frontend: those that other options have names for become what these set. Pure. */
import type { BuildRequest } from "../../engine/build-request.ts";
import { usageError } from "../bad-values.ts";
import { parseAddHost, parseNetwork, parseUlimits } from "../option-values.ts";
import { parsePlatform } from "./platform.ts";
import { parseShmSize } from "./resources.ts";

export interface FrontendChoices {
  readonly build: Partial<BuildRequest>;
  /** All others, as they were given. */
  readonly options: Readonly<Record<string, string>>;
}

/** By the frontend's name of each. */
const FIELDS: Readonly<Record<string, (text: string) => Partial<BuildRequest>>> = {
  target: (text) => ({ target: text === "" ? undefined : text }),
  platform: (text) => ({ platform: parsePlatform([text]) }),
  "no-cache": (text) => (text === "" ? { noCache: true } : { noCacheStages: text.split(",") }),
  "force-network-mode": (text) => ({ network: parseNetwork(text) }),
  "add-hosts": (text) => ({ addHosts: parseAddHost(text) }),
  ulimit: (text) => ({ ulimits: parseUlimits(text.split(",")) }),
  "shm-size": (text) => ({ shmSize: parseShmSize(text) }),
  "cgroup-parent": (text) => ({ cgroupParent: text === "" ? undefined : text }),
};

/**
 * Values that are shown, can be changed and go to the frontend by the name that they have there.
 * @throws {BktuiError} "usage" or "bad-request" for a value that the field cannot have.
 */
export function frontendChoices(pairs: readonly (readonly [string, string])[]): FrontendChoices {
  const buildArgs: [string, string][] = [];
  const labels: [string, string][] = [];
  const options: [string, string][] = [];
  let build: Partial<BuildRequest> = {};
  for (const [name, value] of pairs) {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    const [, kind, key = ""] = /^(build-arg|label):(.*)$/s.exec(name) ?? [];
    if (field !== undefined) build = { ...build, ...field(value) };
    else if (name === "image-resolve-mode" && value === "pull") build = { ...build, pull: true };
    else if (kind === "build-arg") buildArgs.push([key, value]);
    else if (kind === "label") labels.push([key, value]);
    else if (name === "requestid")
      throw usageError(
        `--opt requestid=${value}: bktui steps through a build, it asks no question in its place`,
        "what a Dockerfile's frontend can be asked is asked with --call",
      );
    else if (name === "cache-imports") throw usageError(`--opt ${name}: give the caches with --import-cache`);
    else options.push([name, value]);
  }
  return {
    build: {
      ...build,
      ...(buildArgs.length === 0 ? {} : { buildArgs: Object.fromEntries(buildArgs) }),
      ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
    },
    options: Object.fromEntries(options),
  };
}
