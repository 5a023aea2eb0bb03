/** Breakpoints as values: where, when, under which rule, and what became of one. Types only. */
import type { Digest, Edge, Line } from "../graph/graph.ts";
import type { StopId } from "../graph/program.ts";
import type { BreakpointAnchor } from "./breakpoint-anchor.ts";

export type BreakpointId = number;

/**
 * When a breakpoint stops at its step: before it runs, behind it, or behind it when its result was not ("miss") or was
 * ("hit") in the cache. BuildKit (0.8 to 0.32) tells that only after the step, so nothing can stop before a miss.
 */
export type BreakWhen = "before" | "after" | "miss" | "hit";

/** What happens to a path; "any" of them. */
export type DataChange = "made" | "changed" | "removed";

/** Without `when` it is "before". */
export type BreakpointSpec =
  /** `nth`: which of the line's steps, from 1; without it the first of each stage. */
  | { readonly kind: "line"; readonly line: Line; readonly nth?: number; readonly when?: BreakWhen }
  | { readonly kind: "stage-end"; readonly stage: string }
  /** Any step of the stage. */
  | { readonly kind: "stage"; readonly stage: string; readonly when?: BreakWhen }
  /** Any step whose text has a match; see base/pattern.ts. */
  | { readonly kind: "pattern"; readonly pattern: string; readonly when?: BreakWhen }
  /** Any step of an instruction: `keyword` in capitals, e.g. "RUN". */
  | { readonly kind: "instruction"; readonly keyword: string; readonly when?: BreakWhen }
  | { readonly kind: "any"; readonly when: "miss" | "hit" }
  /** Behind the first step of an attempt that was not in the cache. */
  | { readonly kind: "first-miss" }
  /**
   * Behind any step that does this to the path, an absolute one: a directory is changed with what is in it.
   * `matches`: the content of the file that is made or changed has a match; see base/pattern.ts.
   */
  | {
      readonly kind: "data";
      readonly path: string;
      readonly change: DataChange | "any";
      readonly matches?: string;
    }
  /** Before the first step. */
  | { readonly kind: "first" };

/**
 * What decides at each place whether a breakpoint stops there. All parts are texts as typed, whose grammar has been
 * looked at: see breakpoints/rules.ts. A condition or text that asks for what is known behind a step alone (`cached`,
 * `exitCode`) makes the breakpoint one that stops behind it.
 */
export interface BreakpointRule {
  /** An expression, e.g. `ENV.CI == "1"`; without it every place counts as a hit. */
  readonly condition?: string;
  /** Which hits of an attempt, counted from 1: `3` and `== 3`, `!= 3`, `>= 3`, `> 3`, `< 3`, `<= 3`, `% 2`. */
  readonly hits?: string;
  /** It never stops, and says this instead, with expressions in braces: `{NAME}`, `{exitCode}`. */
  readonly log?: string;
}

/** A breakpoint as it is asked for. */
export interface BreakpointOrder {
  readonly spec: BreakpointSpec;
  readonly rule?: BreakpointRule;
}

/** What a rule came to at one stop of an attempt: each stop is decided once. */
export interface Decision {
  readonly stops: boolean;
  /** What was seen, e.g. `ENV.CI is "0"`; untrusted text. */
  readonly seen: string;
  /** It could not be decided, so the build stops; untrusted text. */
  readonly problem?: string;
}

export interface Breakpoint {
  readonly id: BreakpointId;
  /** As asked for; a line follows its instruction over edits. */
  readonly spec: BreakpointSpec;
  readonly rule?: BreakpointRule;
  readonly enabled: boolean;
  /** Where it really stops once a program exists. */
  readonly bound:
    | { readonly kind: "pending" }
    /** The stops of one place, in reading order, at least one: an ONBUILD line has one in each stage that it runs in. */
    | { readonly kind: "verified"; readonly stops: readonly StopId[]; readonly line: Line }
    /** The asked line has no step of its own: it stops at the next step or end of stage. `why`: e.g. "runs nothing". */
    | { readonly kind: "moved"; readonly stops: readonly StopId[]; readonly line: Line; readonly why: string }
    /** Several steps: the stops before them, in reading order; at least one. */
    | { readonly kind: "spread"; readonly stops: readonly StopId[] }
    /** No step at or after the line in what is built (unused stage, deleted instruction). */
    | { readonly kind: "lost"; readonly why: string };
  /** In this attempt: its stops, or with a rule how often its condition held. */
  readonly hits: number;
  /** Text of the instruction it was set on, for following edits; undefined until a program exists. */
  readonly anchor: string | undefined;
  /** Where `anchor` stood: the second way to find it again after an edit. `offset`: lines below its first line. */
  readonly place?: Omit<BreakpointAnchor, "text">;
  /** A rerun passed what lies before this stop without stopping, since an earlier attempt had stopped there. */
  readonly passedUntil?: StopId;
  /** Of this attempt by stop, latest last; absent for a breakpoint that there is nothing to decide about. */
  readonly decisions?: ReadonlyMap<StopId, Decision>;
}

/** What a log point said. */
export interface Said {
  /** Counts from 1 over the life of the debugger. */
  readonly number: number;
  readonly breakpoint: BreakpointId;
  readonly attempt: number;
  readonly line: Line;
  /** Of several platforms; untrusted text. */
  readonly platform?: string;
  /** Untrusted text; may have line breaks. */
  readonly text: string;
}

/** What kind of step failed: a command, COPY or ADD, an image, context, repository or download, anything else. */
export type FailureKind = "run" | "copy" | "source" | "other";

/** Failures that the build stops at. A failure that no filter takes ends the run all the same, without a stop. */
export interface CatchFilter {
  readonly kind: FailureKind | "all";
  /** An expression about the failed step, e.g. `exitCode == 137`. */
  readonly condition?: string;
}

/** Of an exception: no filter took it, so that nobody is called to it. `why`: e.g. "catch is none". */
export interface Uncaught {
  readonly why: string;
}

/** What must be looked up before it is decided whether a build stops. Paths are absolute. */
export type RuleQuestion =
  /** User, directory and variables of a step that is no command. */
  | { readonly kind: "environment"; readonly vertex: Digest }
  /** `edge`: the state; undefined = nothing is in it. */
  | { readonly kind: "file" | "exists"; readonly edge: Edge | undefined; readonly path: string }
  /** What a step did to a path; `content`: the file's text as well, where it was made or changed. */
  | {
      readonly kind: "data";
      readonly base: Edge | undefined;
      readonly after: Edge;
      readonly path: string;
      readonly content: boolean;
    };

/** Texts are untrusted; values of secrets are masked in them. */
export type RuleAnswer =
  | {
      readonly kind: "environment";
      readonly user: string;
      readonly directory: string;
      /** `NAME=value`. */
      readonly env: readonly string[];
    }
  /** undefined: there is no such file. No more than its beginning, see files/rule-answers.ts. */
  | { readonly kind: "file"; readonly text: string | undefined }
  | { readonly kind: "exists"; readonly exists: boolean }
  /** `change` undefined: nothing. */
  | {
      readonly kind: "data";
      readonly change: DataChange | undefined;
      readonly text: string | undefined;
    }
  | { readonly kind: "unknown"; readonly why: string };
