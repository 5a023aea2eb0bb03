/** Looks at where outputs are to go before anything runs, so that a mistake costs no build. */
import { existsSync, realpathSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { isDirectory, isOnStandardOutput } from "../console/values/outputs.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import type { OutputSpec } from "../engine/outputs.ts";

type Asked = Pick<BuildRequest, "outputs" | "allow">;

/**
 * Refuses what docker's client refuses: a file where a directory is to be, and the other way round, and a directory that
 * would be emptied outside of the current one.
 * @throws {BktuiError} "bad-request" naming the path.
 */
export async function checkOutputs(
  { outputs = [], allow }: Asked,
  { cwd }: { readonly cwd: string },
): Promise<void> {
  for (const spec of outputs) {
    const { type, dest, attributes } = spec;
    if (dest === undefined || dest === "-" || type === "cacheonly") continue;
    const there = await stat(dest).catch(() => undefined);
    if (isDirectory(spec) && there !== undefined && !there.isDirectory())
      throw refused(`destination directory ${dest} is a file`, "name a directory, or remove the file");
    if (!isDirectory(spec) && there?.isDirectory() === true)
      throw refused(
        `destination file ${dest} is a directory`,
        `name a file in it: dest=${join(dest, "result.tar")}`,
      );
    const isEmptied = type === "local" && (attributes["mode"] ?? "").trim().toLowerCase() === "delete";
    if (isEmptied && !allow.includes("buildx.local.delete") && !isBelow(dest, cwd))
      throw refused(
        `local output mode=delete for destination "${dest}" requires --allow=buildx.local.delete`,
        "what is in that directory and not in the result would be deleted",
      );
  }
}

/** As buildctl reads it: an image for docker goes down the pipe where one is and no file is named. */
export function asBuildctl<Request extends Pick<BuildRequest, "outputs">>(
  request: Request,
  { frontend }: { readonly frontend?: string },
  { isTerminal }: { readonly isTerminal: boolean },
): Request {
  const { outputs } = request;
  if (frontend === undefined || isTerminal || outputs === undefined) return request;
  const streamed = outputs.map((spec) =>
    spec.type === "docker" && spec.dest === undefined && !isDirectory(spec)
      ? { ...spec, isPiped: true as const }
      : spec,
  );
  return { ...request, outputs: streamed };
}

/** @throws {BktuiError} "bad-request" for an output to a terminal, or to where the debugger itself speaks. */
export function checkStandardOutput(
  { outputs = [] }: Pick<BuildRequest, "outputs">,
  { isTerminal, isOwn }: { readonly isTerminal: boolean; readonly isOwn: boolean },
): void {
  const spec = outputs.find(isOnStandardOutput);
  if (spec === undefined) return;
  if (isTerminal)
    throw refused(
      `dest file is required for ${spec.type} exporter. refusing to write to console`,
      `write it to a file, ${inFile(spec)}, or send standard output to one`,
    );
  if (isOwn)
    throw refused(
      `-o type=${spec.type} and the line mode cannot both write to standard output`,
      `run it without stopping (--run), or write it to a file: ${inFile(spec)}`,
    );
}

function inFile({ type }: OutputSpec): string {
  return `-o type=${type},dest=FILE`;
}

function isBelow(path: string, directory: string): boolean {
  const way = relative(realpathSync(directory), realOf(path));
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`);
}

/** With the links of what exists resolved. */
function realOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realOf(parent), basename(path));
}

function refused(message: string, hint: string): BktuiError {
  return new BktuiError("bad-request", message, { hint });
}
