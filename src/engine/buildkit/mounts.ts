/** Which engine state each mount of a container gets: the step's own mounts over BASE, AFTER or FAILED. */
import { posix } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import type { Edge, Mount, Vertex } from "../../graph/graph.ts";
import {
  BESIDE,
  type ContainerSource,
  STATES_AT,
  type StateSide,
  type StatesSource,
  TARGET,
} from "../engine.ts";
import type { FailedStates, SolveFailed } from "../failures.ts";

/** A mount and where its content comes from. */
export interface StatefulMount {
  readonly mount: Mount;
  readonly state:
    | { readonly kind: "edge"; readonly edge: Edge }
    | { readonly kind: "id"; readonly id: string }
    | undefined;
}

const ROOT: Mount = {
  input: undefined,
  selector: "",
  dest: "/",
  output: undefined,
  readonly: false,
  kind: "bind",
  cache: undefined,
  secret: undefined,
  tmpfsSize: 0,
};

/** @throws {BktuiError} "not-found" when the failed vertex left no such state. */
export function mountsOf(source: ContainerSource, vertex: Vertex, mounts: readonly Mount[]): StatefulMount[] {
  if (source.side === "failed") return failedMounts(source.failure, vertex, mounts);
  if (source.side === "states") return statesOf(source, vertex, mounts);
  const side = source.side;
  return mounts.map((mount) => ({ mount, state: solvedState(vertex, mount, side) }));
}

function failedMounts({ states }: SolveFailed, vertex: Vertex, mounts: readonly Mount[]): StatefulMount[] {
  if (states === undefined) throw noFailedState("the engine kept none");
  return vertex.exec === undefined ? failedFileOp(states, mounts) : failedExec(states, mounts, vertex);
}

/** A debug root takes the place of the root; everything lies below `TARGET`. */
export function belowTarget(mounts: readonly StatefulMount[], debugRoot: Edge): StatefulMount[] {
  return [
    { mount: ROOT, state: { kind: "edge", edge: debugRoot } },
    ...mounts.map(({ mount, state }) => ({ mount: mountBelowTarget(mount), state })),
  ];
}

/** The step's own mounts, and a debug root among them. */
export function withDebugRoot(mounts: readonly StatefulMount[], debugRoot: Edge): StatefulMount[] {
  const beside: Mount = { ...ROOT, dest: BESIDE, readonly: true };
  return [...mounts, { mount: beside, state: { kind: "edge", edge: debugRoot } }];
}

/** The engine makes mount points in it, so the root itself cannot be read-only there. */
export function mountBelowTarget(mount: Mount): Mount {
  const isRoot = mount.dest === "/";
  return { ...mount, dest: posix.join(TARGET, mount.dest), readonly: !isRoot && mount.readonly };
}

/** Of both states and a debug root in place of BASE. */
export function besideDebugRoot(mounts: readonly StatefulMount[], debugRoot: Edge): StatefulMount[] {
  const beside = mounts.filter(({ mount }) => mount.dest !== "/");
  return [{ mount: ROOT, state: { kind: "edge", edge: debugRoot } }, ...beside];
}

/** Nothing but the root's states: a cache or a bound directory is no part of them. */
function statesOf(source: StatesSource, vertex: Vertex, mounts: readonly Mount[]): StatefulMount[] {
  if (!("failure" in source)) return bothStates(edgeState(source.base), edgeState(source.after));
  const failed = failedMounts(source.failure, vertex, mounts).find(({ mount }) => mount.dest === "/");
  if (failed?.state === undefined) throw noFailedState("its root file system was not kept");
  return bothStates(solvedState(vertex, failed.mount, "base"), failed.state);
}

function bothStates(base: StatefulMount["state"], other: StatefulMount["state"]): StatefulMount[] {
  const beside = (dest: string): Mount => ({ ...ROOT, dest, readonly: true });
  return [
    { mount: ROOT, state: base },
    { mount: beside(STATES_AT.base), state: base },
    { mount: beside(STATES_AT.other), state: other },
  ];
}

function edgeState(edge: Edge | undefined): StatefulMount["state"] {
  return edge === undefined ? undefined : { kind: "edge", edge };
}

/** Edges that must exist before a container over these mounts can be made. */
export function edgesOf(mounts: readonly StatefulMount[]): Edge[] {
  return mounts.flatMap(({ state }) => (state?.kind === "edge" ? [state.edge] : []));
}

function solvedState(
  vertex: Vertex,
  mount: Mount,
  side: Exclude<StateSide, "failed">,
): StatefulMount["state"] {
  const isRoot = mount.dest === "/";
  if (side === "after") {
    const output = isRoot ? vertex.rootOutput : mount.output;
    if (output !== undefined) return { kind: "edge", edge: { vertex: vertex.digest, output } };
  }
  return edgeState(inputOf(vertex, mount));
}

/** What a mount was made from; undefined for those that begin empty. */
export function inputOf(vertex: Vertex, mount: Mount): Edge | undefined {
  const input = vertex.exec === undefined ? vertex.rootInput : mount.input;
  return input === undefined ? undefined : vertex.inputs[input];
}

/** `mountIDs` are indexed by the op's mounts, "" for those without a state (checked on 0.32 and dockerd 28.5). */
function failedExec(states: FailedStates, mounts: readonly Mount[], vertex: Vertex): StatefulMount[] {
  if (!states.mountIds.some((id) => id !== "")) throw noFailedState("the command never started");
  return mounts.map((mount, index) => {
    const id = states.mountIds[index] ?? "";
    return { mount, state: id === "" ? solvedState(vertex, mount, "base") : { kind: "id", id } };
  });
}

/** A file op's `mountIDs` are per action; the action that failed is the one that has one. */
function failedFileOp(states: FailedStates, mounts: readonly Mount[]): StatefulMount[] {
  const id = states.mountIds.find((candidate) => candidate !== "");
  if (id === undefined) throw noFailedState("nothing had been written yet");
  return mounts.map((mount) => ({ mount, state: mount.dest === "/" ? { kind: "id", id } : undefined }));
}

function noFailedState(why: string): BktuiError {
  return new BktuiError("not-found", `there is no FAILED state of this step: ${why}`, {
    hint: "look at BASE, the state before the step",
  });
}
