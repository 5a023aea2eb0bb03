/** What is typed behind `export`: which state, as what, and where to. Pure. */
import { resolve } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { nearest } from "../../base/near.ts";
import { visibleLine } from "../../base/visible.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { OutputSpec } from "../../engine/outputs.ts";
import type { Surroundings } from "../build-options.ts";
import { isImageReference } from "../values/image-name.ts";
import { isOnStandardOutput, parseOutputs } from "../values/outputs.ts";

/** What a state can become by one word and a place. */
export const EXPORT_TYPES = ["docker", "tarball", "oci", "tar", "local", "registry"] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

/** What a person asks for. */
export interface TypedExport {
  /** undefined = the state that is shown. */
  readonly side: StateSide | undefined;
  readonly outputs: readonly OutputSpec[];
  /** What is there may be replaced. */
  readonly force: boolean;
  /** FAILED of another run of the command. */
  readonly rebuild: boolean;
  /** Also when the value of a secret is found in it. */
  readonly withSecrets: boolean;
}

const SIDES: readonly StateSide[] = ["base", "failed", "after"];
const USAGE =
  "write export docker NAME, export tarball|oci|tar FILE, export local DIR, export registry NAME, or -o as docker";

/**
 * `[base|failed|after] [TYPE DEST | -o OUTPUT…] [--force] [--rebuild] [--secrets=allow]`. Without a type the image goes into docker's store, under
 * a name of its own.
 * @throws {BktuiError} "usage" or "bad-request" with what is right.
 */
export function readExport(words: readonly string[], surroundings: Pick<Surroundings, "cwd">): TypedExport {
  const rest = [...words];
  const flag = (name: string): boolean => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  };
  const force = flag("--force");
  const rebuild = flag("--rebuild");
  const withSecrets = flag("--secrets=allow");
  const values: string[] = [];
  for (let at = rest.findIndex(isOutput); at >= 0; at = rest.findIndex(isOutput)) {
    const [option = "", value] = rest.splice(at, /^(-o|--output)$/.test(rest[at] ?? "") ? 2 : 1);
    values.push(value ?? option.replace(/^(--output=|-o=?)/, ""));
  }
  const side = SIDES.find((each) => each === rest[0]?.toLowerCase());
  if (side !== undefined) rest.shift();
  const [type, dest, ...more] = rest;
  if (more.length > 0) throw wrong(`"${visibleLine(more.join(" "))}" is too much`);
  const outputs = parseOutputs(values, surroundings);
  if (type !== undefined) outputs.length > 0 ? refuseBoth(type) : undefined;
  const made = type === undefined ? outputs : [exportOutput(type, dest, surroundings)];
  if (made.some(isOnStandardOutput)) throw wrong("a state cannot be written to standard output");
  const all = made.length > 0 ? made : [exportOutput("docker", undefined, surroundings)];
  return { side, outputs: all, force, rebuild, withSecrets };
}

/**
 * An output by its word.
 * @param dest a file, a directory or the name of an image; only "docker" does without
 * @throws {BktuiError} "usage".
 */
export function exportOutput(
  type: string,
  dest: string | undefined,
  { cwd }: Pick<Surroundings, "cwd">,
): OutputSpec {
  const known = EXPORT_TYPES.find((each) => each === type);
  if (known === undefined) {
    const near = nearest(type, EXPORT_TYPES);
    throw wrong(
      near.length > 0
        ? `"${visibleLine(type)}" is no type of export; did you mean ${near.join(" or ")}?`
        : `"${visibleLine(type)}" is no type of export; ${USAGE}`,
    );
  }
  switch (known) {
    case "docker":
      return {
        type: "docker",
        dest: undefined,
        attributes: dest === undefined ? {} : { name: imageName(dest) },
      };
    case "registry":
      return { type: "registry", dest: undefined, attributes: { name: imageName(needed(dest, known)) } };
    case "tarball":
      return { type: "docker", dest: resolve(cwd, needed(dest, known)), attributes: {} };
    case "oci":
    case "tar":
    case "local":
      return { type: known, dest: resolve(cwd, needed(dest, known)), attributes: {} };
  }
}

/** The words by which an output is asked for; undefined when it takes more than a type and a place. */
export function wordsOf({ type, dest, attributes }: OutputSpec): readonly [ExportType, string] | undefined {
  const { name = "", ...others } = attributes;
  if (Object.keys(others).length > 0) return undefined;
  if (type === "docker") return dest === undefined ? ["docker", name] : ["tarball", dest];
  if (type === "registry") return ["registry", name];
  if (dest === undefined || (type !== "oci" && type !== "tar" && type !== "local")) return undefined;
  return [type, dest];
}

function isOutput(word: string): boolean {
  return /^(-o.*|--output|--output=.*)$/s.test(word);
}

function imageName(text: string): string {
  if (isImageReference(text)) return text;
  throw wrong(`"${visibleLine(text)}" is no name of an image: write NAME[:TAG] in lower case`);
}

function needed(dest: string | undefined, type: ExportType): string {
  if (dest !== undefined && dest !== "") return dest;
  const what = type === "registry" ? "NAME" : type === "local" ? "DIRECTORY" : "FILE";
  throw wrong(`where to is missing: export ${type} ${what}`);
}

function refuseBoth(type: string): never {
  throw wrong(`write either ${visibleLine(type)} or -o`);
}

function wrong(message: string): BktuiError {
  return new BktuiError("usage", message);
}
