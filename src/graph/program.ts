/** The definition in reading order: where a debugger can stop, and where each motion leads. */
import type { Digest, Edge, Graph, Line } from "./graph.ts";

declare const stepBrand: unique symbol;
declare const stopBrand: unique symbol;
/** Index into `Program.steps`, counted from 0 (shown to people from 1). */
export type StepId = number & { readonly [stepBrand]: true };
/** Index into `Program.stops`, counted from 0. */
export type StopId = number & { readonly [stopBrand]: true };

/**
 * Where a step stands besides its own lines: an identical instruction of another stage ("twin": two stages that share
 * base and instruction share the vertex), or the ONBUILD instruction of this file that it was written as ("trigger").
 */
export interface OtherPlace {
  readonly kind: "twin" | "trigger";
  readonly start: Line;
  readonly end: Line;
}

/** One instruction that makes operations: what `n` runs. */
export interface Step {
  readonly id: StepId;
  /** Vertices of the instruction in topological order (COPY --link has two); the last one gives the result. */
  readonly vertices: readonly Digest[];
  readonly vertex: Digest;
  /** The instruction as written, first line, comments and continuation folded to one line; untrusted text. */
  readonly text: string;
  /** Keyword in capitals, e.g. "RUN"; "ONBUILD" triggers carry their own keyword; without a Dockerfile what the op does: "EXEC". */
  readonly instruction: string;
  readonly stage: string;
  /** Every line the instruction covers, first to last. */
  readonly start: Line;
  readonly end: Line;
  /** Further places of it, in file order. */
  readonly alsoAt: readonly OtherPlace[];
  /** It was brought by the FROM that it stands at: a trigger of an image, or of a stage of this file. */
  readonly onbuild: boolean;
  /** What must exist to be "before" this step within its own stage; undefined = nothing (FROM image, scratch). */
  readonly base: Edge | undefined;
  /** What exists when the step has run. */
  readonly result: Edge;
  /** Stages whose results this step consumes besides its own (COPY --from, RUN --mount from, FROM stage). */
  readonly needs: readonly string[];
}

/** A place to stop: before a step, or at the end of a stage. */
export type Stop =
  | {
      readonly id: StopId;
      readonly kind: "before";
      readonly step: StepId;
      readonly stage: string;
      readonly line: Line;
    }
  | {
      readonly id: StopId;
      readonly kind: "end";
      readonly step: StepId;
      readonly stage: string;
      readonly line: Line;
    };

export interface Stage {
  /** Name after AS in lower case, else "stage-N" as BuildKit counts (from 0); of several with one name the last one has it. */
  readonly name: string;
  /** A target can be named by it. */
  readonly isNamed: boolean;
  readonly start: Line;
  readonly end: Line;
  /** Image or stage named by FROM, as written; without a Dockerfile what the stage works on, "" = nothing. */
  readonly from: string;
  /** In reading order; empty when the target does not need the stage. */
  readonly steps: readonly StepId[];
  /** Steps of other stages that are steps of this one too: the same instruction on the same base, or the same image. */
  readonly shared: readonly StepId[];
  /** Stages that use this one. */
  readonly usedBy: readonly string[];
}

/** One instruction of the text, whether it runs anything or not. */
export interface Instruction {
  /** In capitals; an ONBUILD line is "ONBUILD". */
  readonly keyword: string;
  readonly start: Line;
  readonly end: Line;
  /** Folded to one line like `Step.text`; untrusted text. */
  readonly text: string;
  /** Stage it stands in; undefined before the first FROM. */
  readonly stage: string | undefined;
}

/** The Dockerfile of a linked target within the text of a program. */
export interface LinkedPart {
  /** Untrusted text. */
  readonly target: string;
  /** Untrusted text. */
  readonly filename: string;
  /** Index into `Graph.sources`. */
  readonly source: number;
  /** Lines of the program's text in front of its first one. */
  readonly before: number;
  /** Its last line within the program's text. */
  readonly end: Line;
}

/**
 * What a program's text is: a Dockerfile, another text that its steps have lines in, or one that was made of the definition.
 */
export type ProgramForm = "dockerfile" | "text" | "listing";

/** Immutable; built once per definition. */
export interface Program {
  readonly graph: Graph;
  readonly form: ProgramForm;
  readonly filename: string;
  /**
   * The text the engine read; Dockerfiles of linked targets stand behind the build's own. What another text has no line for
   * stands behind it as in a listing.
   */
  readonly text: string;
  readonly linked?: readonly LinkedPart[];
  readonly steps: readonly Step[];
  /** Reading order: each step's "before", after the last one of a stage its "end". */
  readonly stops: readonly Stop[];
  readonly stages: readonly Stage[];
  /** All instructions of the text in order; of what is no Dockerfile the places of its steps. */
  readonly instructions: readonly Instruction[];
  /** The first stop; meaningless when `stops` is empty (`FROM scratch` alone). */
  readonly entry: StopId;
}
