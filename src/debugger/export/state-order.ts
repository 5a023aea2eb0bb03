/** What is asked of the engine for an exported state: how it runs as an image, and what its labels say of it. Pure. */
import { createHash } from "node:crypto";
import type { EngineInfo, ExportSource, StateSide, StepEnvironment } from "../../engine/engine.ts";
import type { StateImage } from "../../engine/outputs.ts";
import { LABELS } from "../../engine/state-labels.ts";
import type { Program, Step } from "../../graph/program.ts";
import { retryText } from "../shells/retry-text.ts";
import { imageShell } from "../shells/shell-launch.ts";
import type { StateStory } from "./state-story.ts";

export interface StateFacts {
  readonly step: Step;
  readonly side: StateSide;
  readonly program: Program;
  readonly environment: StepEnvironment;
  readonly engine: EngineInfo;
  readonly way: ExportSource["way"];
  /** What was done in shells of the state is part of it. */
  readonly isChanged: boolean;
  readonly exitCode: number | undefined;
  readonly story: StateStory;
  /** Hides values of secrets. */
  masked(text: string): string;
}

/** As the step would run: with its user, directory and environment, but with a shell in place of its command. */
export function stateImage(facts: StateFacts): StateImage {
  const { step, environment, program, masked } = facts;
  const { user, cwd, env } = environment.meta;
  const { exec } = program.graph.vertices.get(step.vertex) ?? {};
  return {
    user,
    directory: cwd,
    env,
    entrypoint: imageShell(environment),
    labels: labelsOf(facts),
    instruction: masked(step.text),
    command: exec === undefined ? undefined : masked(retryText(environment, { bracketed: false })),
  };
}

function labelsOf(facts: StateFacts): Readonly<Record<string, string>> {
  const { step, side, program, engine, way, isChanged, exitCode, story, masked } = facts;
  const { kind, version } = engine;
  const values: Readonly<Record<string, string | undefined>> = {
    state: side,
    step: `${step.id + 1}/${program.steps.length}`,
    stage: step.stage,
    file: program.filename,
    line: step.start === step.end ? String(step.start) : `${step.start}-${step.end}`,
    command: masked(step.text),
    "exit-code": exitCode === undefined ? undefined : String(exitCode),
    source: sourceDigest(program),
    engine: version === undefined ? kind : `${kind} ${version}`,
    way,
    "shell-changes": isChanged ? "true" : undefined,
    log: story.log,
    changes: story.changes,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[LABELS + name, value]])),
  );
}

/** Of the text that the engine read. */
export function sourceDigest({ text }: Pick<Program, "text">): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** E.g. `bktui/failed:6-1a2b3c4d`: a name that nobody gives to an image that is wanted. */
export function defaultName({ step, side }: { readonly step: Step; readonly side: StateSide }): string {
  const [, hex = ""] = step.vertex.split(":");
  return `bktui/${side}:${step.id + 1}-${hex.slice(0, 8)}`;
}
