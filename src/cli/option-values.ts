/** Values of single options: text as typed -> domain values. All functions are pure. */
import { isIP } from "node:net";
import { resolve } from "node:path";
import { BktuiError } from "../base/errors.ts";
import type { BreakpointSpec } from "../debugger/debugger.ts";
import type { SecretSource, SshSource } from "../engine/engine.ts";
import { lineOf } from "../graph/graph.ts";

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
 * `--build-arg NAME=value`, or `NAME` to take it from the environment; as in docker an unset one is left out.
 * @throws {BktuiError} "usage".
 */
export function parseBuildArgs(
  values: readonly string[],
  { env }: Surroundings,
): { readonly args: Readonly<Record<string, string>>; readonly notes: readonly string[] } {
  const args: [string, string][] = [];
  const notes: string[] = [];
  for (const text of values) {
    const { name, value } = splitPair("--build-arg", text);
    const given = value ?? env[name];
    if (given === undefined) notes.push(`--build-arg ${name}: not set in the environment, left out`);
    else args.push([name, given]);
  }
  return { args: Object.fromEntries(args), notes };
}

/** `--label NAME=value`; without `=` the value is empty. @throws {BktuiError} "usage". */
export function parseLabels(values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    values.map((text) => {
      const { name, value } = splitPair("--label", text);
      return [name, value ?? ""];
    }),
  );
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

/**
 * `--add-host NAME:IP` or `NAME=IP`, several separated by commas; answers `NAME:IP`.
 * @throws {BktuiError} "usage".
 */
export function parseAddHost(text: string): readonly string[] {
  return text.split(",").map((entry) => {
    const at = entry.search(/[=:]/);
    const host = at < 0 ? entry : entry.slice(0, at);
    const ip = at < 0 ? "" : entry.slice(at + 1).replace(/^\[(.*)\]$/, "$1");
    if (host === "" || ip === "")
      throw usageError(`--add-host ${entry}: not NAME:IP`, "write for example --add-host db:10.0.0.7");
    if (ip === "host-gateway")
      throw usageError(`--add-host ${entry}: host-gateway is not supported`, "give the address itself");
    if (isIP(ip) === 0) throw usageError(`--add-host ${entry}: "${ip}" is not an IP address`);
    return `${host}:${ip}`;
  });
}

/** The kernel's limits by the names that docker knows (go-units; checked against dockerd 28.5). */
const ULIMITS = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
];

/** `--ulimit NAME=SOFT[:HARD]`, -1 = unlimited; answers `NAME=SOFT:HARD`. @throws {BktuiError} "usage". */
export function parseUlimit(text: string): string {
  const [, name = "", soft = "", hard = soft] =
    /^([a-z]+)=(-1|\d{1,15})(?::(-1|\d{1,15}))?$/.exec(text) ?? [];
  if (name === "")
    throw usageError(`--ulimit ${text}: not NAME=SOFT[:HARD]`, "write for example --ulimit nofile=1024:2048");
  if (!ULIMITS.includes(name))
    throw usageError(
      `--ulimit ${text}: no limit is called "${name}"`,
      `the limits are ${ULIMITS.join(", ")}`,
    );
  const isAbove = hard !== "-1" && (soft === "-1" || Number(soft) > Number(hard));
  if (isAbove) throw usageError(`--ulimit ${text}: the soft limit is above the hard one`);
  return `${name}=${soft}:${hard}`;
}

/** `--shm-size 64m`: a number with b, k, m, g or t, in units of 1024; answers bytes. @throws {BktuiError} "usage". */
export function parseShmSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([kmgt]?)i?b?$/i.exec(text) ?? [];
  const exponent = ["", "k", "m", "g", "t"].indexOf(unit.toLowerCase());
  const bytes = Math.floor(Number(number) * 1024 ** exponent);
  if (number === "" || !Number.isSafeInteger(bytes) || bytes <= 0)
    throw usageError(`--shm-size ${text}: not a size`, "write for example --shm-size 64m");
  return bytes;
}

/** `--platform OS/ARCH[/VARIANT]`, one only. @throws {BktuiError} "usage". */
export function parsePlatform(values: readonly string[]): string | undefined {
  const platforms = [...new Set(values.flatMap((text) => text.split(",")).map((text) => text.trim()))];
  const [platform] = platforms;
  if (platform === undefined) return undefined;
  if (platforms.length > 1)
    throw usageError(
      `--platform ${platforms.join(",")}: one platform can be stepped through at a time`,
      `choose one, for example --platform ${platform}`,
    );
  if (platform === "local") return undefined;
  if (!/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?$/.test(platform))
    throw usageError(
      `--platform ${platform}: not OS/ARCH[/VARIANT]`,
      "for example linux/arm64 or linux/arm/v7",
    );
  return platform;
}

/** `--network default|none|host`; default is undefined. @throws {BktuiError} "usage". */
export function parseNetwork(text: string | undefined): "none" | "host" | undefined {
  if (text === undefined || text === "default" || text === "") return undefined;
  if (text === "none" || text === "host") return text;
  throw usageError(
    `--network ${text}: BuildKit has no such network mode`,
    "the modes are default, none and host",
  );
}

/** `--allow network.host|security.insecure|device[=NAME]`. @throws {BktuiError} "usage". */
export function parseAllow(text: string): string {
  if (text === "network.host" || text === "security.insecure" || /^device(=|$)/.test(text)) return text;
  throw usageError(
    `--allow ${text}: unknown entitlement`,
    "they are network.host, security.insecure and device",
  );
}

/** `-b LINE` or `-b STAGE:end`. @throws {BktuiError} "usage". */
export function parseBreakpoint(text: string): BreakpointSpec {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return { kind: "line", line: lineOf(Number(text)) };
  const stage = /^([^:\s]+):end$/.exec(text)?.[1];
  if (stage !== undefined) return { kind: "stage-end", stage };
  throw usageError(
    `--break ${text}: not a place to stop`,
    "write a line (-b 11) or the end of a stage (-b app:end)",
  );
}

/** `-t NAME[:TAG]`: only what no registry would take is refused here. @throws {BktuiError} "usage". */
export function parseTag(text: string): string {
  if (/^[a-z0-9]([a-zA-Z0-9._:/-]*[a-zA-Z0-9_.-])?$/.test(text)) return text;
  throw usageError(`--tag ${text}: not an image name`, "write NAME[:TAG] with the name in lower case");
}

function splitPair(option: string, text: string): { name: string; value: string | undefined } {
  const at = text.indexOf("=");
  const name = (at < 0 ? text : text.slice(0, at)).trim();
  if (name === "") throw usageError(`${option} ${text}: the name before "=" is missing`);
  return { name, value: at < 0 ? undefined : text.slice(at + 1) };
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
