/** The port: everything the debugger and the front ends know of a build engine. */
import type { Cuts } from "../graph/cuts.ts";
import type { Digest, Edge, ExecMeta, Line, Mount, MountKind, SourceRange, Vertex } from "../graph/graph.ts";
import type { PlatformGraph } from "../graph/union.ts";
import type { BuildRequest, TakenValue } from "./build-request.ts";
import type { Bundle, BundleOrder } from "./bundle.ts";
import type { SolveFailed } from "./failures.ts";
import type { Made, StateMade, StateOrder } from "./outputs.ts";

/** What an engine can do, named after BuildKit's capability ids; asked for, never derived from a version. */
export type Capability =
  | "typed-errors" // failures carry ids of the kept states (BuildKit >= 0.9; not embedded in Docker 20.10)
  | "exec" // gateway.exec
  | "exec.signals"
  | "exec.secretenv"
  | "exec.extrahosts"
  | "exec.filesystem"
  | "evaluate";

/** What happened in the engine, as it happens. Times are epoch milliseconds of the engine's clock. */
export type Progress =
  | {
      readonly kind: "vertex";
      readonly vertex: Digest;
      readonly name: string;
      readonly startedMs: number | undefined;
      readonly completedMs: number | undefined;
      readonly cached: boolean;
      /** BuildKit's text, "" when none; untrusted. */
      readonly error: string;
    }
  | {
      readonly kind: "status";
      readonly vertex: Digest;
      readonly id: string;
      readonly current: number;
      readonly total: number;
      readonly completed: boolean;
    }
  | {
      readonly kind: "log";
      readonly vertex: Digest;
      readonly stream: "stdout" | "stderr";
      readonly atMs: number;
      /** Cut anywhere, not line based; untrusted bytes, with values of secrets hidden. */
      readonly data: Uint8Array;
    }
  | {
      readonly kind: "warning";
      /** undefined: it is about the whole build (e.g. a context file that cannot be read). */
      readonly vertex: Digest | undefined;
      readonly text: string;
      /** What the rule behind it asks for, in sentences; untrusted. */
      readonly detail?: readonly string[];
      /** Where the rule is explained; untrusted. */
      readonly url?: string;
      readonly ranges: readonly SourceRange[];
    };

export interface EngineInfo {
  /** "dockerd" speaks BuildKit through the HTTP upgrade; "buildkitd" directly. */
  readonly kind: "dockerd" | "buildkitd";
  /** E.g. "28.5.2"; undefined when the daemon does not say. */
  readonly version: string | undefined;
  /** What was dialled, e.g. "unix:///var/run/docker.sock". */
  readonly address: string;
  /** Where the choice came from, e.g. "DOCKER_HOST". */
  readonly origin: string;
  /** Build arguments that docker's configuration gives to every build, e.g. proxies. */
  readonly taken?: readonly TakenValue[];
  /** No engine has been reached: a build that is over is shown from its record, at `address`. */
  readonly isRecord?: true;
}

export interface OpenOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /**
   * While the build is opened and open: false when the engine has not answered for some seconds (never more than 10),
   * true when it does again. A suspended engine goes on by itself.
   */
  readonly onAnswering?: ((answering: boolean) => void) | undefined;
}

/**
 * A build engine: BuildKit, reached through one connection, which a later `open` makes again when it was lost.
 * Every method that takes a signal rejects with BktuiError "cancelled" soon after it fires and leaves nothing
 * running in the engine. Any method may reject with "engine-unreachable". Disposing disposes the builds.
 */
export interface Engine extends AsyncDisposable {
  readonly info: EngineInfo;
  /**
   * Runs the frontend and returns its definition. Runs no step.
   * @throws {FrontendFailed} when the frontend rejects the file (syntax, unknown target, base image).
   */
  open(request: BuildRequest, options: OpenOptions): Promise<Build>;
  /**
   * The context as a build would be sent it now. Reads the user's directory when it is asked, asks no engine.
   * @throws {BktuiError} "io" when the context cannot be read, "bad-request" for a malformed ignore file.
   */
  contextTree(request: BuildRequest): Promise<ContextTree>;
  /** Which of the flags (without dashes) the frontend that reads this text takes with a keyword. Builds nothing. */
  knownFlags(
    request: BuildRequest,
    asked: { readonly text: string; readonly keyword: string; readonly flags: readonly string[] },
    options: { readonly signal: AbortSignal },
  ): Promise<readonly string[]>;
  /**
   * Asks the frontend something in place of a build: "outline", "targets", "lint", "subrequests.describe". Runs no step.
   * @throws {FrontendFailed} when the file is refused or the frontend does not know the question.
   */
  subrequest(
    request: BuildRequest,
    name: string,
    options: Signal & { readonly onProgress: (progress: Progress) => void },
  ): Promise<FrontendReply>;
  /** Lets the engine fetch a vertex's download again, without its checksum; undefined after some seconds without an answer. */
  downloadAgain(request: BuildRequest, vertex: Vertex, options: Signal): Promise<Download | undefined>;
  /**
   * The op of a vertex as the frontend made it, as indented JSON with BuildKit's names; untrusted text. Asks no engine.
   * @throws {BktuiError} "engine" when the bytes are no op.
   */
  opText(vertex: Vertex): string;
  /**
   * The text with `***` in place of each value of a secret that a build was given. What builds report and processes
   * print is so already; this is for the content of files.
   */
  masked(text: string): string;
  /**
   * Writes all that is known about a stop to one file, readable by its owner alone: it is there when it is whole, or not at
   * all. Values of secrets are hidden in it.
   * @returns the file's bytes
   * @throws {AlreadyThere} when the file is there already, without `force`; {BktuiError} "io", "cancelled".
   */
  writeBundle(bundle: Bundle, order: BundleOrder): Promise<number>;
}

type Signal = { readonly signal: AbortSignal };

/** What a frontend answers to a question; all untrusted. */
export interface FrontendReply {
  /** Undefined where it gives none. */
  readonly json: string | undefined;
  /** The same for people. */
  readonly text: string | undefined;
  /** What docker's client ends with: 0 when nothing was found. */
  readonly status: number;
  /** Of the answer's shape, e.g. "1.0.0". */
  readonly version: string | undefined;
}

/** How a server answers: the engine's words (untrusted text), or how the file begins. */
export type Download =
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "file"; readonly start: Uint8Array };

export type TreeEntry = Pick<FileEntry, "name" | "kind">;

/** A pattern of an ignore file; untrusted text. */
export interface IgnoreRule {
  /** Relative to the context when it is in it. */
  readonly file: string;
  readonly line: Line;
  readonly pattern: string;
}

/** Paths are relative to the context, "" is the context itself; names are untrusted text. */
export interface ContextTree {
  /** Absolute, links resolved. */
  readonly root: string;
  /** Undefined when there is no such directory, or when it cannot be listed. */
  readDir(path: string): Promise<readonly TreeEntry[] | undefined>;
  /** What the link names; undefined when it is none. */
  readLink(path: string): Promise<string | undefined>;
  /** The lines that all would have to go for the build to get the path; empty when it gets it. Part of a directory is enough. */
  hiddenBy(path: string, options: { readonly signal: AbortSignal }): Promise<readonly IgnoreRule[]>;
  /** Whether it was made, or was no longer ignored, since the context was last sent; false when that is not known. */
  isNew(path: string): Promise<boolean>;
  /** Paths of that name that the build gets, `most` at most, of as much as can be walked in reasonable time. */
  find(isWanted: (name: string) => boolean, most: number, options: Signal): Promise<readonly string[]>;
}

/** Which file system state of a step to look at. */
export type StateSide = "base" | "after" | "failed";

/**
 * Where a shell opens. `line` is the first line of the instruction (or of the end of the stage) whose
 * environment, user and directory hold when the vertex is not an exec op itself.
 */
export type ContainerSource =
  | { readonly side: "base"; readonly vertex: Digest }
  | { readonly side: "after"; readonly vertex: Digest }
  | { readonly side: "failed"; readonly failure: SolveFailed }
  | StatesSource;

/** BASE of a step, as root and without its mounts; it and what the step made of it lie in it, see `STATES_AT`. */
export type StatesSource =
  | { readonly side: "states"; readonly failure: SolveFailed }
  | {
      readonly side: "states";
      readonly vertex: Digest;
      readonly base: Edge | undefined;
      readonly after: Edge;
    };

export interface ContainerOptions {
  readonly signal: AbortSignal;
  /**
   * Programs from outside of the image, where it has none. "root": they are at "/", the state and all the step's mounts lie
   * below `TARGET`, and processes run as root. "beside": they are a static busybox below `BESIDE`, and everything else is
   * as the step has it.
   */
  readonly debugRoot?: DebugRootPlace | undefined;
}

export type DebugRootPlace = "root" | "beside";

/** Where a container whose "/" is a debug root has the state that it is for. */
export const TARGET = "/target";

/** Where a container has a debug root that lies beside its state; read-only. */
export const BESIDE = "/.bktui/root";

/** Where a container of the side "states" has them, read-only. */
export const STATES_AT = { base: "/.bktui/base", other: "/.bktui/other" } as const;

/** One session and one long `Control.Solve`, kept open while the user looks around. */
export interface Build extends AsyncDisposable {
  /** In the order of their platforms. */
  readonly threads: readonly [PlatformGraph, ...PlatformGraph[]];
  supports(capability: Capability): boolean;
  /** Fires when the connection or the build is gone; its reason is a BktuiError. */
  readonly lost: AbortSignal;
  /**
   * Makes edges exist, with everything they need, at full parallelism, and keeps them for the build's life.
   * Solving what exists already is cheap and runs nothing.
   * @throws {SolveFailed} when some vertex on the way fails.
   */
  solve(targets: readonly Edge[], options: { readonly signal: AbortSignal }): Promise<void>;
  /**
   * Tells where vertices stand in the Dockerfile, for `environment`: the ranges of the definition are not enough (BuildKit
   * 0.8 locates triggers in line 1, none tells a trigger's own line).
   */
  place(cuts: ReadonlyMap<Digest, Cuts>): void;
  /** Environment, user, directory and mounts a RUN would have in this place (for exec vertices: has). */
  environment(
    of: Digest,
    side: StateSide,
    options: { readonly signal: AbortSignal },
  ): Promise<StepEnvironment>;
  /**
   * What is in a directory of a state, sorted by name. Links on the way are followed within the state.
   * Solves the edge when it does not exist yet.
   * @throws {BktuiError} "not-found" when there is no such directory.
   */
  readDir(edge: Edge, path: string, options: { readonly signal: AbortSignal }): Promise<readonly FileEntry[]>;
  /**
   * A piece of a file of a state, shorter than `length` only at the file's end. Pipes and devices are never opened.
   * @param options.offset in bytes, default 0.
   * @throws {BktuiError} "not-found" when there is no such file.
   */
  readFile(
    edge: Edge,
    path: string,
    options: { readonly offset?: number; readonly length: number; readonly signal: AbortSignal },
  ): Promise<FilePart>;
  /**
   * A container over the mounts of a step. Solves missing inputs. The caller disposes it.
   * @throws {BktuiError} "unsupported" or "engine" when a debug root is wanted and cannot be had.
   */
  container(of: ContainerSource, options: ContainerOptions): Promise<Container>;
  /**
   * Makes the requested outputs from the finished target. When it fails or is cancelled, nothing half-made stays on this
   * machine.
   */
  finish(options: { readonly signal: AbortSignal }): Promise<Made>;
  /**
   * Makes outputs of a state. The step's command is not run but for the way "rebuilt". The state stays, however it ends; when
   * it fails or is cancelled, nothing half-made stays on this machine.
   * @throws {AlreadyThere} when something would be overwritten and the order does not force it.
   */
  exportState(
    source: ExportSource,
    order: StateOrder,
    options: Signal & { readonly onProgress: (progress: Progress) => void },
  ): Promise<StateMade>;
}

/** Which state is exported, and how it is had. */
export type ExportSource =
  /** BASE or AFTER, as the engine has it; undefined = nothing is in it. */
  | { readonly way: "solved"; readonly edge: Edge | undefined }
  /** FAILED as the engine keeps it, with what was done in a container over it. */
  | { readonly way: "captured"; readonly failure: SolveFailed; readonly open: OpenedState | undefined }
  /** FAILED as the command has made it again in a container over `base`. */
  | {
      readonly way: "reproduced";
      readonly vertex: Digest;
      readonly base: Edge | undefined;
      readonly open: OpenedState;
    }
  /** FAILED of one more run of the command. */
  | { readonly way: "rebuilt"; readonly failure: SolveFailed };

/** A container that has a state, perhaps changed. `isDebugRoot`: the state lies at `TARGET`. */
export interface OpenedState {
  readonly container: Container;
  readonly isDebugRoot: boolean;
}

/** One name in a directory of a state. */
export interface FileEntry {
  /** Untrusted text. */
  readonly name: string;
  readonly kind: "directory" | "file" | "link" | "other";
  /** Bytes. */
  readonly size: number;
  /** The nine bits of the permissions, and setuid, setgid and sticky above them. */
  readonly mode: number;
  /** What a link names; untrusted text, undefined for what is no link and where the engine does not say. */
  readonly target?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Epoch milliseconds. */
  readonly mtimeMs?: number | undefined;
}

/** A piece of a file. */
export interface FilePart {
  readonly bytes: Uint8Array;
  /** Of the whole file, in bytes. */
  readonly size: number;
}

export interface StepEnvironment {
  readonly meta: ExecMeta;
  readonly mounts: readonly Mount[];
  /** The stage's shell form, e.g. ["/bin/sh", "-c"]. */
  readonly shell: readonly string[];
  /** In words, where it is not the place's own: whose it is. */
  readonly from?: string;
}

/** What a step asks for and a container of it goes without, because it cannot be made. */
export interface MissingPart {
  readonly what:
    | { readonly kind: "mount"; readonly dest: string; readonly mount: MountKind }
    /** A secret that the step's command finds in its environment. */
    | { readonly kind: "variable"; readonly name: string };
  readonly why: /** `path` is not in what the mount is made of; undefined = the content of its cache. */
    | { readonly kind: "source"; readonly path: string; readonly edge: Edge | undefined }
    /** `text`: "not found", or why the value cannot be had. */
    | { readonly kind: "secret"; readonly id: string; readonly text: string }
    | { readonly kind: "ssh"; readonly id: string }
    /** What it is made of could not be built. */
    | { readonly kind: "input"; readonly edge: Edge; readonly text: string };
}

/** One container; its processes share it. Disposing kills everything in it and releases it in the engine. */
export interface Container extends AsyncDisposable {
  readonly environment: StepEnvironment;
  /** What the shell lacks compared with the step, in words (e.g. "ulimits are not applied on this engine"). */
  readonly differences: readonly string[];
  /** In the order of the step's mounts, variables last; empty when it has everything. */
  readonly missing: readonly MissingPart[];
  start(spec: ProcessSpec, options: { readonly signal: AbortSignal }): Promise<Process>;
}

export interface ProcessSpec {
  readonly args: readonly string[];
  /** Added to or replacing the step's environment, `NAME=value`. */
  readonly env: readonly string[];
  /** Size of the terminal; undefined = pipes. */
  readonly terminal: { readonly columns: number; readonly rows: number } | undefined;
  /** Without a terminal: keep standard input open for `write`, until `endInput`. */
  readonly input?: true;
  /** A program of bktui's own, whose output nobody is shown: values of secrets in it are not hidden. */
  readonly exact?: true;
  /** In place of the step's. Only a container's first process has a missing one made (BuildKit 0.8 to 0.32). */
  readonly directory?: string;
  /** In place of the step's; "" = root. */
  readonly user?: string;
}

export interface Process {
  write(data: Uint8Array): void;
  /** Closes standard input; nothing more can be written. */
  endInput(): void;
  resize(columns: number, rows: number): void;
  /** Output in order, stdout and stderr merged on a terminal, values of secrets hidden. At most one listener. */
  onData(listener: (chunk: Uint8Array) => void): void;
  /** Stop and go on reading from the engine: back-pressure reaches the process. */
  pause(): void;
  resume(): void;
  /** 0-255; rejects with "engine-unreachable" or "engine" when the process never started. */
  readonly exited: Promise<number>;
}
