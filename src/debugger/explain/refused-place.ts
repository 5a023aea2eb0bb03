/** The line that a refusal is about, where the engine names none: the one that names what it could not find. */

import type { BuildRequest } from "../../engine/build-request.ts";
import { readSource } from "../../engine/build-sources.ts";
import { FrontendFailed } from "../../engine/failures.ts";
import { readInstructions, splitLines } from "../../graph/dockerfile-text.ts";
import type { SourceRange } from "../../graph/graph.ts";
import { frontendReasonOf } from "../failures/frontend-reasons.ts";
import type { ProgressStore } from "../progress/progress-store.ts";
import { shortName } from "./registry-words.ts";

/** The error with its place in the Dockerfile; any other error, and one without a place, as it is. */
export async function placed(
  error: unknown,
  request: Pick<BuildRequest, "source">,
  progress: Pick<ProgressStore, "vertices">,
): Promise<unknown> {
  if (!(error instanceof FrontendFailed) || error.ranges.length > 0) return error;
  const text = (await readSource(request)) ?? error.text;
  const failed = progress.vertices().flatMap(([, { name, error: said }]) => (said === "" ? [] : [name]));
  const range = text === undefined ? undefined : refusedPlace(error, failed, text);
  return range === undefined ? error : error.at(range);
}

/** Undefined when nothing in the text, or more than one instruction, names it. */
export function refusedPlace(
  error: FrontendFailed,
  failedVertices: readonly string[],
  text: string,
): SourceRange | undefined {
  const missing = missingStage(error, failedVertices);
  if (missing === undefined) return undefined;
  const lines = splitLines(text);
  const places = readInstructions(text).filter(({ start, end, from }) => {
    const names = from === undefined ? namesIn(lines.slice(start - 1, end).join(" ")) : [from.image];
    return names.some((name) => shortName(name).toLowerCase() === missing);
  });
  const [place] = places;
  return place === undefined || places.length > 1
    ? undefined
    : { source: 0, start: place.start, end: place.end };
}

/** What was looked for, in lower case: an image, what stands in an image's place, a stage by its number. */
function missingStage(error: FrontendFailed, failedVertices: readonly string[]): string | undefined {
  const reason = frontendReasonOf(error, failedVertices);
  if (reason.kind === "pull")
    return reason.image === undefined ? undefined : shortName(reason.image).toLowerCase();
  if (reason.kind === "syntax")
    return reason.problem.kind === "image-name" ? reason.problem.name.toLowerCase() : undefined;
  return reason.kind === "stage-number" ? reason.number : undefined;
}

/** Of COPY --from and RUN --mount. */
function namesIn(instruction: string): readonly string[] {
  return [...instruction.matchAll(/(?:\s--from=|[=,]from=)["']?([^\s,"']+)/gi)].map(([, name = ""]) => name);
}
