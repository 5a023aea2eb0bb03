/** `--cache-from` and `--cache-to`. Pure. */
import { resolve } from "node:path";
import { goBoolean } from "../../base/go-boolean.ts";
import type { CacheEntry } from "../../engine/build-request.ts";
import { badValue } from "../bad-values.ts";
import type { Surroundings } from "../build-options.ts";
import { csvFields } from "./csv.ts";

/**
 * `type=TYPE[,KEY=VALUE]`, or names of images, several of them separated by commas.
 * @throws {BktuiError} "bad-request".
 */
export function parseCaches(
  option: keyof typeof DIRECTORY,
  values: readonly string[],
  { cwd }: Pick<Surroundings, "cwd">,
): readonly CacheEntry[] {
  return values.flatMap((text) => {
    if (text === "") return [];
    const fields = csvFields(option, text);
    if (!text.includes("=")) return fields.map((ref) => ({ type: "registry", attributes: { ref } }));
    const pairs = fields.map((field) => {
      const at = field.indexOf("=");
      if (at < 0) throw badValue(`${option} ${text}: "${field}" is not key=value`);
      return [field.slice(0, at).toLowerCase(), field.slice(at + 1)] as const;
    });
    const { type, ...attributes }: Readonly<Record<string, string>> = Object.fromEntries(pairs);
    if (type === undefined || type === "")
      throw badValue(`${option} ${text}: the type is missing`, "for example type=registry,ref=NAME:TAG");
    checkPlace(option, text, type, attributes);
    return [{ type, attributes: type === "local" ? withAbsolute(attributes, cwd) : attributes }];
  });
}

/** What BuildKit's client refuses before it asks the engine. */
function checkPlace(
  option: keyof typeof DIRECTORY,
  text: string,
  type: string,
  attributes: CacheEntry["attributes"],
): void {
  const needed = type === "registry" ? "ref" : type === "local" ? DIRECTORY[option] : undefined;
  if (needed !== undefined && (attributes[needed] ?? "") === "")
    throw badValue(`${option} ${text}: ${needed}= is missing`);
  const { reset } = attributes;
  if (
    type === "local" &&
    DIRECTORY[option] === "dest" &&
    reset !== undefined &&
    goBoolean(reset) === undefined
  )
    throw badValue(`${option} ${text}: "${reset}" is no value of reset`, "write reset=true or reset=false");
}

/** The second two are buildctl's names of the same. */
const DIRECTORY = {
  "--cache-from": "src",
  "--cache-to": "dest",
  "--import-cache": "src",
  "--export-cache": "dest",
} as const;

function withAbsolute(attributes: CacheEntry["attributes"], cwd: string): CacheEntry["attributes"] {
  const entries = Object.entries(attributes).map(([name, value]) =>
    ["src", "dest"].includes(name) ? [name, resolve(cwd, value)] : [name, value],
  );
  return Object.fromEntries(entries);
}
