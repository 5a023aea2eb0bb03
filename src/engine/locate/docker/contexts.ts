/** Which dockerd docker's client would speak to: DOCKER_HOST, the context in force, or the default. Connects to nothing. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BktuiError } from "../../../base/errors.ts";
import { nearest } from "../../../base/near.ts";
import type { TlsFiles } from "../../../transport/address.ts";
import { readConfigFile } from "./config-file.ts";
import { dockerDirectory, type Environment, exists, field, readJsonObject, setting } from "./files.ts";
import { DEFAULT_HOST, DEFAULT_TLS_HOST, fullHost } from "./host.ts";

/** A dockerd by its address. */
export interface DockerEndpoint {
  /** With scheme and port, e.g. "unix:///var/run/docker.sock". */
  readonly host: string;
  readonly tls: TlsFiles | undefined;
}

export interface DockerInForce extends DockerEndpoint {
  /** The context's name; "default" is what the environment says, or docker's own default. */
  readonly context: string;
  /** Who chose it: "DOCKER_HOST", "docker context colima"; undefined = nobody, it is docker's default. */
  readonly origin: string | undefined;
}

const DEFAULT = "default";
const REPAIR_CONTEXT = "Repair the file, or make the context anew with docker context create.";

/**
 * The dockerd that docker's client would speak to; the order was read in docker/cli of November 2026: DOCKER_HOST,
 * DOCKER_CONTEXT, the current context of config.json, docker's default.
 * @throws {BktuiError} "not-found" for a context that does not exist, "io" for that of a context when it cannot be read.
 */
export async function dockerInForce(env: Environment): Promise<DockerInForce> {
  const chosen = await contextInForce(env);
  if (chosen.name === DEFAULT) return { context: DEFAULT, ...(await environmentEndpoint(env)) };
  const endpoint = await contextEndpoint(chosen.name, env);
  return { context: chosen.name, ...endpoint, origin: chosen.origin };
}

/**
 * A context's dockerd; `default` is what the environment says.
 * @throws {BktuiError} "not-found" naming what is near, "io".
 */
export async function contextEndpoint(name: string, env: Environment): Promise<DockerEndpoint> {
  if (name === DEFAULT) return await environmentEndpoint(env);
  const found = await findContext(name, env);
  if (found !== undefined) return found;
  const [near] = nearest(name, await contextNames(env));
  const more = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new BktuiError("not-found", `there is no docker context "${name}"`, {
    hint: `See docker context ls; docker context use default leaves it.${more}`,
  });
}

/** Undefined when no context has the name. @throws {BktuiError} "io", "not-found" for one without a docker endpoint. */
export async function findContext(name: string, env: Environment): Promise<DockerEndpoint | undefined> {
  if (name === DEFAULT) return await environmentEndpoint(env);
  const id = createHash("sha256").update(name).digest("hex");
  const contexts = join(dockerDirectory(env), "contexts");
  const meta = await readJsonObject(join(contexts, "meta", id, "meta.json"), REPAIR_CONTEXT);
  if (meta === undefined) return undefined;
  const endpoint = field(field(meta, "Endpoints"), "docker");
  const host = field(endpoint, "Host");
  if (typeof host !== "string" || host === "")
    throw new BktuiError("not-found", `the docker context "${name}" names no docker endpoint`, {
      hint: "See docker context inspect; docker context use default leaves it.",
    });
  const files = join(contexts, "tls", id, "docker");
  return { host, tls: await contextTls(files, field(endpoint, "SkipTLSVerify") === true) };
}

/** Names of all contexts that can be read, without `default`. */
export async function contextNames(env: Environment): Promise<readonly string[]> {
  const directory = join(dockerDirectory(env), "contexts/meta");
  const ids = await readdir(directory).catch(() => []);
  const metas = await Promise.all(
    ids.map((id) => readJsonObject(join(directory, id, "meta.json"), REPAIR_CONTEXT).catch(() => undefined)),
  );
  return metas.map((meta) => field(meta, "Name")).filter((name) => typeof name === "string");
}

interface ChosenContext {
  readonly name: string;
  readonly origin: string | undefined;
}

async function contextInForce(env: Environment): Promise<ChosenContext> {
  if (setting(env, "DOCKER_HOST") !== undefined) return { name: DEFAULT, origin: undefined };
  const variable = setting(env, "DOCKER_CONTEXT");
  if (variable !== undefined)
    return { name: variable, origin: `docker context ${variable} (DOCKER_CONTEXT)` };
  const { values } = await readConfigFile(env);
  const current = values["currentContext"];
  if (typeof current !== "string" || current === "") return { name: DEFAULT, origin: undefined };
  return { name: current, origin: `docker context ${current}` };
}

/**
 * What the variables of the environment say, else docker's default. Reads no configuration.
 * @throws {BktuiError} "io" when TLS is asked for and its files are not there.
 */
export async function environmentEndpoint(
  env: Environment,
): Promise<DockerEndpoint & { readonly origin: string | undefined }> {
  const host = setting(env, "DOCKER_HOST");
  const tls = await environmentTls(env);
  if (host !== undefined) return { host: fullHost(host), tls, origin: "DOCKER_HOST" };
  if (tls === undefined) return { host: DEFAULT_HOST, tls, origin: undefined };
  return { host: DEFAULT_TLS_HOST, tls, origin: tlsVariable(env) };
}

function tlsVariable(env: Environment): string | undefined {
  return ["DOCKER_TLS_VERIFY", "DOCKER_TLS"].find((name) => setting(env, name) !== undefined);
}

/**
 * DOCKER_TLS_VERIFY and DOCKER_TLS turn it on by being set to anything, also "0"; only the first checks the certificate.
 * Docker wants ca.pem even then, and for a socket too; a client certificate need not be there.
 */
async function environmentTls(env: Environment): Promise<TlsFiles | undefined> {
  const variable = tlsVariable(env);
  if (variable === undefined) return undefined;
  const directory = setting(env, "DOCKER_CERT_PATH") ?? dockerDirectory(env);
  if (!(await exists(join(directory, "ca.pem"))))
    throw new BktuiError("io", `cannot read ${join(directory, "ca.pem")}, which ${variable} asks for`, {
      hint: `Set DOCKER_CERT_PATH to the directory with ca.pem, cert.pem and key.pem, or unset ${variable}.`,
    });
  const [cert, key] = await Promise.all([
    ifThere(join(directory, "cert.pem")),
    ifThere(join(directory, "key.pem")),
  ]);
  return {
    ca: join(directory, "ca.pem"),
    cert,
    key,
    skipVerify: setting(env, "DOCKER_TLS_VERIFY") === undefined,
  };
}

async function contextTls(directory: string, skipVerify: boolean): Promise<TlsFiles | undefined> {
  if (!(await exists(directory))) return skipVerify ? { skipVerify } : undefined;
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => ifThere(join(directory, name))),
  );
  return { ca, cert, key, skipVerify };
}

async function ifThere(path: string): Promise<string | undefined> {
  return (await exists(path)) ? path : undefined;
}
