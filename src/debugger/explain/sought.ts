/** Where a missing source was sought. */
import type { Digest, Edge, Vertex } from "../../graph/graph.ts";
import type { Program, StepId } from "../../graph/program.ts";
import { stepOfVertex } from "../../graph/source-map.ts";
import type { StepFacts } from "./facts.ts";

export type SoughtIn =
  | { readonly kind: "context" }
  /** `step`: the one that left it. */
  | { readonly kind: "stage"; readonly name: string; readonly edge: Edge; readonly step: StepId }
  | { readonly kind: "image"; readonly name: string; readonly edge: Edge }
  | { readonly kind: "unknown" };

export function soughtIn({ failure, program, step }: StepFacts, path: string): SoughtIn {
  const edge = soughtEdge({ failure, program, vertex: failure.vertex ?? step.vertex }, path);
  return edge === undefined ? { kind: "unknown" } : placeOf(edge, program);
}

/** New engines name the input; on old ones (BuildKit 0.8) it is the one that the instruction can only mean. */
export function soughtEdge(
  { failure, program, vertex: digest }: Pick<StepFacts, "failure" | "program"> & { readonly vertex: Digest },
  path: string,
): Edge | undefined {
  const vertex = program.graph.vertices.get(digest);
  if (vertex === undefined) return undefined;
  const { states } = failure;
  const named = states?.subject === "cache" ? vertex.inputs[states.index] : undefined;
  return named ?? mountSource(vertex, path) ?? copySource(vertex);
}

function mountSource({ exec, inputs }: Vertex, path: string): Edge | undefined {
  const mount = exec?.mounts.find(
    ({ kind, dest, selector, input }) =>
      kind === "bind" && dest !== "/" && input !== undefined && trimmed(selector) === trimmed(path),
  );
  return mount?.input === undefined ? undefined : inputs[mount.input];
}

/** All sources of one COPY come from one place. */
function copySource({ kind, inputs, rootInput }: Vertex): Edge | undefined {
  if (kind !== "file") return undefined;
  const sources = inputs.filter((_, index) => index !== rootInput);
  if (sources.length > 1) return undefined;
  return sources[0] ?? (rootInput === undefined ? undefined : inputs[rootInput]);
}

function placeOf(edge: Edge, program: Program): SoughtIn {
  const vertex = program.graph.vertices.get(edge.vertex);
  const identifier = vertex?.identifier ?? "";
  if (identifier.startsWith("local://")) return { kind: "context" };
  const image = /^docker-image:\/\/([^@]+)/.exec(identifier)?.[1];
  if (image !== undefined) return { kind: "image", name: image, edge };
  const step = stepOfVertex(program, edge.vertex);
  return step === undefined ? { kind: "unknown" } : { kind: "stage", name: step.stage, edge, step: step.id };
}

function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}
