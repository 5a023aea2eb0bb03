/** The proxies that docker's configuration hands to every build, as build arguments. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { maskedUrl } from "../../session/passwords.ts";
import type { TakenValue } from "../engine.ts";
import { type Environment, listCandidates } from "./candidates.ts";

export interface DockerProxies {
  /** By build argument, e.g. "HTTP_PROXY"; values may hold a password. */
  readonly args: Readonly<Record<string, string>>;
  /** The same for people, passwords masked. */
  readonly taken: readonly TakenValue[];
}

const NONE: DockerProxies = { args: {}, taken: [] };
const DEFAULT_HOST = "unix:///var/run/docker.sock";
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
export async function dockerProxies(options: {
  readonly addr: string | undefined;
  readonly env: Environment;
}): Promise<DockerProxies> {
  const { env } = options;
  const path = join(env["DOCKER_CONFIG"] ?? join(env["HOME"] ?? homedir(), ".docker"), "config.json");
  const proxies = recordOf(recordOf(await readConfig(path))["proxies"]);
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
async function dockerHost({
  addr,
  env,
}: {
  readonly addr: string | undefined;
  readonly env: Environment;
}): Promise<string> {
  const own = { ...env, BUILDKIT_HOST: undefined };
  const named = (await listCandidates({ addr, env: own })).find(({ explicit }) => explicit);
  return named?.text ?? DEFAULT_HOST;
}

async function readConfig(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return {};
    throw new BktuiError("io", `cannot read ${path}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says may quote the text, and that has passwords in it.
    throw new BktuiError("io", `${path} is no JSON object: its proxies are not known`, {
      hint: "repair the file, or name another directory with DOCKER_CONFIG",
    });
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
