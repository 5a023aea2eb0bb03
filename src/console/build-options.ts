/** What a build may be given from outside, as typed at the start and while it stands: text -> domain values. Pure. */
import { resolve } from "node:path";
import { BktuiError } from "../base/errors.ts";
import type { SecretSource, SshSource } from "../engine/engine.ts";

/** The parts of the surroundings that option values may refer to. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths start here. */
  readonly cwd: string;
}

/** A wrong command line: exit code 125. */
export function usageError(message: string, hint?: string): BktuiError {
  return new BktuiError("usage", message, hint === undefined ? {} : { hint });
}

/**
 * `--secret id=NAME[,src=FILE][,env=NAME][,type=file|env]`, comma separated with CSV quoting, as in docker.
 * Without a source it is the environment variable of the same name when there is one, else the file of that name.
 * @throws {BktuiError} "usage".
 */
export function parseSecret(text: string, { env, cwd }: Surroundings): SecretSource {
  const fields = parseFields("--secret", text, ["type", "id", "source", "src", "env"]);
  const id = fields.get("id");
  if (id === undefined || id === "")
    throw usageError(`--secret ${text}: the id is missing`, "write --secret id=NAME,src=FILE");
  const type = fields.get("type");
  if (type !== undefined && type !== "file" && type !== "env")
    throw usageError(`--secret ${text}: unknown type "${type}"`, "the types are file and env");
  const path = fields.get("src") ?? fields.get("source");
  const name = fields.get("env") ?? (type === "env" ? (path ?? id) : undefined);
  if (name !== undefined) {
    if (path !== undefined && type !== "env")
      throw usageError(`--secret ${text}: src and env exclude each other`);
    return { id, from: { kind: "env", name } };
  }
  if (path === undefined && type === undefined && env[id] !== undefined)
    return { id, from: { kind: "env", name: id } };
  return { id, from: { kind: "file", path: resolve(cwd, path ?? id) } };
}

/**
 * `--ssh default` (the agent of SSH_AUTH_SOCK) or `--ssh ID=SOCKET`.
 * @throws {BktuiError} "usage" when malformed or when no agent is set.
 */
export function parseSsh(text: string, { env, cwd }: Surroundings): SshSource {
  const at = text.indexOf("=");
  const id = at < 0 ? text : text.slice(0, at);
  if (id === "")
    throw usageError(`--ssh ${text}: the id is missing`, "write --ssh default or --ssh ID=SOCKET");
  const value = at < 0 ? "" : text.slice(at + 1);
  if (value.includes(",")) throw usageError(`--ssh ${text}: key files are not supported`, addKeyHint(id));
  const agent = env["SSH_AUTH_SOCK"];
  const socket = value === "" ? agent : value;
  if (socket === undefined || socket === "")
    throw usageError(
      `--ssh ${text}: no ssh agent, SSH_AUTH_SOCK is not set`,
      'start one with `eval "$(ssh-agent)"` and `ssh-add`, or name its socket: --ssh ID=SOCKET',
    );
  return { id, socket: resolve(cwd, socket) };
}

export function addKeyHint(id: string): string {
  return `add the key to an agent with \`ssh-add FILE\` and use --ssh ${id}`;
}

/** `--allow network.host|security.insecure|device[=NAME]`. @throws {BktuiError} "usage". */
export function parseAllow(text: string): string {
  if (text === "network.host" || text === "security.insecure" || /^device(=|$)/.test(text)) return text;
  throw usageError(
    `--allow ${text}: unknown entitlement`,
    "they are network.host, security.insecure and device",
  );
}

/** One CSV record of `key=value` fields; keys are folded to lower case as docker does. */
function parseFields(option: string, text: string, known: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of splitCsv(option, text)) {
    const at = field.indexOf("=");
    const key = field.slice(0, Math.max(at, 0)).toLowerCase();
    if (at < 0) throw usageError(`${option} ${text}: "${field}" is not key=value`);
    if (!known.includes(key))
      throw usageError(`${option} ${text}: unknown key "${key}"`, `the keys are ${known.join(", ")}`);
    fields.set(key, field.slice(at + 1));
  }
  return fields;
}

/** RFC 4180, one record: a field in double quotes may contain commas, `""` in it is one quote. */
function splitCsv(option: string, text: string): readonly string[] {
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(text);
    if (match === null)
      throw usageError(`${option} ${text}: misplaced quote`, 'quote a whole field: "src=/a,b"');
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return fields;
  }
}
