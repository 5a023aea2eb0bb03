/** BuildRequest -> the attributes of the Dockerfile frontend and of the outer solve. */
import { BktuiError } from "../../base/errors.ts";
import type { BuildRequest } from "../build-request.ts";
import { sourceOptions } from "./source-options.ts";

/** Stands for the address of the machine that the engine runs on; see host-gateway.ts, which puts that in its place. */
export const HOST_GATEWAY = "host-gateway";

export const FRONTEND = "dockerfile.v0";

const CAPS = "frontend.caps";

/** The frontend that reads what the request is made from. */
export function frontendName({ source }: BuildRequest): string {
  return source.kind === "frontend" ? source.name : FRONTEND;
}

/**
 * `FrontendOpt` of the frontend. The keys are those buildx sends, so that the same options give the
 * same cache keys and the same image. A host whose address is not known yet is left out.
 * @throws {BktuiError} "bad-request" for a malformed `--add-host`.
 */
export function frontendOptions(request: BuildRequest): Record<string, string> {
  const options = sourceOptions(request);
  if (request.target !== undefined) options["target"] = request.target;
  if (request.platform !== undefined) options["platform"] = request.platform;
  if (request.noCacheStages.length > 0) options["no-cache"] = request.noCacheStages.join(",");
  if (request.noCache) options["no-cache"] = "";
  if (request.pull) options["image-resolve-mode"] = "pull";
  else if (request.ownImages === true) options["image-resolve-mode"] = "local";
  if (request.network !== undefined) options["force-network-mode"] = request.network;
  const hosts = request.addHosts.filter((text) => !text.endsWith(`:${HOST_GATEWAY}`)).map(addHost);
  if (hosts.length > 0) options["add-hosts"] = hosts.join(",");
  if (request.ulimits.length > 0) options["ulimit"] = request.ulimits.join(",");
  if (request.shmSize !== undefined) options["shm-size"] = String(request.shmSize);
  if (request.cgroupParent !== undefined) options["cgroup-parent"] = request.cgroupParent;
  Object.assign(options, request.resources, request.vcs);
  for (const [name, value] of Object.entries(request.buildArgs)) options[`build-arg:${name}`] = value;
  for (const [name, value] of Object.entries(request.labels)) options[`label:${name}`] = value;
  return withGiven(options, request);
}

/** What was given by the frontend's own name counts; of abilities all that are asked for do. */
function withGiven(
  options: Record<string, string>,
  { source, frontendOptions = {} }: BuildRequest,
): Record<string, string> {
  const given = source.kind === "frontend" ? source.options : frontendOptions;
  const caps = [options[CAPS], given[CAPS]].filter((each) => each !== undefined);
  return { ...options, ...given, ...(caps.length === 0 ? {} : { [CAPS]: caps.join(",") }) };
}

/** `--network=host` and `--allow` become entitlements of the outer solve, as buildx asks for them. */
export function entitlements(request: BuildRequest): string[] {
  // That one is the client's own.
  const wanted = new Set(request.allow.filter((name) => name !== "buildx.local.delete"));
  if (request.network === "host") wanted.add("network.host");
  return [...wanted];
}

/** docker writes `host:ip` (the ip may be an IPv6 with colons) or `host=ip`; the frontend wants `host=ip`. */
function addHost(text: string): string {
  const at = text.search(/[:=]/);
  const host = text.slice(0, at);
  const ip = text.slice(at + 1).replace(/^\[(.*)\]$/, "$1");
  if (at <= 0 || ip === "" || text.includes(",")) {
    throw new BktuiError("bad-request", `--add-host ${JSON.stringify(text)} is not HOST:IP`, {
      hint: "write it as --add-host example.test:10.0.0.1",
    });
  }
  return `${host}=${ip}`;
}
