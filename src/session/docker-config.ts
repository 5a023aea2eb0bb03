/** Reads credentials from docker's configuration. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { parseFirstJson } from "../base/first-json.ts";

/** What a registry is told. An identity token has no user name. */
export interface Credentials {
  readonly username: string;
  readonly secret: string;
  /** The secret is what a token server would give, not what it is asked with. */
  readonly registryToken?: true;
}

/** The parts of docker's config.json that say where credentials are. */
export interface DockerConfig {
  /** By registry, as written: host, host:port or URL. */
  readonly auths: ReadonlyMap<string, Credentials>;
  /** Name of a helper, by registry. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** Helper for all other registries. */
  readonly credsStore: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const DOCKER_HUB_KEY = "https://index.docker.io/v1/";
const DOCKER_HUB_HOSTS: ReadonlySet<string> = new Set([
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
]);

/** The name under which a registry's credentials are kept. */
export function registryKey(host: string): string {
  return DOCKER_HUB_HOSTS.has(host) ? DOCKER_HUB_KEY : host;
}

/**
 * Reads `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`; no file means an empty configuration.
 * @throws {BktuiError} "io" for a file that cannot be read or is no JSON object; its text is not in the message.
 */
export async function readDockerConfig(environment: Environment): Promise<DockerConfig> {
  const directory = environment["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
  const path = join(directory, "config.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return parseConfig("{}", path);
    }
    throw unreadable(path, error);
  }
  return parseConfig(text, path);
}

/** `DOCKER_AUTH_CONFIG`, which holds the same JSON and goes before any file; undefined when it is not set. */
export function readAuthVariable(environment: Environment): DockerConfig | undefined {
  const text = environment["DOCKER_AUTH_CONFIG"];
  return text === undefined || text === "" ? undefined : parseConfig(text, "$DOCKER_AUTH_CONFIG");
}

/** Looks a registry up by its key, then by entries that name the same host with a scheme or path around it. */
export function findAuth(auths: ReadonlyMap<string, Credentials>, key: string): Credentials | undefined {
  const exact = auths.get(key);
  if (exact !== undefined) return exact;
  const host = bareHost(key);
  for (const [entry, credentials] of auths) {
    if (bareHost(entry) === host) return credentials;
  }
  return undefined;
}

function bareHost(registry: string): string {
  return registry.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

function parseConfig(text: string, origin: string): DockerConfig {
  const json = parseJson(text, origin);
  const auths = new Map<string, Credentials>();
  for (const [registry, entry] of entriesOf(json["auths"])) {
    const credentials = isRecord(entry) ? decodeAuth(entry) : undefined;
    if (credentials !== undefined) auths.set(registry, credentials);
  }
  const credHelpers = new Map<string, string>();
  for (const [registry, helper] of entriesOf(json["credHelpers"])) {
    if (typeof helper === "string") credHelpers.set(registry, helper);
  }
  const store = json["credsStore"];
  return { auths, credHelpers, credsStore: typeof store === "string" && store !== "" ? store : undefined };
}

/** `auth` is base64 of user:password, the password may have colons; entries of credential stores are empty objects. */
function decodeAuth(entry: Readonly<Record<string, unknown>>): Credentials | undefined {
  const { identitytoken: token, registrytoken: ready, auth, username, password } = entry;
  if (isText(ready)) return { username: "", secret: ready, registryToken: true };
  if (isText(token)) return { username: "", secret: token };
  if (!isText(auth)) return isText(username) && isText(password) ? { username, secret: password } : undefined;
  const decoded = Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 0) return undefined;
  // Old docker clients padded the password with NULs.
  return { username: decoded.slice(0, colon), secret: decoded.slice(colon + 1).replace(/^\0+|\0+$/g, "") };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function parseJson(text: string, origin: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  let place = "";
  try {
    value = parseFirstJson(text) ?? {};
  } catch (error) {
    // The parser's message quotes the text, and that has passwords in it.
    value = undefined;
    place = placeIn(text, error);
  }
  if (!isRecord(value)) {
    throw new BktuiError("io", `${origin} is no JSON object${place}`, {
      hint: "Repair the file, or sign in with docker login again.",
    });
  }
  return value;
}

/** Where the parser gave up, as far as Node tells it (20 to 26: an offset, the end, or neither). */
function placeIn(text: string, error: unknown): string {
  const said = error instanceof Error ? error.message : "";
  const offset = /at position (\d+)/.exec(said)?.[1];
  if (offset === undefined && !said.startsWith("Unexpected end")) return "";
  const before = text.slice(0, offset === undefined ? text.length : Number(offset)).split("\n");
  return `: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isRecord(value) ? Object.entries(value) : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(path: string, cause: unknown): BktuiError {
  const why = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
  return new BktuiError("io", `cannot read ${path} (${why})`, { cause });
}
