/** Where the engine searched for the sources that an instruction misses, and what it takes from there. */

import { unreachable } from "../../base/errors.ts";
import { isGlob } from "../../base/glob.ts";
import { withoutPassword } from "../../engine/build-sources.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { CopyAction, Digest, Edge, Vertex } from "../../graph/graph.ts";
import type { Program, Step, StepId } from "../../graph/program.ts";
import { stepOfVertex } from "../../graph/source-map.ts";
import type { MissingSource } from "../questions/finding.ts";

export type SearchedIn =
  | { readonly kind: "context" }
  /** `step`: the one that left it. */
  | { readonly kind: "stage"; readonly name: string; readonly edge: Edge; readonly step: StepId }
  | { readonly kind: "image"; readonly name: string; readonly edge: Edge }
  /** A named context, or one that the engine fetched; `name` with its article, e.g. "the context shared". */
  | { readonly kind: "source"; readonly name: string; readonly edge: Edge }
  | { readonly kind: "unknown" };

/** One thing that the instruction takes. */
export interface TakenSource extends MissingSource {
  readonly place: SearchedIn;
  /** Where a bind mount puts it; undefined for COPY and ADD. */
  readonly mount: string | undefined;
  /** It is searched for in the mount's own cache. */
  readonly inCache?: true;
}

/** Nobody names more by hand, and each of them is looked for. */
const MOST_SOURCES = 20;

interface FailedStep {
  readonly failure: SolveFailed;
  readonly program: Program;
  readonly step: Step;
}

/**
 * What the failed step takes from the place where something was missing, the most suspicious first.
 * @param path as the engine names it: of old ones (BuildKit 0.8) a directory on the way to it, or where a link leads
 */
export function takenSources({ failure, program, step }: FailedStep, path: string): readonly TakenSource[] {
  const vertex = program.graph.vertices.get(failure.vertex ?? step.vertex);
  if (vertex === undefined) return [unnamed(path)];
  const { states } = failure;
  const input = states?.subject === "cache" ? states.index : undefined;
  const action = states?.subject === "file" ? states.index : undefined;
  const taken = vertex.kind === "exec" ? mountsOf(vertex, input) : copiesOf(vertex, input, action);
  const sources = taken.map(({ from, ...source }) => {
    const edge = from === undefined ? undefined : vertex.inputs[from];
    return { ...source, place: edge === undefined ? UNKNOWN : placeOf(edge, program) };
  });
  if (sources.length === 0) {
    const edge = searchedEdge({ failure, program, vertex: vertex.digest }, path);
    return [{ ...unnamed(path), place: edge === undefined ? UNKNOWN : placeOf(edge, program) }];
  }
  return sources.sort((a, b) => likeness(b, path) - likeness(a, path)).slice(0, MOST_SOURCES);
}

const UNKNOWN: SearchedIn = { kind: "unknown" };

function unnamed(path: string): TakenSource {
  return { path, isPattern: false, place: UNKNOWN, mount: undefined };
}

type Taken = Omit<TakenSource, "place"> & { readonly from: number | undefined };

function mountsOf({ exec }: Vertex, input: number | undefined): readonly Taken[] {
  return (exec?.mounts ?? [])
    .filter(({ kind, dest, selector, ...mount }) => {
      const isMade =
        kind === "bind" ? mount.input !== undefined : kind === "cache" && trimmed(selector) !== "";
      return isMade && dest !== "/" && (input === undefined || mount.input === input);
    })
    .map(({ selector, dest, ...mount }) => ({
      path: selector,
      isPattern: false,
      mount: dest,
      from: mount.input,
      ...(mount.input === undefined ? { inCache: true as const } : {}),
    }));
}

function copiesOf(
  { fileActions }: Vertex,
  input: number | undefined,
  action: number | undefined,
): readonly Taken[] {
  const copies = fileActions
    .map(({ copy }, index) => ({ copy, index }))
    .filter(({ index }) => action === undefined || action === index)
    .flatMap(({ copy }) => (copy === undefined ? [] : [copy]));
  return copies
    .filter(({ from }) => from !== undefined && (input === undefined || from === input))
    .flatMap((copy) => pathsOf(copy).map((path) => taking(path, copy)));
}

function pathsOf({ source, includes }: CopyAction): readonly string[] {
  if (includes.length === 0) return [source];
  return includes.map((path) => `${source.replace(/\/$/, "")}/${path}`);
}

function taking(path: string, { wildcard, from }: CopyAction): Taken {
  return { path, isPattern: wildcard && isGlob(path), mount: undefined, from };
}

/** How much speaks for its being the one that the engine names. */
function likeness({ path }: MissingSource, named: string): number {
  const [own, other] = [trimmed(path), trimmed(named)];
  if (own === other) return 2;
  return own.startsWith(`${other}/`) ? 1 : 0;
}

/** New engines name the input; on old ones (BuildKit 0.8) it is the one that the instruction can only mean. */
export function searchedEdge(
  { failure, program, vertex: digest }: Omit<FailedStep, "step"> & { readonly vertex: Digest },
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
      (kind === "bind" || kind === "cache") &&
      dest !== "/" &&
      input !== undefined &&
      trimmed(selector) === trimmed(path),
  );
  return mount?.input === undefined ? undefined : inputs[mount.input];
}

/** All sources of one COPY come from one place. */
function copySource({ kind, inputs, rootInput, fileActions }: Vertex): Edge | undefined {
  if (kind !== "file") return undefined;
  const [named] = fileActions.flatMap(({ copy }) => (copy?.from === undefined ? [] : [copy.from]));
  if (named !== undefined) return inputs[named];
  const sources = inputs.filter((_, index) => index !== rootInput);
  if (sources.length > 1) return undefined;
  return sources[0] ?? (rootInput === undefined ? undefined : inputs[rootInput]);
}

export function placeOf(edge: Edge, program: Program): SearchedIn {
  const vertex = program.graph.vertices.get(edge.vertex);
  const identifier = vertex?.identifier ?? "";
  if (identifier === "local://context") return { kind: "context" };
  const image = /^docker-image:\/\/([^@]+)/.exec(identifier)?.[1];
  if (image !== undefined) return { kind: "image", name: image, edge };
  const named = /^local:\/\/(.*)$/s.exec(identifier)?.[1];
  if (named !== undefined) return { kind: "source", name: `the context ${named}`, edge };
  if (identifier !== "") return { kind: "source", name: withoutPassword(identifier), edge };
  const step = stepOfVertex(program, edge.vertex);
  // What the engine unpacked a fetched context into stands on no line.
  if (step === undefined && vertex?.kind === "file") return { kind: "source", name: "the context", edge };
  return step === undefined ? UNKNOWN : { kind: "stage", name: step.stage, edge, step: step.id };
}

function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}

/** E.g. "stage build"; "" when it is not known. */
export function placeWords(place: SearchedIn): string {
  switch (place.kind) {
    case "context":
      return "the context";
    case "stage":
      return `stage ${place.name}`;
    case "image":
      return `image ${place.name}`;
    case "source":
      return place.name;
    case "unknown":
      return "";
    default:
      return unreachable(place);
  }
}
