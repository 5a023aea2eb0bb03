/** Values of single options: text as typed -> domain values. All functions are pure. */
import { isIP } from "node:net";
import { toBktuiError } from "../base/errors.ts";
import { parseOrder, parseOrders } from "../debugger/breakpoints/break-order.ts";
import { badValue, usageError } from "./bad-values.ts";
import type { Surroundings } from "./build-options.ts";
import { csvFields } from "./values/csv.ts";

/**
 * `--build-arg NAME=value`, or `NAME` to take it from the environment; as in docker an unset one is left out.
 * @throws {BktuiError} "bad-request".
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

/** `--label NAME=value`; without `=` the value is empty. @throws {BktuiError} "bad-request". */
export function parseLabels(values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    values.map((text) => {
      const { name, value } = splitPair("--label", text);
      return [name, value ?? ""];
    }),
  );
}

/** What stands for the address of the machine that the engine runs on. */
export const HOST_GATEWAY = "host-gateway";

/**
 * `--add-host NAME:IP` or `NAME=IP`, several separated by commas; answers `NAME:IP`, or `NAME:host-gateway`.
 * @throws {BktuiError} "usage" when the record is malformed, "bad-request" when an address is.
 */
export function parseAddHost(text: string): readonly string[] {
  return listFields("--add-host", text).map((entry) => {
    const at = entry.includes("=") ? entry.indexOf("=") : entry.indexOf(":");
    const host = at < 0 ? entry : entry.slice(0, at);
    const ip = at < 0 ? "" : entry.slice(at + 1).replace(/^\[(.+)\]$/, "$1");
    if (host === "" || ip === "")
      throw badValue(`--add-host ${entry}: not NAME:IP`, "write for example --add-host db:10.0.0.7");
    if (ip !== HOST_GATEWAY && isIP(ip) === 0)
      throw badValue(`--add-host ${entry}: "${ip}" is not an IP address`);
    return `${host}:${ip}`;
  });
}

/** Fields of an option that docker takes as a list. @throws {BktuiError} "usage": docker refuses it as it reads options. */
function listFields(option: string, text: string): readonly string[] {
  try {
    return text === "" ? [] : csvFields(option, text);
  } catch (error) {
    const { message, hint } = toBktuiError(error);
    throw usageError(message, hint);
  }
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

/** All `--ulimit` together: of a name the last one counts, and they are told by name. @throws {BktuiError} "usage". */
export function parseUlimits(values: readonly string[]): readonly string[] {
  const byName = new Map(values.map((text) => [text.replace(/=.*/s, ""), parseUlimit(text)]));
  return [...byName.values()].sort();
}

/** `--ulimit NAME=SOFT[:HARD]`, -1 = unlimited; answers `NAME=SOFT:HARD`. @throws {BktuiError} "usage". */
function parseUlimit(text: string): string {
  const [, name = "", soft = "", hard = soft] = /^([^=]+)=(-?\d{1,18})(?::(-?\d{1,18}))?$/.exec(text) ?? [];
  if (name === "")
    throw usageError(`--ulimit ${text}: not NAME=SOFT[:HARD]`, "write for example --ulimit nofile=1024:2048");
  if (!ULIMITS.includes(name))
    throw usageError(
      `--ulimit ${text}: no limit is called "${name}"`,
      `the limits are ${ULIMITS.join(", ")}`,
    );
  const isAbove = hard !== "-1" && (soft === "-1" || BigInt(soft) > BigInt(hard));
  if (isAbove) throw usageError(`--ulimit ${text}: the soft limit is above the hard one`);
  return `${name}=${BigInt(soft)}:${BigInt(hard)}`;
}

/** `--network default|none|host`; default is undefined. @throws {BktuiError} "bad-request". */
export function parseNetwork(text: string | undefined): "none" | "host" | undefined {
  if (text === undefined || text === "default" || text === "") return undefined;
  if (text === "none" || text === "host") return text;
  throw badValue(
    `--network ${text}: BuildKit has no such network mode`,
    "the modes are default, none and host",
  );
}

/** All `-b PLACE` together. @throws {BktuiError} "usage". */
export function parseBreakpoints(texts: readonly string[]): ReturnType<typeof parseOrders> {
  for (const text of texts) checkBreakpoint(text);
  return parseOrders(texts);
}

function checkBreakpoint(text: string): void {
  try {
    parseOrder(text);
  } catch (error) {
    const { message, hint } = toBktuiError(error, "usage");
    throw usageError(
      `--break ${text}: ${message}`,
      hint === undefined ? undefined : `write for example -b 11 or -b app:end; ${hint}`,
    );
  }
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
  const name = at < 0 ? text : text.slice(0, at);
  if (name === "") throw badValue(`${option} ${text}: the name before "=" is missing`);
  return { name, value: at < 0 ? undefined : text.slice(at + 1) };
}
