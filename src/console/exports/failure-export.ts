/** What is exported of failures by itself: which states, as what, and under which names where there are several. Pure. */
import { extname } from "node:path";
import type { StateSide } from "../../engine/engine.ts";
import type { OutputSpec } from "../../engine/outputs.ts";
import { badValue, usageError } from "../bad-values.ts";
import type { Surroundings } from "../build-options.ts";
import { isOnStandardOutput, parseOutputs } from "../values/outputs.ts";
import { EXPORT_TYPES, exportOutput } from "./read-export.ts";

export type FailedSide = Exclude<StateSide, "after">;

/** What options ask to be exported of a build that fails. */
export interface FailureExport {
  /** At least one. */
  readonly outputs: readonly OutputSpec[];
  /** "both": BASE under a name of its own beside FAILED. */
  readonly state: FailedSide | "both";
  /** FAILED of another run of the command. */
  readonly rebuild: boolean;
  /** Of every failure, not of the first alone. */
  readonly all: boolean;
  /** Files and images that are there may be replaced. */
  readonly force: boolean;
  /** Also when the value of a secret is found in it. */
  readonly withSecrets: boolean;
}

/** As they are typed: any of them asks for an export. */
export interface TypedFailureExport {
  readonly exportOnFailure?: true;
  readonly exportType?: string;
  readonly exportPath?: string;
  readonly exportRef?: string;
  readonly exportState?: FailureExport["state"];
  readonly exportRebuild?: true;
  readonly exportAll?: true;
  readonly exportSecrets?: "allow" | "refuse";
  readonly exportForce?: true;
  readonly failedOutput: readonly string[];
}

/** Those of all options that are about it. */
export function typedFailureExport(typed: TypedFailureExport): TypedFailureExport {
  const { failedOutput, ...rest } = typed;
  const given = Object.entries(rest).filter(
    // buildctl's --export-cache is about the build.
    ([name, value]) => name.startsWith("export") && name !== "exportCache" && value !== undefined,
  );
  return { ...Object.fromEntries(given), failedOutput };
}

/**
 * Undefined when nothing is asked for.
 * @param always something else asks for it
 * @throws {BktuiError} "usage" or "bad-request" with what is right.
 */
export function failureExport(
  typed: TypedFailureExport,
  surroundings: Pick<Surroundings, "cwd">,
  always = false,
): FailureExport | undefined {
  const { exportState, exportRebuild, exportAll, exportSecrets, exportForce } = typed;
  const isAsked = always || Object.keys(typed).length > 1 || typed.failedOutput.length > 0;
  if (!isAsked) return undefined;
  const outputs = outputsOf(typed, surroundings);
  const state = exportState ?? "failed";
  if (exportRebuild === true && state === "base")
    throw usageError(
      "--export-rebuild makes FAILED anew, and --export-state=base exports none",
      "leave one of them out",
    );
  return {
    outputs,
    state,
    rebuild: exportRebuild === true,
    all: exportAll === true,
    force: exportForce === true,
    withSecrets: exportSecrets === "allow",
  };
}

function outputsOf(
  { exportType, exportPath, exportRef, failedOutput }: TypedFailureExport,
  surroundings: Pick<Surroundings, "cwd">,
): readonly OutputSpec[] {
  if (failedOutput.length > 0) {
    if (exportType !== undefined || exportPath !== undefined || exportRef !== undefined)
      throw usageError(
        "--failed-output and --export-type, --export-path or --export-ref say the same twice",
        "leave one of them out",
      );
    const outputs = parseOutputs(failedOutput, surroundings).map(named);
    if (outputs.some(isOnStandardOutput))
      throw badValue(
        "--failed-output: a failed state cannot be written to standard output",
        "give it a file: dest=FILE",
      );
    return outputs;
  }
  const type = exportType ?? (exportPath === undefined ? "docker" : "tarball");
  checkPlace(type, { exportPath, exportRef });
  const isImageInFile = exportPath !== undefined && exportRef !== undefined;
  const spec = exportOutput(type, exportPath ?? exportRef, surroundings);
  if (!isImageInFile) return [spec];
  const { attributes } = exportOutput("docker", exportRef, surroundings);
  return [{ ...spec, attributes: { ...spec.attributes, ...attributes } }];
}

/** `ref` is how others call the name. */
function named(spec: OutputSpec): OutputSpec {
  const { ref, ...attributes } = spec.attributes;
  if (ref === undefined) return spec;
  if (attributes["name"] !== undefined)
    throw badValue("--failed-output: ref and name say the same twice", "leave one of them out");
  return { ...spec, attributes: { ...attributes, name: ref } };
}

function checkPlace(
  type: string,
  { exportPath, exportRef }: Readonly<Record<"exportPath" | "exportRef", string | undefined>>,
): void {
  if (!EXPORT_TYPES.some((each) => each === type)) return;
  const isImage = type === "docker" || type === "registry";
  if (isImage && exportPath !== undefined)
    throw usageError(
      `--export-type ${type} takes no path: the image goes ${type === "docker" ? "into docker's store" : "to a registry"}`,
      "name it with --export-ref, or write a file with --export-type tarball",
    );
  if (type === "registry" && exportRef === undefined)
    throw usageError("--export-type registry needs a name", "--export-ref REGISTRY/NAME:TAG");
  if (isImage) return;
  if (exportPath === undefined)
    throw usageError(
      `--export-type ${type} needs a path`,
      `--export-path ${type === "local" ? "DIRECTORY" : "FILE"}`,
    );
  if ((type === "tar" || type === "local") && exportRef !== undefined)
    throw usageError(
      `--export-type ${type} makes no image that --export-ref could name`,
      "leave it out, or take tarball",
    );
}

/**
 * What tells the names of one failure's states from those of the others; "" where nothing does. A platform is written as in
 * the directories that docker makes, e.g. "linux_arm64-2-base"; untrusted text, of which only what any name may have is left.
 */
export function exportSuffix({
  platform,
  number,
  side,
}: {
  readonly platform: string | undefined;
  readonly number: string | undefined;
  readonly side: "base" | undefined;
}): string {
  const named = platform?.replace(/[^A-Za-z0-9.-]/g, "_");
  return [named, number, side].filter((part) => part !== undefined).join("-");
}

/** The same output under another name: `out-base.tar`, `out-2`, `app:debug-base`; without any name there is nothing to change. */
export function besideOutput(spec: OutputSpec, suffix: string): OutputSpec {
  const { dest, attributes } = spec;
  const { name } = attributes;
  return {
    ...spec,
    dest: dest === undefined ? undefined : besidePath(dest, suffix),
    attributes: name === undefined ? attributes : { ...attributes, name: besideNames(name, suffix) },
  };
}

/** E.g. `out-base.tar` of `out.tar`. */
export function besidePath(path: string, suffix: string): string {
  const end = /\.tar\.[a-z0-9]+$/i.exec(path)?.[0] ?? extname(path);
  return `${path.slice(0, path.length - end.length)}-${suffix}${end}`;
}

/** E.g. `app:1-base` of `app:1`; several stand with commas between. */
export function besideNames(names: string, suffix: string): string {
  return names
    .split(",")
    .map((name) => (/:[^/]*$/.test(name) ? `${name}-${suffix}` : `${name}:${suffix}`))
    .join(",");
}
