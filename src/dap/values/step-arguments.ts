/** Build arguments as a step sees them: those given, defaults that apply, those that every build has. Pure. */
import type { BuildRequest } from "../../engine/build-request.ts";
import type { Line } from "../../graph/graph.ts";
import type { Instruction, Program, Stage, Step } from "../../graph/program.ts";
import { expand } from "../../graph/registries.ts";
import { stageNamed } from "../../graph/source-map.ts";

/** Texts are untrusted. */
export interface StepArgument {
  readonly name: string;
  /** Undefined: it has none. */
  readonly value: string | undefined;
  /** "undeclared": given, but no ARG of the step's stage asks for it. */
  readonly origin: "given" | "default" | "predefined" | "undeclared";
  /** Of its ARG. */
  readonly line: Line | undefined;
}

export interface ArgumentFacts {
  readonly program: Program;
  readonly step: Step;
  readonly request: Pick<BuildRequest, "buildArgs"> | undefined;
  /** What the step's command gets, where it is known: the frontend's own word. */
  readonly environment: ReadonlyMap<string, string> | undefined;
}

interface Declared {
  readonly name: string;
  readonly fallback: string | undefined;
  readonly line: Line;
}

/** In the order of their ARGs, then what needs none. */
export function argumentsOf({ program, step, request, environment }: ArgumentFacts): readonly StepArgument[] {
  const given = request?.buildArgs ?? {};
  const platform = platformArguments(program, step);
  const known = new Map<string, string>([...platform, ...globals(program, given)]);
  const found = new Map<string, StepArgument>();
  for (const { name, fallback, line } of declaredAt(program, step)) {
    const own = given[name];
    const value =
      environment?.get(name) ?? own ?? (fallback === undefined ? known.get(name) : expand(fallback, known));
    if (value !== undefined) known.set(name, value);
    const isPredefined = own === undefined && fallback === undefined && platform.has(name);
    const origin = own !== undefined ? "given" : isPredefined ? "predefined" : "default";
    found.set(name, { name, value, origin, line });
  }
  const undeclared = Object.entries(given).flatMap(([name, value]): StepArgument[] =>
    found.has(name) ? [] : [{ name, value, origin: "undeclared", line: globalLine(program, name) }],
  );
  const predefined = [...platform].flatMap(([name, value]): StepArgument[] =>
    found.has(name) || name in given ? [] : [{ name, value, origin: "predefined", line: undefined }],
  );
  return [...found.values(), ...undeclared, ...predefined];
}

/** Names of all ARGs of the text. */
export function declaredNames({ instructions }: Program): ReadonlySet<string> {
  const all = instructions.filter(({ keyword }) => keyword === "ARG").flatMap(declarations);
  return new Set(all.map(({ name }) => name));
}

/** Of the step's stage before it, and of the stages that it is made from; FROM has those above the first stage. */
function declaredAt(program: Program, step: Step): readonly Declared[] {
  if (step.instruction === "FROM") return globalDeclarations(program);
  const stages = lineage(program, step.stage);
  return program.instructions
    .filter(({ keyword, stage, start }) => {
      if (keyword !== "ARG" || stage === undefined || !stages.has(stage)) return false;
      return stage !== step.stage || start < step.start;
    })
    .flatMap(declarations);
}

function lineage(program: Program, name: string): ReadonlySet<string> {
  const found = new Set<string>();
  let stage: Stage | undefined = stageNamed(program, name);
  while (stage !== undefined && !found.has(stage.name)) {
    found.add(stage.name);
    const { from }: Stage = stage;
    stage = stageNamed(program, from);
  }
  return found;
}

function globals(
  program: Program,
  given: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  const known = new Map<string, string>();
  for (const { name, fallback } of globalDeclarations(program)) {
    const value = given[name] ?? (fallback === undefined ? undefined : expand(fallback, known));
    if (value !== undefined) known.set(name, value);
  }
  return [...known];
}

function globalLine(program: Program, name: string): Line | undefined {
  return globalDeclarations(program).find((each) => each.name === name)?.line;
}

function globalDeclarations(program: Program): readonly Declared[] {
  return program.instructions
    .filter(({ keyword, stage }) => keyword === "ARG" && stage === undefined)
    .flatMap(declarations);
}

const DECLARATION = /\s([A-Za-z_]\w*)(?:=((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])*))?(?=\s|$)/g;

/** "ARG A=1 B" declares two. */
function declarations({ text, start }: Instruction): readonly Declared[] {
  return [...text.matchAll(DECLARATION)].map(([, name = "", fallback]) => ({
    name,
    fallback: fallback === undefined ? undefined : unquoted(fallback),
    line: start,
  }));
}

function unquoted(text: string): string {
  return text.replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_all, double, single) =>
    String(double ?? single ?? ""),
  );
}

/** Every stage can have them for the asking. Those of the building machine are the engine's to tell. */
function platformArguments(program: Program, step: Step): ReadonlyMap<string, string> {
  const platform = program.graph.vertices.get(step.vertex)?.platform ?? "";
  const [os, architecture, variant] = platform.split("/");
  if (os === undefined || architecture === undefined) return new Map();
  return new Map([
    ["TARGETPLATFORM", platform],
    ["TARGETOS", os],
    ["TARGETARCH", architecture],
    ["TARGETVARIANT", variant ?? ""],
  ]);
}

/** Where ENV of a name stands last before the step, in its stage or one that it is made from. */
export function environmentLine(program: Program, step: Step, name: string): Line | undefined {
  const stages = lineage(program, step.stage);
  const pattern = new RegExp(`^ENV\\s+(?:.*\\s)?${name.replaceAll(/\W/g, "\\$&")}[=\\s]`, "is");
  return program.instructions.findLast(
    ({ keyword, stage, start, text }) =>
      keyword === "ENV" &&
      stage !== undefined &&
      stages.has(stage) &&
      (stage !== step.stage || start < step.start) &&
      pattern.test(text),
  )?.start;
}
