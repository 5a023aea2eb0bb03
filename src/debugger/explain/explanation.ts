/** What went wrong and what to do, in words that the screen and a plain stream share. Types only. */
import type { StepId } from "../../graph/program.ts";
import type { Advised, Refusal } from "../remedies.ts";

/** A failure in words. Parts come from builds and engines: untrusted, to be sanitized where they are shown. */
export interface Explanation {
  /** One line: what failed, where, why, e.g. `step 6/9 failed: exit code 2 after 14.9s`. */
  readonly headline: string;
  /** Further sentences, most important first; may be empty. */
  readonly why: readonly string[];
  /** What is left to look at, in one sentence; undefined when the question does not arise. */
  readonly kept: Refusal | undefined;
  /** What to do, most useful first. */
  readonly next: readonly NextStep[];
  /** Steps that failed in parallel, in reading order. */
  readonly also: readonly OtherFailure[];
  /** Which steps were ended because another one failed, in one sentence; undefined when none were. */
  readonly cancelled: string | undefined;
  /** Where the missing source was searched for: the deepest directory of that path that a step has left. */
  readonly searched?: SearchedDirectory | undefined;
}

export interface SearchedDirectory {
  readonly step: StepId;
  /** Absolute, in the state after the step. */
  readonly directory: string;
}

export interface OtherFailure {
  readonly step: StepId;
  /** Like `Explanation.headline`. */
  readonly headline: string;
}

export type NextStep =
  | ({ readonly kind: "command"; readonly label: string } & Advised)
  /** An option for the next start, e.g. `--secret id=token,src=PATH`. */
  | { readonly kind: "option"; readonly text: string; readonly label: string }
  /** A command of the user's own shell, e.g. `docker login registry.test`. */
  | { readonly kind: "program"; readonly text: string; readonly label: string };

/** What one reason says; the frame around it is the same for all. */
export interface ReasonWords {
  /** Goes behind `step 6/9 failed: `. */
  readonly what: string;
  readonly why: readonly string[];
  /** Instead of the usual offers, which come behind them. */
  readonly next: readonly NextStep[];
  readonly searched?: SearchedDirectory | undefined;
  /** The step had begun: something of it may be left. */
  readonly began: boolean;
}
