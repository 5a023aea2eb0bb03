/** Which request and which file a step of a linked target belongs to. */

import type { BuildRequest } from "../../engine/build-request.ts";
import { type Sourced, sourcePath } from "../../engine/build-sources.ts";
import { type Line, lineOf } from "../../graph/graph.ts";
import { linkedAt } from "../../graph/linked-parts.ts";
import type { Program } from "../../graph/program.ts";
import type { DebugState } from "../debugger.ts";
import { programOf, stopOf } from "./inspect.ts";

/** As what a line of the program was built: the linked target that it belongs to, else the build itself. */
export function requestAt(request: BuildRequest, program: Program, line: Line): BuildRequest {
  const part = linkedAt(program, line);
  return request.linked?.find(({ name }) => name === part?.target)?.request ?? request;
}

/** As what the step was built that the build stands at. */
export function requestHere(state: DebugState): BuildRequest | undefined {
  const { request } = state;
  const [program, stop] = [programOf(state), stopOf(state)];
  const step = stop === undefined ? undefined : program?.steps[stop.step];
  if (request === undefined || program === undefined || step === undefined) return request;
  return requestAt(request, program, step.start);
}

/** Where a line of a linked target stands on this machine; undefined for any other line. */
export function linkedFileAt(
  request: BuildRequest | undefined,
  program: Program | undefined,
  line: number,
): { readonly file: string; readonly line: number } | undefined {
  const part = program === undefined ? undefined : linkedAt(program, lineOf(line));
  const linked = request?.linked?.find(({ name }) => name === part?.target);
  const file = linked === undefined ? undefined : sourcePath(linked.request);
  return part === undefined || file === undefined ? undefined : { file, line: line - part.before };
}

/** The sources of a build and of all targets that it is made from. */
export function allSources(request: Sourced & Pick<BuildRequest, "linked">): readonly Sourced[] {
  return [request, ...(request.linked ?? []).map((each) => each.request)];
}
