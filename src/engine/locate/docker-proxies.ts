/** The proxies that docker's configuration hands to every build, as build arguments. */
import { maskedUrl } from "../../session/passwords.ts";
import type { TakenValue } from "../build-request.ts";
import { readConfigFile } from "./docker/config-file.ts";
import { dockerInForce } from "./docker/contexts.ts";
import { type Environment, isJsonRecord, type JsonRecord } from "./docker/files.ts";
import { fullHost } from "./docker/host.ts";

export interface DockerProxies {
  /** By build argument, e.g. "HTTP_PROXY"; values may hold a password. */
  readonly args: Readonly<Record<string, string>>;
  /** The same for people, passwords masked. */
  readonly taken: readonly TakenValue[];
}

interface ProxyOptions {
  /** `--addr`. */
  readonly addr?: string | undefined;
  readonly env: Environment;
}

const NONE: DockerProxies = { args: {}, taken: [] };
/** As buildx 0.37 reads them; `allProxy` is not among them. */
const ARGUMENTS = [
  ["HTTP_PROXY", "httpProxy"],
  ["HTTPS_PROXY", "httpsProxy"],
  ["NO_PROXY", "noProxy"],
  ["FTP_PROXY", "ftpProxy"],
] as const;

/**
 * Those of the docker that the client talks to, which is not the builder; else those that are the default.
 * @throws {BktuiError} as `dockerInForce`.
 */
export async function dockerProxies(options: ProxyOptions): Promise<DockerProxies> {
  const { env } = options;
  const { path, values } = await readConfigFile(env);
  const proxies = recordOf(values["proxies"]);
  if (Object.keys(proxies).length === 0) return NONE;
  const host = await dockerHost(options);
  const key = Object.hasOwn(proxies, host) ? host : "default";
  const chosen = recordOf(proxies[key]);
  const args = ARGUMENTS.flatMap(([name, field]) => {
    const value = chosen[field];
    return typeof value === "string" && value !== "" ? [[name, value] as const] : [];
  });
  return {
    args: Object.fromEntries(args),
    taken: args.map(([name, value]) => ({
      name: `build-arg ${name}`,
      value: maskedUrl(value),
      from: `${path}, proxies of ${key}`,
    })),
  };
}

/** Where docker's client would go: the address that was named for a dockerd, DOCKER_HOST, or the context's. */
async function dockerHost({ addr, env }: ProxyOptions): Promise<string> {
  return addr === undefined ? (await dockerInForce(env)).host : fullHost(addr);
}

function recordOf(value: unknown): JsonRecord {
  return isJsonRecord(value) ? value : {};
}
