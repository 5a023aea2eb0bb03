/** The proxies that docker's configuration hands to every build, as build arguments. */
import { join } from "node:path";
import { maskedUrl } from "../../session/passwords.ts";
import type { TakenValue } from "../build-request.ts";
import { dockerInForce } from "./docker/contexts.ts";
import {
  dockerDirectory,
  type Environment,
  isJsonRecord,
  type JsonRecord,
  readJsonObject,
} from "./docker/files.ts";
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
 * @throws {BktuiError} "io" for a configuration that is no JSON; its text is not in the message.
 */
export async function dockerProxies(options: ProxyOptions): Promise<DockerProxies> {
  const { env } = options;
  const path = join(dockerDirectory(env), "config.json");
  const hint = "repair the file, or name another directory with DOCKER_CONFIG";
  const proxies = recordOf((await readJsonObject(path, hint))?.["proxies"]);
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
