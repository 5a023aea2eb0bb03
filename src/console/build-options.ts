/** What a build may be given from outside, as typed at the start and while it stands: text -> domain values. Pure. */
import { resolve } from "node:path";
import type { SecretSource, SshSource } from "../engine/build-request.ts";
import { badValue } from "./bad-values.ts";
import { csvPairs } from "./values/csv.ts";

/** The parts of the surroundings that option values may refer to. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths start here. */
  readonly cwd: string;
}

/**
 * `--secret id=NAME[,src=FILE][,env=NAME][,type=file|env]`, comma separated with CSV quoting. As buildx 0.37 reads it: a
 * variable goes before a file; without both it is the environment variable of the id where there is one, else the file
 * of that name, whatever the type.
 * @throws {BktuiError} "bad-request".
 */
export function parseSecret(text: string, { env, cwd }: Surroundings): SecretSource {
  const fields = new Map(csvPairs("--secret", text, ["type", "id", "source", "src", "env"]));
  const id = fields.get("id");
  if (id === undefined || id === "")
    throw badValue(`--secret ${text}: the id is missing`, "write --secret id=NAME,src=FILE");
  const type = fields.get("type");
  if (type !== undefined && type !== "file" && type !== "env")
    throw badValue(`--secret ${text}: unknown type "${type}"`, "the types are file and env");
  const source = fields.get("src") ?? fields.get("source") ?? "";
  const given = fields.get("env") ?? "";
  const name = given === "" && type === "env" ? source : given;
  const path = name !== "" && given === "" ? "" : source;
  if (name !== "")
    return {
      id,
      from: { kind: "env", name, ...(path === "" ? {} : { beside: resolve(cwd, path) }) },
    };
  if (path !== "") return { id, from: { kind: "file", path: resolve(cwd, path) } };
  const named = { isDefault: true } as const;
  return env[id] === undefined
    ? { id, from: { kind: "file", path: resolve(cwd, id), ...named } }
    : { id, from: { kind: "env", name: id, ...named } };
}

/** All `--ssh` together. @throws {BktuiError} "bad-request", also when an id is given twice. */
export function parseSshs(values: readonly string[], surroundings: Surroundings): readonly SshSource[] {
  const sources = values.map((text) => parseSsh(text, surroundings));
  const twice = sources.find(({ id }, index) => sources.findIndex((other) => other.id === id) !== index);
  if (twice === undefined) return sources;
  throw badValue(
    `--ssh ${twice.id}: given twice`,
    `give its keys together: --ssh ${twice.id}=KEY,KEY, or other ids`,
  );
}

/**
 * `--ssh default` (the agent of SSH_AUTH_SOCK), `--ssh ID=SOCKET` or `--ssh ID=KEY[,KEY]`. What the paths are is for
 * inputs.ts to see.
 * @throws {BktuiError} "bad-request" when no agent is set.
 */
export function parseSsh(text: string, { env, cwd }: Surroundings): SshSource {
  const at = text.indexOf("=");
  const id = at < 0 ? text : text.slice(0, at);
  const value = at < 0 ? "" : text.slice(at + 1);
  const agent = env["SSH_AUTH_SOCK"] ?? "";
  const paths = value === "" ? [agent] : value.split(",");
  if (paths[0] === "") paths[0] = agent;
  if (paths.includes(""))
    throw badValue(
      `--ssh ${text}: no ssh agent, SSH_AUTH_SOCK is not set`,
      'start one with `eval "$(ssh-agent)"` and `ssh-add`, or name a socket or key: --ssh ID=SOCKET, --ssh ID=KEY',
    );
  return { id: id === "" ? "default" : id, paths: paths.map((path) => resolve(cwd, path)) };
}

/** All `--allow` together: network.host, security.insecure, device[=NAME]. @throws {BktuiError} "bad-request". */
export function parseAllows(values: readonly string[]): readonly string[] {
  return values.filter((text) => text !== "").map(parseAllow);
}

/** Of the client alone: an output may empty its directory first (buildx 0.35). */
export const LOCAL_DELETE = "buildx.local.delete";

/** `--allow network.host|security.insecure|device[=NAME]`. @throws {BktuiError} "bad-request". */
export function parseAllow(text: string): string {
  if (["network.host", "security.insecure", LOCAL_DELETE].includes(text) || /^device(=|$)/.test(text))
    return text;
  throw badValue(
    `--allow ${text}: unknown entitlement`,
    "they are network.host, security.insecure and device",
  );
}
