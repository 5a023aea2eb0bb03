/** The steps of a program as a graph: what feeds each of them, and what each feeds. */
import type { Digest, Graph, Mount, Vertex } from "./graph.ts";
import { ownStages } from "./linked-parts.ts";
import type { Program, Stage, Step, StepId } from "./program.ts";

/** What a step takes besides the file system it works on. Names are untrusted text. */
export type Feed =
  /** A stage, the step's own included where another one is taken too. */
  | { readonly kind: "stage"; readonly name: string }
  /** A directory that the client sends; "context" is the main one. */
  | { readonly kind: "context"; readonly name: string }
  /** An image that is no stage; `name` as BuildKit resolved it. */
  | { readonly kind: "image"; readonly name: string }
  /** Anything else from outside (a git repository, an address). */
  | { readonly kind: "source"; readonly name: string }
  | { readonly kind: "cache" | "tmpfs"; readonly name: string }
  | { readonly kind: "secret" | "ssh"; readonly name: string };

export interface StepNode {
  readonly step: Step;
  /** Steps it consumes: its base first, then the others in reading order. */
  readonly inputs: readonly StepId[];
  /** Steps that consume it: those it is the base of first. */
  readonly consumers: readonly StepId[];
  /** Stages on the longest way to it, its own not counted. */
  readonly depth: number;
  readonly feeds: readonly Feed[];
}

export interface StepGraph {
  /** By step id. */
  readonly nodes: readonly StepNode[];
  /** Stages of the text in its order, with those that the target does not need. */
  readonly stages: readonly Stage[];
}

/** Each vertex is looked at once per step that consumes it directly: a stage that many share costs no more than one. */
export function stepGraph(program: Program): StepGraph {
  const owners = new Map<Digest, Step>();
  for (const step of program.steps) for (const digest of step.vertices) owners.set(digest, step);
  const below = program.steps.map((step) => sourcesOf(program.graph, step, owners));
  const inputs = program.steps.map((step, index) => inputsOf(step, below[index]?.steps ?? [], owners));
  const consumers = consumersOf(program.steps, inputs);
  const depths = depthsOf(program.steps, inputs);
  const nodes = program.steps.map(
    (step, index): StepNode => ({
      step,
      inputs: inputs[index] ?? [],
      consumers: consumers[index] ?? [],
      depth: depths[index] ?? 0,
      feeds: feedsOf(program, step, below[index] ?? NOTHING),
    }),
  );
  return { nodes, stages: program.stages };
}

interface Sources {
  readonly steps: readonly Step[];
  /** Vertices from outside, of the step itself or of no step. */
  readonly outside: readonly Vertex[];
}

const NOTHING: Sources = { steps: [], outside: [] };

/** What a step consumes, looked for through vertices that belong to no step. */
function sourcesOf(graph: Graph, step: Step, owners: ReadonlyMap<Digest, Step>): Sources {
  const steps = new Set<Step>();
  const outside: Vertex[] = [];
  const seen = new Set<Digest>();
  const pending = [...step.vertices];
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (seen.has(digest)) continue;
    seen.add(digest);
    const owner = owners.get(digest);
    const vertex = graph.vertices.get(digest);
    if (owner !== undefined && owner !== step) steps.add(owner);
    else if (vertex?.kind === "source") outside.push(vertex);
    else for (const input of vertex?.inputs ?? []) pending.push(input.vertex);
  }
  return { steps: [...steps].sort((a, b) => a.id - b.id), outside };
}

function inputsOf(step: Step, found: readonly Step[], owners: ReadonlyMap<Digest, Step>): readonly StepId[] {
  const base = step.base === undefined ? undefined : owners.get(step.base.vertex);
  const others = found.filter((each) => each !== base).map(({ id }) => id);
  return base === undefined || base === step ? others : [base.id, ...others];
}

function consumersOf(
  steps: readonly Step[],
  inputs: readonly (readonly StepId[])[],
): readonly (readonly StepId[])[] {
  const asBase = steps.map((): StepId[] => []);
  const otherwise = steps.map((): StepId[] => []);
  inputs.forEach((ids, index) => {
    const consumer = steps[index];
    if (consumer === undefined) return;
    for (const id of ids) (isBaseOf(consumer, steps[id]) ? asBase : otherwise)[id]?.push(consumer.id);
  });
  return asBase.map((ids, index) => [...ids, ...(otherwise[index] ?? [])]);
}

function isBaseOf({ base }: Step, below: Step | undefined): boolean {
  return base !== undefined && below?.vertices.includes(base.vertex) === true;
}

/**
 * A stage built on another one is one deeper than it; a step that only takes files out of a stage is as deep as that.
 * Inputs are worked out first, also where they stand further down in the file.
 */
function depthsOf(steps: readonly Step[], inputs: readonly (readonly StepId[])[]): readonly number[] {
  const depths: (number | undefined)[] = steps.map(() => undefined);
  // Vertices have no circles; a frontend can place them so that instructions have one.
  const entered = new Set<StepId>();
  const pending = steps.map(({ id }) => id).reverse();
  for (let id = pending.at(-1); id !== undefined; id = pending.at(-1)) {
    entered.add(id);
    const missing = (inputs[id] ?? []).filter((input) => !entered.has(input));
    if (depths[id] !== undefined || missing.length === 0) {
      depths[id] ??= depthOver(id, steps, inputs, depths);
      pending.pop();
    } else pending.push(...missing);
  }
  return depths.map((depth) => depth ?? 0);
}

function depthOver(
  id: StepId,
  steps: readonly Step[],
  inputs: readonly (readonly StepId[])[],
  depths: readonly (number | undefined)[],
): number {
  const step = steps[id];
  return (inputs[id] ?? []).reduce((deepest, input) => {
    const below = steps[input];
    // An image named by two FROM lines is one step, and at home in both stages.
    const isDeeper =
      step !== undefined && below !== undefined && isBaseOf(step, below) && step.needs.includes(below.stage);
    return Math.max(deepest, (depths[input] ?? 0) + (isDeeper ? 1 : 0));
  }, 0);
}

function feedsOf({ graph, form }: Program, step: Step, { steps, outside }: Sources): readonly Feed[] {
  const own = steps.some(({ stage }) => stage === step.stage) && step.needs.length > 0 ? [step.stage] : [];
  const feeds: Feed[] = [...step.needs, ...own].map((name) => ({ kind: "stage", name }));
  // What FROM names is said by the instruction itself.
  const isSource =
    form === "dockerfile" ? step.instruction === "FROM" : graph.vertices.get(step.vertex)?.kind === "source";
  if (!isSource) feeds.push(...outside.map(feedFromOutside));
  // Where images and contexts are steps themselves, those that others share are of no stage that one could name.
  const isBase = (below: Step): boolean =>
    step.base !== undefined && below.vertices.includes(step.base.vertex);
  const shared = steps.filter(
    (below) =>
      form !== "dockerfile" &&
      below.stage !== step.stage &&
      !step.needs.includes(below.stage) &&
      !isBase(below),
  );
  for (const { vertex } of shared)
    feeds.push(...[graph.vertices.get(vertex) ?? []].flat().map(feedFromOutside));
  for (const digest of step.vertices) feeds.push(...mountFeeds(graph.vertices.get(digest)));
  const seen = new Set<string>();
  return feeds.filter(({ kind, name }) => {
    if (name === "") return false;
    const key = `${kind} ${name}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

/** Identifiers as BuildKit 0.8 to 0.32 writes them: `local://context`, `docker-image://docker.io/library/x:1@sha256:…`. */
function feedFromOutside({ identifier = "" }: Vertex): Feed {
  const [, scheme = "", rest = identifier] = /^([a-z-]+):\/\/(.*)$/s.exec(identifier) ?? [];
  switch (scheme) {
    case "local":
      return { kind: "context", name: rest };
    case "docker-image":
    case "oci-layout":
      return {
        kind: "image",
        name: rest.replace(/^docker\.io\/(library\/)?/, "").replace(/@sha256:.*$/, ""),
      };
    default:
      // Users and passwords of a URL are nobody's to see.
      return {
        kind: "source",
        name: /^https?$/.test(scheme) ? identifier.replace(/^(\w+:\/\/)[^/@\s]*@/, "$1***@") : rest,
      };
  }
}

function mountFeeds(vertex: Vertex | undefined): readonly Feed[] {
  if (vertex?.exec === undefined) return [];
  const { meta, mounts } = vertex.exec;
  return [
    ...mounts.flatMap(mountFeed),
    ...meta.secretEnv.map(({ id }): Feed => ({ kind: "secret", name: id })),
  ];
}

function mountFeed({ kind, dest, secret }: Mount): readonly Feed[] {
  switch (kind) {
    case "cache":
    case "tmpfs":
      return [{ kind, name: dest }];
    case "secret":
      return [{ kind, name: secret?.id ?? dest }];
    case "ssh":
      return [{ kind, name: secret === undefined || secret.id === "" ? "default" : secret.id }];
    case "bind":
      return [];
  }
}

/** E.g. "build, app, context ., cache /root/.npm"; "." is the root of the context, as COPY names it. */
export function feedWords(feeds: readonly Feed[]): string {
  return feeds
    .map(({ kind, name }) => {
      if (kind === "stage" || kind === "source") return name;
      if (kind === "context") return `context ${name === "context" ? "." : name}`;
      return `${kind} ${name}`;
    })
    .join(", ");
}

/**
 * Stages that a build of `target` does not touch. A stage without steps may be needed all the same: one that only names
 * another and sets what runs nothing. `target` undefined: the last one.
 */
export function unneededStages(program: Program, target: string | undefined): ReadonlySet<string> {
  const { stages } = program;
  const byName = new Map(stages.map((stage) => [stage.name.toLowerCase(), stage]));
  const needed = new Set(stages.filter(({ steps, shared }) => steps.length + shared.length > 0));
  const asked =
    target === undefined ? undefined : (byName.get(target.toLowerCase()) ?? stages[Number(target)]);
  const pending = [...needed, ...[asked ?? ownStages(program).at(-1)].filter((stage) => stage !== undefined)];
  for (let stage = pending.pop(); stage !== undefined; stage = pending.pop()) {
    needed.add(stage);
    const from = byName.get(stage.from.toLowerCase());
    if (from !== undefined && !needed.has(from)) pending.push(from);
  }
  return new Set(stages.filter((stage) => !needed.has(stage)).map(({ name }) => name));
}
