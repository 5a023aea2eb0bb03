/** Sizes, and the limits of what a step may use: `--shm-size`, `--resource`, and the older `-m` and `--cpu-…`. Pure. */
import { badValue, usageError } from "../bad-values.ts";

/** What is left out means the engine's own. By the names of the frontend's attributes (BuildKit 0.31). */
export type Resources = Readonly<Record<string, string>>;

/** By docker's name: the frontend's, and what kind of value it is. */
const RESOURCES: Readonly<Record<string, readonly [attribute: string, kind: "size" | "number" | "text"]>> = {
  memory: ["memory", "size"],
  "memory-swap": ["memswap", "size"],
  "cpu-shares": ["cpushares", "number"],
  "cpu-period": ["cpuperiod", "number"],
  "cpu-quota": ["cpuquota", "number"],
  "cpuset-cpus": ["cpusetcpus", "text"],
  "cpuset-mems": ["cpusetmems", "text"],
};

/**
 * `64m`: a number with b, k, m, g or t, in units of 1024, as docker's go-units reads it.
 * @returns bytes; undefined = it is none
 */
export function bytesOf(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d*)?|\.\d+) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  if (number === "" || (unit === "" && /ib$/i.test(text))) return undefined;
  const exponent = ["", "k", "m", "g", "t", "p"].indexOf(unit.toLowerCase());
  const bytes = Math.floor(Number(number) * 1024 ** exponent);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `--shm-size 64m`, in bytes; 0 = the engine's own size. @throws {BktuiError} "usage". */
export function parseShmSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = bytesOf(text);
  if (bytes === undefined)
    throw usageError(`--shm-size ${text}: not a size`, "write for example --shm-size 64m");
  return bytes === 0 ? undefined : bytes;
}

/**
 * `KEY=VALUE` of `--resource`, e.g. memory=2g; later ones count.
 * @throws {BktuiError} "bad-request".
 */
export function parseResources(entries: readonly string[]): Resources {
  const resources: Record<string, string> = {};
  for (const entry of entries) {
    const at = entry.indexOf("=");
    const key = entry.slice(0, Math.max(at, 0)).trim();
    if (at < 0) throw badValue(`--resource ${entry}: not KEY=VALUE`, keyHint());
    const known = Object.hasOwn(RESOURCES, key) ? RESOURCES[key] : undefined;
    if (known === undefined) throw badValue(`--resource ${entry}: unknown resource "${key}"`, keyHint());
    const [attribute, kind] = known;
    const value = limitOf(key, entry.slice(at + 1).trim(), kind);
    if (value === "") delete resources[attribute];
    else resources[attribute] = value;
  }
  return resources;
}

/** "" = as if it were not given. */
function limitOf(key: string, given: string, kind: "size" | "number" | "text"): string {
  if (kind === "text") return given;
  if (kind === "size") {
    // -1 is docker's word for "as much swap as there is".
    const bytes = key === "memory-swap" && given === "-1" ? -1 : bytesOf(given);
    if (bytes === undefined) throw badValue(`--resource ${key}=${given}: not a size`, "for example 512m");
    return bytes === 0 ? "" : String(bytes);
  }
  if (!/^[+-]?\d{1,18}$/.test(given)) throw badValue(`--resource ${key}=${given}: not a whole number`);
  return Number(given) > 0 ? String(Number(given)) : "";
}

function keyHint(): string {
  return `the resources are ${Object.keys(RESOURCES).join(", ")}`;
}
