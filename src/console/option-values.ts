/** Values of single options: text as typed -> domain values. All functions are pure. */
import { isIP } from "node:net";
import { toBktuiError } from "../base/errors.ts";
import { parseBreak, parseBreaks } from "../debugger/breakpoints/break-spec.ts";
import { type Surroundings, usageError } from "./build-options.ts";

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

/** All `-b PLACE` together. @throws {BktuiError} "usage". */
export function parseBreakpoints(texts: readonly string[]): ReturnType<typeof parseBreaks> {
  for (const text of texts) checkBreakpoint(text);
  return parseBreaks(texts);
}

function checkBreakpoint(text: string): void {
  try {
    parseBreak(text);
  } catch (error) {
    const { message, hint } = toBktuiError(error, "usage");
    throw usageError(
      `--break ${text}: ${message}`,
      hint === undefined ? undefined : `write for example -b 11 or -b app:end; ${hint}`,
    );
  }
}

/** `-t NAME[:TAG]`: only what no registry would take is refused here. @throws {BktuiError} "usage". */
export function parseTag(text: string): string {
  if (/^[a-z0-9]([a-zA-Z0-9._:/-]*[a-zA-Z0-9_.-])?$/.test(text)) return text;
  throw usageError(`--tag ${text}: not an image name`, "write NAME[:TAG] with the name in lower case");
}

/** A reference to an image. It becomes part of a Dockerfile, where blanks and "$" would mean something. */
export function parseImage(text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$/.test(text)) return text;
  throw usageError(
    `--debug-image ${text}: not an image`,
    "write NAME[:TAG] or NAME@DIGEST, e.g. alpine:3.22",
  );
}

function splitPair(option: string, text: string): { name: string; value: string | undefined } {
  const at = text.indexOf("=");
  const name = (at < 0 ? text : text.slice(0, at)).trim();
  if (name === "") throw usageError(`${option} ${text}: the name before "=" is missing`);
  return { name, value: at < 0 ? undefined : text.slice(at + 1) };
}
