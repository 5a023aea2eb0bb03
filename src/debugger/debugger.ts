/** State, commands and the one object that every front end talks to. Types only; the rules are in reduce.ts. */

import type { BktuiError } from "../base/errors.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import type { Bundle, BundleOrder } from "../engine/bundle.ts";
import type {
  Container,
  ContainerOptions,
  EngineInfo,
  FileEntry,
  FilePart,
  StateSide,
  StepEnvironment,
} from "../engine/engine.ts";
import type { FrontendFailed, SolveFailed } from "../engine/failures.ts";
import type { MadeOutput } from "../engine/outputs.ts";
import type { Digest, Edge, Line, Vertex } from "../graph/graph.ts";
import type { Program, StepId, StopId } from "../graph/program.ts";
import type {
  Breakpoint,
  BreakpointId,
  BreakpointOrder,
  CatchFilter,
  RuleAnswer,
  RuleQuestion,
  Said,
  Uncaught,
} from "./breakpoint.ts";
import type { BreakpointAnchor } from "./breakpoint-anchor.ts";
import type { HeldCaches } from "./cache-use.ts";
import type { ExportedState, ExportOptions } from "./exported.ts";
import type { LivePosition } from "./live-position.ts";
import type { ProgressStore } from "./progress/progress-store.ts";
import type { Answer, Question } from "./questions/questions.ts";
import type { Refusal } from "./remedies.ts";

/** Names one effect; an outcome that carries an old token is ignored. */
export type Token = number;
export type ThreadId = number;

export type PauseReason =
  | { readonly kind: "entry" | "step" | "cursor" | "pause" | "cancelled" | "rerun" }
  /** `problem`: its rule could not be decided; untrusted text. */
  | { readonly kind: "breakpoint"; readonly id: BreakpointId; readonly problem?: string }
  /** An earlier stop is stood at again: `Phase.live` says where the build is. */
  | { readonly kind: "travel" }
  /**
   * `baseLost`: the step failed before the steps above had run, and they could not be run afterwards.
   * `uncaught`: no filter of `DebugState.catches` took it.
   */
  | {
      readonly kind: "exception";
      readonly failure: SolveFailed;
      readonly baseLost?: true;
      readonly uncaught?: Uncaught;
    };

/** What a run is for: where it is to stop, if anywhere. */
export interface Goal {
  /** Edges to solve, in one go. */
  readonly edges: readonly Edge[];
  /** Where to stop when they exist; undefined = the end. */
  readonly stop: { readonly at: StopId; readonly reason: PauseReason } | undefined;
  /** Set when the stop depends on a "miss" or "hit": the goal to go on to where that turns out not to hold. */
  readonly unshortened?: Goal;
  /**
   * Set while everything runs that needs no failed step: a further failure does not end the run. `givenUp`: vertices that
   * cannot be run in this attempt, without a failure of their own.
   */
  readonly keepsGoing?: { readonly givenUp: readonly Digest[] };
}

/** A loaded program, and how far it has been run in this attempt. */
export interface Execution {
  readonly program: Program;
  /** Vertices known to exist: closure of everything solved so far. */
  readonly done: ReadonlySet<string>;
  /** Those of them that ran in this attempt instead of being found in the cache. */
  readonly ran: ReadonlySet<string>;
  /** Steps entered with "into", innermost last; "finish" returns there. */
  readonly callers: readonly StepId[];
  /** Failures that the build has been stopped at, by step: of several that failed in parallel, those looked at. */
  readonly failures: ReadonlyMap<StepId, SolveFailed>;
}

/** Where a rerun is to come back to. */
export interface ResumePoint {
  readonly stop: StopId;
  readonly text: string;
  readonly line: Line;
  readonly stage: string;
  /** Counts from 0 among the stops of its stage. */
  readonly ordinal: number;
  /** Counts from 0 among the stops of the same line and text. */
  readonly repeat: number;
}

export type Phase =
  | { readonly kind: "idle" }
  | {
      readonly kind: "opening";
      readonly token: Token;
      readonly resume: ResumePoint | undefined;
      /** Run to the first breakpoint instead of stopping on entry. */
      readonly thenRun?: true;
    }
  /** The frontend refused the file or the engine the build; a saved fix or a rerun opens again. */
  | {
      readonly kind: "broken";
      readonly error: FrontendFailed | BktuiError;
      readonly resume: ResumePoint | undefined;
    }
  | {
      readonly kind: "paused";
      readonly execution: Execution;
      readonly at: StopId;
      readonly reason: PauseReason;
      /** Set while an earlier stop is stood at again: where the build really is. Reason: "travel" or "breakpoint". */
      readonly live?: LivePosition<PauseReason>;
      /** The engine is asked for another step's failure, which is stopped at when it is there. */
      readonly switchingTo?: { readonly token: Token; readonly step: StepId };
    }
  | {
      readonly kind: "running";
      readonly execution: Execution;
      readonly from: StopId;
      readonly goal: Goal;
      readonly token: Token;
      readonly asked: "nothing" | "pause" | "cancel";
      /** What `token` solves instead of the goal: steps a pause lets end, or one where a failure is looked for. */
      readonly holding?: readonly Edge[];
      /** The goal is reached, and this is looked up before it is decided whether the build stops there. */
      readonly asking?: readonly RuleQuestion[];
      /** What is asked is whether the position moves over what has run to `goal.stop`: how it stood before, and what for. */
      readonly travel?: { readonly from: Phase; readonly command: Command };
    }
  /** Target reached by this thread; the outputs are made when all others have reached it too. */
  | { readonly kind: "built"; readonly execution: Execution }
  /** Target reached, outputs are being made. */
  | { readonly kind: "finishing"; readonly execution: Execution; readonly token: Token }
  | {
      readonly kind: "finished";
      readonly execution: Execution;
      readonly imageId: string | undefined;
      readonly outputs: readonly MadeOutput[];
      /** Why the outputs could not be made; the target is built all the same. */
      readonly problem?: BktuiError;
    }
  | { readonly kind: "lost"; readonly error: BktuiError; readonly resume: ResumePoint | undefined }
  | { readonly kind: "ended" };

/** Where one of several platforms that are built stands. */
export interface Thread {
  readonly id: ThreadId;
  /** E.g. "linux/arm64"; untrusted text. */
  readonly platform: string;
  readonly phase: Phase;
  /** The same list in each thread, but for what they are bound to and how often they were hit. */
  readonly breakpoints: readonly Breakpoint[];
  /** Its own part of `DebugState.stops`. */
  readonly stops: number;
}

/** Immutable; replaced, never mutated, so `===` says whether anything changed. */
export interface DebugState {
  readonly phase: Phase;
  /** In the order of their platforms; empty for a build that is for one platform, and until it is loaded. */
  readonly threads: readonly Thread[];
  /** Index of the thread that commands are about, whose phase and breakpoints these are; meaningless without threads. */
  readonly shown: ThreadId;
  readonly request: BuildRequest | undefined;
  /** Counts from 1; a rerun is the next attempt. */
  readonly attempt: number;
  readonly breakpoints: readonly Breakpoint[];
  /** Which failures stop; none = no failure does. */
  readonly catches: readonly CatchFilter[];
  /** What log points said, latest last: as many as are kept. */
  readonly said: readonly Said[];
  /** Last token given out. */
  readonly token: Token;
  /** The engine has not answered for some seconds: what runs may go on, and does when it answers again. */
  readonly engineSilent: boolean;
  /** Each stop counts one up, so that a front end (and a test) can wait for "something new". */
  readonly stops: number;
}

export type Command =
  | { readonly kind: "launch"; readonly request: BuildRequest; readonly stopOnEntry: boolean }
  | { readonly kind: "next" | "into" | "finish" | "continue" | "cancel" | "quit" }
  /** Over what has run, without running it: to the step before; to the nearest breakpoint before, else the first step. */
  | { readonly kind: "back" | "reverse-continue" }
  /** `running`: steps that have begun and not ended, as the progress store knows them. */
  | { readonly kind: "pause"; readonly running: readonly Edge[] }
  /** `nth`: which of the line's steps, from 1. "goto": a step that has run, which is not run again, or the live position. */
  | { readonly kind: "run-to" | "goto"; readonly line: Line; readonly nth?: number }
  /** Runs all that needs no failed step, and stands at the failure again; further failures are kept with it. */
  | { readonly kind: "keep-going" }
  /** Runs what is above a step that failed before it had run, and stands at the failure again. */
  | { readonly kind: "make-base" }
  /** Stands at another failed step of this attempt. `step`: one that the engine has reported as failed. */
  | { readonly kind: "show-failure"; readonly step: StepId }
  /** `here`: stop before the same instruction again; else stop on entry, or with `run` at the first breakpoint. */
  | {
      readonly kind: "rerun";
      readonly here: boolean;
      readonly run?: boolean;
      readonly request?: BuildRequest;
    }
  | { readonly kind: "thread"; readonly id: ThreadId }
  /** The rule of one that is at the place already is replaced. `on`: what an earlier run had it on, which may be in another line now. */
  | ({ readonly kind: "add-breakpoint"; readonly on?: BreakpointAnchor } & BreakpointOrder)
  | { readonly kind: "remove-breakpoint"; readonly id: BreakpointId }
  | { readonly kind: "enable-breakpoint"; readonly id: BreakpointId; readonly enabled: boolean }
  | { readonly kind: "catch"; readonly filters: readonly CatchFilter[] };

/**
 * What the outside world reported back. `token` names the effect it answers.
 * `completed`: vertices that the engine has reported as existing in this attempt; `ran`: those that were not cached.
 */
export type Outcome =
  | {
      readonly kind: "opened";
      readonly token: Token;
      /** The first of `threads`, where there are several. */
      readonly program: Program;
      readonly threads?: readonly (Pick<Thread, "platform"> & { readonly program: Program })[];
    }
  | { readonly kind: "open-failed"; readonly token: Token; readonly error: BktuiError }
  | {
      readonly kind: "solved";
      readonly token: Token;
      readonly completed?: readonly string[];
      readonly ran?: readonly string[];
    }
  | {
      readonly kind: "solve-failed";
      readonly token: Token;
      readonly failure: SolveFailed;
      readonly completed?: readonly string[];
      readonly ran?: readonly string[];
    }
  /** The solve (or the making of outputs) was cancelled. */
  | {
      readonly kind: "cancelled";
      readonly token: Token;
      readonly completed: readonly string[];
      readonly ran?: readonly string[];
    }
  /** Any other error of a solve (never a defect of ours disguised as a failed step). */
  | { readonly kind: "solve-broken"; readonly token: Token; readonly error: BktuiError }
  | {
      readonly kind: "outputs-made";
      readonly token: Token;
      readonly imageId: string | undefined;
      readonly outputs?: readonly MadeOutput[];
    }
  /** In the order of the questions. */
  | { readonly kind: "asked"; readonly token: Token; readonly answers: readonly RuleAnswer[] }
  | { readonly kind: "answering"; readonly answering: boolean }
  | { readonly kind: "lost"; readonly error: BktuiError };

/** Work for the runtime. Plain data: can be logged, compared in a test, and replayed. */
export type Effect =
  | { readonly kind: "open"; readonly token: Token; readonly request: BuildRequest }
  /** `awaitReports`: counts as solved once the engine has reported whether the edges came from the cache. */
  | {
      readonly kind: "solve";
      readonly token: Token;
      readonly edges: readonly Edge[];
      readonly awaitReports?: true;
    }
  /** Looks up what the rules of breakpoints ask for. Runs nothing. */
  | { readonly kind: "ask"; readonly token: Token; readonly questions: readonly RuleQuestion[] }
  /** `after`: not before the engine has the solve of that token, so that what both need keeps running. */
  | { readonly kind: "cancel"; readonly token: Token; readonly after?: Token }
  | { readonly kind: "make-outputs"; readonly token: Token }
  /** Dispose the build (and with it containers and session); a following "open" waits for it. */
  | { readonly kind: "close" };

/** Total, pure, synchronous. Returns the same `state` object when nothing changes. */
export type Reduce = (
  state: DebugState,
  input: Command | Outcome,
) => { readonly state: DebugState; readonly effects: readonly Effect[] };

/** One path that is not the same in two states. */
export interface FileChange {
  /** Absolute; untrusted text. */
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  /** undefined when it was added. */
  readonly before: FileEntry | undefined;
  /** undefined when it was removed. */
  readonly after: FileEntry | undefined;
  /** What differs when both exist. */
  readonly differs: readonly ("content" | "mode" | "owner" | "kind" | "target")[];
}

export interface StateChanges {
  /** Sorted by path. */
  readonly changes: readonly FileChange[];
  /** Paths that could not be compared, with why; untrusted text. */
  readonly problems: readonly string[];
}

/** The one object a front end talks to. TUI, DAP and headless CLI all use exactly this. */
export interface Debugger extends AsyncDisposable {
  readonly state: DebugState;
  readonly engine: EngineInfo;
  /** Per-step progress and logs; notifies at most every 50 ms. Never part of `state`. */
  readonly progress: ProgressStore;
  /** Called after each replacement of `state`, on the same tick. Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void;
  /**
   * Applies a command at once; its consequences show up in `state`. Never waits.
   * @throws {BktuiError} "not-now" (`Refused`, with the reason and what helps) when the phase forbids it; state is unchanged then.
   */
  dispatch(command: Command): void;
  /** Why the command cannot be given now, and what helps; undefined when it can. */
  whyNot(command: Command["kind"]): Refusal | undefined;
  /**
   * Resolves when nothing is running or opening: at once if so already.
   * @throws {BktuiError} "cancelled" when the signal fires; that only stops the waiting.
   */
  rest(options?: { readonly signal?: AbortSignal }): Promise<DebugState>;
  /** The states of a step that can be looked at now, most interesting first; empty when it has not been reached. */
  states(step: StepId): readonly StateSide[];
  /** @throws {BktuiError} "not-now" when the step has no such state. */
  environment(
    step: StepId,
    side: StateSide,
    options: { readonly signal: AbortSignal },
  ): Promise<StepEnvironment>;
  /**
   * The op of a vertex of the program as indented JSON with BuildKit's names; untrusted text.
   * @throws {BktuiError} "engine" when the engine sent something else.
   */
  opText(vertex: Vertex): string;
  /** The text of a file with `***` in place of each value of a secret that was given; see `Engine.masked`. */
  masked(text: string): string;
  /** What `questionOf` (explain/explain.ts) would like to know about a failure. @throws {BktuiError} "not-now". */
  lookUp(question: Question, options: { readonly signal: AbortSignal }): Promise<Answer>;
  /**
   * The caller disposes it; it is also disposed when the build ends. Where FAILED is reproduced (`isReproduced`) it
   * is over BASE: `openShell` runs the command in it first.
   * @throws {BktuiError} "not-now", also while a step runs that needs a cache of this one for itself; "unsupported" or
   * "engine" when a debug root is wanted and cannot be had.
   */
  container(step: StepId, side: StateSide, options: ContainerOptions): Promise<Container>;
  /**
   * What is in a directory of a state. BASE and AFTER are read without a process: that works where the image has no
   * shell. FAILED is shown to processes only (BuildKit 0.9 to 0.26), and is read with the programs of BASE.
   * @throws {BktuiError} "not-now" with the reason where FAILED cannot be read; "not-found".
   */
  files(
    step: StepId,
    side: StateSide,
    options: { readonly path: string; readonly signal: AbortSignal },
  ): Promise<readonly FileEntry[]>;
  /**
   * A piece of a file of a state; fewer bytes than asked for only at its end. Never waits for a pipe or a device.
   * @throws {BktuiError} "not-found", also for what is no file; "not-now" as `files`.
   */
  readFile(
    step: StepId,
    side: StateSide,
    options: {
      readonly path: string;
      /** In bytes. */
      readonly offset: number;
      readonly length: number;
      readonly signal: AbortSignal;
    },
  ): Promise<FilePart>;
  /** What the step changed: BASE against AFTER or FAILED. @throws {BktuiError} "not-now" as `files`. */
  changes(
    step: StepId,
    side: Exclude<StateSide, "base">,
    options: { readonly signal: AbortSignal },
  ): Promise<StateChanges>;
  /**
   * Makes outputs of a state: of BASE and AFTER as they are, of FAILED as its shells show it. Only a FAILED that has to be
   * reproduced, and `rebuild`, run anything. The state stays.
   * @throws {AlreadyThere} without `force`; {SecretsFound} without `withSecrets`; {BktuiError} "not-now" when there is no such state.
   */
  exportState(step: StepId, side: StateSide, options: ExportOptions): Promise<ExportedState>;
  /** Writes a file of all that is known about a stop; answers its bytes. @throws {BktuiError} as `Engine.writeBundle`. */
  writeBundle(bundle: Bundle, order: BundleOrder): Promise<number>;
  /** Containers that are open now and have caches; see `cacheConflicts` (caches.ts) before giving a command. */
  readonly heldCaches: readonly HeldCaches[];
}
