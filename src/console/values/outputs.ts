/** `-o`: what is to be made of the target, and where to. Pure. */
import { resolve } from "node:path";
import { goBoolean } from "../../base/go-boolean.ts";
import { nearest } from "../../base/near.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import type { OutputSpec } from "../../engine/outputs.ts";
import { badValue } from "../bad-values.ts";
import type { Surroundings } from "../build-options.ts";
import { csvFields } from "./csv.ts";

/** What an engine has exporters for, and what buildx makes of them; moby is a dockerd's own store. */
const TYPES: readonly string[] = ["local", "tar", "oci", "docker", "image", "registry", "cacheonly", "moby"];
/** Those that go to a file, standard output when none is named. */
const STREAMS: readonly string[] = ["tar", "oci"];
const STANDARD_OUTPUT = "-";

/**
 * `DIR`, `-` (a tar on standard output), or `type=TYPE[,dest=PATH][,KEY=VALUE]` as `docker buildx build` 0.37 reads it: CSV with
 * quoting, keys in any case. Which keys a type has is the engine's to say.
 * @throws {BktuiError} "bad-request" for what docker refuses.
 */
export function parseOutputs(
  values: readonly string[],
  { cwd }: Pick<Surroundings, "cwd">,
): readonly OutputSpec[] {
  const specs = values.filter((text) => text !== "").map((text) => parseOutput(text, cwd));
  if (specs.filter(isOnStandardOutput).length > 1)
    throw badValue("multiple outputs configured to write to stdout", "give all but one a file: dest=FILE");
  return specs;
}

function parseOutput(text: string, cwd: string): OutputSpec {
  const fields = csvFields("--output", text);
  if (fields.length === 1 && fields[0] === text && !text.startsWith("type=")) {
    return text === STANDARD_OUTPUT
      ? { type: "tar", dest: STANDARD_OUTPUT, attributes: {} }
      : { type: "local", dest: resolve(cwd, text), attributes: {} };
  }
  const attributes: Record<string, string> = {};
  let type = "";
  let dest = "";
  for (const field of fields) {
    const at = field.indexOf("=");
    if (at < 0) throw badValue(`--output ${text}: invalid value ${field}`, "write KEY=VALUE");
    const key = field.slice(0, at).toLowerCase().trim();
    const value = field.slice(at + 1);
    if (key === "type") type = value;
    else if (key === "dest") dest = value;
    else attributes[key] = value;
  }
  checkType(text, type);
  const spec = {
    type,
    dest: dest === "" || dest === STANDARD_OUTPUT ? dest || undefined : resolve(cwd, dest),
    attributes,
  };
  if (isDirectory(spec)) checkDirectory(text, spec);
  return spec;
}

function checkType(text: string, type: string): void {
  if (type === "")
    throw badValue(
      `--output ${text}: type is required for output`,
      `the types are ${TYPES.slice(0, -1).join(", ")}`,
    );
  if (TYPES.includes(type)) return;
  const [near] = nearest(type, TYPES);
  throw badValue(
    `--output ${text}: exporter "${type}" could not be found`,
    near === undefined ? `the types are ${TYPES.slice(0, -1).join(", ")}` : `did you mean type=${near}?`,
  );
}

function checkDirectory(text: string, { type, dest, attributes }: OutputSpec): void {
  if (dest === undefined)
    throw badValue(`--output ${text}: dest is required for ${type} exporter`, `write type=${type},dest=DIR`);
  if (dest === STANDARD_OUTPUT)
    throw badValue(`--output ${text}: dest cannot be stdout for ${type} exporter`, "write type=tar,dest=-");
  const mode = (attributes["mode"] ?? "").trim().toLowerCase();
  if (type === "local" && !["", "copy", "delete"].includes(mode))
    throw badValue(
      `--output ${text}: invalid local exporter mode "${attributes["mode"]}"`,
      "the modes are copy and delete",
    );
}

/** Whether it is made into a directory: files, or an image's layout (`tar=false`). */
export function isDirectory({ type, attributes }: OutputSpec): boolean {
  if (type === "local") return true;
  return (type === "oci" || type === "docker") && goBoolean(attributes["tar"] ?? "") === false;
}

/** Whether its bytes go to standard output, which nothing else may be written to then. */
export function isOnStandardOutput(spec: OutputSpec): boolean {
  if (isDirectory(spec)) return false;
  if (spec.isPiped === true) return true;
  if (spec.dest === STANDARD_OUTPUT) return [...STREAMS, "docker"].includes(spec.type);
  return spec.dest === undefined && STREAMS.includes(spec.type);
}

/** Whether any output of the build does. */
export function usesStandardOutput({ outputs = [] }: Pick<BuildRequest, "outputs">): boolean {
  return outputs.some(isOnStandardOutput);
}
