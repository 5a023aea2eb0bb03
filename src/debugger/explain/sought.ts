/** Where a missing source was sought. */
import type { Edge, Vertex } from "../../graph/graph.ts";
import type { Program } from "../../graph/program.ts";
import { stepOfVertex } from "../../graph/source-map.ts";
import type { StepFacts } from "./facts.ts";

export type SoughtIn =
  | { readonly kind: "context" }
  | { readonly kind: "stage"; readonly name: string; readonly edge: Edge }
  | { readonly kind: "image"; readonly name: string; readonly edge: Edge }
  | { readonly kind: "unknown" };

/** New engines name the input; on old ones (BuildKit 0.8) it is the one that the instruction can only mean. */
export function soughtIn({ failure, program, step }: StepFacts, path: string): SoughtIn {
  const vertex = program.graph.vertices.get(failure.vertex ?? step.vertex);
  if (vertex === undefined) return { kind: "unknown" };
  const { states } = failure;
  const named = states?.subject === "cache" ? vertex.inputs[states.index] : undefined;
  const edge = named ?? mountSource(vertex, path) ?? copySource(vertex);
  return edge === undefined ? { kind: "unknown" } : placeOf(edge, program);
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
  return step === undefined ? { kind: "unknown" } : { kind: "stage", name: step.stage, edge };
}

function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}
