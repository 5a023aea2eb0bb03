/** A build's graph as far as its reports and its Dockerfile tell it: enough to show where each step stands. Pure. */
import { readInstructions, type TextInstruction } from "../../graph/dockerfile-text.ts";
import {
  type Digest,
  type Edge,
  type Graph,
  lineOf,
  type OpKind,
  type SourceRange,
  type Vertex,
} from "../../graph/graph.ts";
import type { RecordedSource, RecordedVertices } from "../record.ts";

/** `[linux/amd64 app 2/3] RUN make`, as the Dockerfile frontend names steps (BuildKit 0.11 to 0.32). */
const STEP = /^\[(?:[a-z0-9]+\/[a-z0-9/]+ )?(?:(\S+) )?(\d{1,5})\/(\d{1,5})\] (.*)$/s;
/** They are counted in these names, beside an image that a stage is from. */
const COUNTED: readonly string[] = ["ADD", "COPY", "RUN", "WORKDIR"];
const KINDS: Readonly<Record<string, OpKind>> = {
  RUN: "exec",
  FROM: "source",
  ADD: "file",
  COPY: "file",
  WORKDIR: "file",
};

interface Named {
  /** In lower case; undefined in a file of one stage. */
  readonly stage: string | undefined;
  readonly number: number;
  readonly total: number;
  readonly text: string;
  readonly keyword: string;
}

interface StageText {
  readonly name: string;
  readonly from: TextInstruction;
  readonly counted: readonly TextInstruction[];
}

/**
 * @param source the Dockerfile, and where the build failed in it; undefined where the record does not hold it
 * @param failed the vertex that failed
 * @param target the stage that was asked for; undefined = the last one
 */
export function recordGraph(
  vertices: RecordedVertices,
  {
    source,
    failed,
    target,
  }: {
    readonly source: RecordedSource | undefined;
    readonly failed: Digest | undefined;
    readonly target: string | undefined;
  },
): Graph {
  const stages = source?.text === undefined ? [] : stagesOf(source.text);
  const made = new Map<Digest, Vertex>();
  for (const digest of inputsFirst(vertices)) {
    const { name, inputs } = vertices.get(digest) ?? { name: "", inputs: [] };
    const step = namedStep(name);
    const found = step === undefined ? undefined : placeOf(step, stages);
    const ranges =
      digest === failed && source !== undefined && source.ranges.length > 0 ? source.ranges : rangesOf(found);
    const known = inputs.filter((input) => made.has(input));
    made.set(
      digest,
      vertexOf(digest, { name, step, ranges, inputs: known, hasRoot: hasRoot(known, step, vertices) }),
    );
  }
  const { filename = "Dockerfile", text } = source ?? {};
  return {
    vertices: made,
    result: resultOf(vertices, made, target ?? stages.at(-1)?.name),
    sources: text === undefined ? [] : [{ filename, text, language: "Dockerfile" }],
  };
}

function namedStep(name: string): Named | undefined {
  const [, stage, number, total, text] = STEP.exec(name) ?? [];
  if (number === undefined || total === undefined || text === undefined) return undefined;
  const keyword = (text.split(/\s/, 1)[0] ?? "").toUpperCase();
  return { stage: stage?.toLowerCase(), number: Number(number), total: Number(total), text, keyword };
}

function stagesOf(text: string): readonly StageText[] {
  const stages: { name: string; from: TextInstruction; counted: TextInstruction[] }[] = [];
  for (const instruction of readInstructions(text)) {
    if (instruction.from !== undefined) {
      const name = instruction.from.alias?.toLowerCase() ?? `stage-${stages.length}`;
      stages.push({ name, from: instruction, counted: [] });
    } else if (COUNTED.includes(instruction.keyword)) stages.at(-1)?.counted.push(instruction);
  }
  return stages;
}

/** Counted from the end of its stage: in front may be an image and its triggers, which stand in the FROM line. */
function placeOf(
  { stage, number, total, keyword }: Named,
  stages: readonly StageText[],
): TextInstruction | undefined {
  const within = stage === undefined ? stages.at(-1) : stages.findLast(({ name }) => name === stage);
  if (within === undefined) return undefined;
  const index = number - 1 - (total - within.counted.length);
  const found = index < 0 ? within.from : within.counted[index];
  return index < 0 || found?.keyword === keyword ? found : undefined;
}

function rangesOf(found: TextInstruction | undefined): readonly SourceRange[] {
  return found === undefined ? [] : [{ source: 0, start: lineOf(found.start), end: lineOf(found.end) }];
}

/** The first input of a step is what it works on, unless that is only what is copied from. */
function hasRoot(inputs: readonly Digest[], step: Named | undefined, vertices: RecordedVertices): boolean {
  const [first] = inputs;
  if (first === undefined || step === undefined) return false;
  const on = vertices.get(first)?.name ?? "";
  const isFile = step.keyword === "COPY" || step.keyword === "ADD";
  return !/^\[(internal|context)\b/.test(on) && !(isFile && step.number === 1);
}

function vertexOf(
  digest: Digest,
  {
    name,
    step,
    ranges,
    inputs,
    hasRoot: onRoot,
  }: {
    readonly name: string;
    readonly step: Named | undefined;
    readonly ranges: readonly SourceRange[];
    readonly inputs: readonly Digest[];
    readonly hasRoot: boolean;
  },
): Vertex {
  const kind = step === undefined ? "source" : (KINDS[step.keyword] ?? "unknown");
  const edges = inputs.map((vertex): Edge => ({ vertex, output: 0 }));
  return {
    digest,
    kind,
    inputs: edges,
    name,
    command: step?.text ?? "",
    ranges,
    progressGroup: undefined,
    exec: undefined,
    fileActions: [],
    identifier: kind === "source" ? identifierOf(name, step) : undefined,
    rootOutput: 0,
    rootInput: onRoot ? 0 : undefined,
    platform: "",
    ignoreCache: false,
    bytes: new Uint8Array(),
    metadata: new Uint8Array(),
  };
}

function identifierOf(name: string, step: Named | undefined): string {
  const image = step === undefined ? undefined : /^FROM\s+(\S+)/i.exec(step.text)?.[1];
  return image === undefined ? `local://${name}` : `docker-image://${image}`;
}

/** Of the stage that was asked for the last step; without names whatever nothing else needs. */
function resultOf(
  vertices: RecordedVertices,
  made: ReadonlyMap<Digest, Vertex>,
  stage: string | undefined,
): Edge | undefined {
  const needed = new Set([...made.values()].flatMap(({ inputs }) => inputs.map(({ vertex }) => vertex)));
  const sinks = [...made.keys()].filter((digest) => !needed.has(digest));
  const ofStage = [...made.keys()].filter((digest) => {
    const step = namedStep(vertices.get(digest)?.name ?? "");
    const isLast = step !== undefined && step.number === step.total;
    return isLast && (step.stage === undefined || step.stage === stage?.toLowerCase());
  });
  const vertex =
    ofStage.at(-1) ??
    sinks.findLast((digest) => namedStep(vertices.get(digest)?.name ?? "") !== undefined) ??
    sinks.at(-1);
  return vertex === undefined ? undefined : { vertex, output: 0 };
}

/** Each vertex behind those that it needs; what needs itself in a circle keeps the order it came in. */
function inputsFirst(vertices: RecordedVertices): readonly Digest[] {
  const done = new Set<Digest>();
  const order: Digest[] = [];
  for (const start of vertices.keys()) {
    const pending: { readonly digest: Digest; at: number }[] = [{ digest: start, at: 0 }];
    const within = new Set<Digest>([start]);
    if (done.has(start)) continue;
    for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
      const next = vertices.get(top.digest)?.inputs[top.at];
      top.at += 1;
      if (next === undefined) {
        pending.pop();
        within.delete(top.digest);
        done.add(top.digest);
        order.push(top.digest);
      } else if (vertices.has(next) && !done.has(next) && !within.has(next)) {
        within.add(next);
        pending.push({ digest: next, at: 0 });
      }
    }
  }
  return order;
}
