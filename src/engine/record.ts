/** Builds that are over, as an engine or a file keeps them. Types only. All texts in them are untrusted. */
import type { Digest, SourceRange } from "../graph/graph.ts";
import type { Progress } from "./engine.ts";

/** A piece of a record that is kept beside it. */
export interface RecordBlob {
  readonly digest: Digest;
  /** Bytes, as the record says. */
  readonly size: number;
}

/** Where the files of a build were, as buildx notes it on the machine that it ran on. */
export interface RecordedPlaces {
  /** A directory, a URL, or "-" for standard input; "" = it is not known. */
  readonly context: string;
  /** A path, or "-" for standard input; "" = the context's own. */
  readonly dockerfile: string;
}

export type RecordStatus = "running" | "completed" | "failed" | "cancelled";

export interface BuildRecord {
  /** The build's name on the engine, e.g. "3koqceh2nbk88o88sj4rnrai9". */
  readonly ref: string;
  readonly status: RecordStatus;
  /** What the frontend was given, by its own names, e.g. "build-arg:V". */
  readonly attributes: Readonly<Record<string, string>>;
  /** Types of what was made, e.g. "image". */
  readonly exporters: readonly string[];
  /** Epoch milliseconds of the engine's clock; 0 = it is not said. */
  readonly startedMs: number;
  readonly completedMs: number | undefined;
  /** What it ended with; "" when nothing went wrong. */
  readonly error: string;
  readonly steps: { readonly total: number; readonly completed: number; readonly cached: number };
  readonly warnings: number;
  readonly logs: RecordBlob | undefined;
  readonly failure: RecordBlob | undefined;
  /** Of the engine, where the record says it, e.g. "linux/amd64". */
  readonly platform: string | undefined;
  readonly places: RecordedPlaces | undefined;
}

/** A file as the build read it. */
export interface RecordedSource {
  readonly filename: string;
  readonly text: string | undefined;
  readonly ranges: readonly SourceRange[];
}

/** Why a build failed, and where. */
export interface RecordedFailure {
  readonly message: string;
  readonly vertex: Digest | undefined;
  readonly exitCode: number | undefined;
  readonly sources: readonly RecordedSource[];
}

/** By digest: the name, e.g. "[app 2/3] RUN make", and what is needed. */
export type RecordedVertices = ReadonlyMap<
  Digest,
  { readonly name: string; readonly inputs: readonly Digest[] }
>;

/** An image in a file, e.g. an exported state. */
export interface ImageFile {
  /** Of its manifest. */
  readonly digest: Digest;
  readonly labels: Readonly<Record<string, string>>;
  /** `NAME=value`. */
  readonly env: readonly string[];
  /** "" = root. */
  readonly user: string;
  readonly directory: string;
  readonly layers: number;
  /** How many more are in the file. */
  readonly others: number;
  /** What the step of it began with, where that is in the file too. */
  readonly base?: ImageFile | undefined;
  /** Makes an OCI layout of it in an empty directory. @throws {BktuiError} "bad-request", "cancelled". */
  unpack(directory: string, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Copies the only layer, a tar, into an empty directory under the name `layer`. @throws {BktuiError} as `unpack`. */
  unpackLayer(directory: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** What a bundle of bktui has beside its record. */
export interface BundleParts {
  /** A few lines about the stop that it was made at; untrusted text. */
  readonly about: readonly string[];
  /** Its state is in it. */
  readonly hasState: boolean;
  /** Copies the state, an OCI layout in a tar, to a new file. @throws {BktuiError} "bad-request", "cancelled". */
  unpackState(path: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** Where records come from: an engine, or a file. */
export interface RecordSource extends AsyncDisposable {
  /** For people, e.g. "the engine at unix:///…". */
  readonly place: string;
  /** Newest first. */
  readonly records: readonly BuildRecord[];
  /** Of a file that is a bundle. */
  readonly bundle?: BundleParts | undefined;
  /** Undefined for a build that did not fail, or of which nothing more is kept than its error. */
  failure(
    record: BuildRecord,
    options: { readonly signal: AbortSignal },
  ): Promise<RecordedFailure | undefined>;
  /** What the reports say of how steps need each other. */
  vertices(record: BuildRecord, options: { readonly signal: AbortSignal }): Promise<RecordedVertices>;
  /** Everything that the build reported, in order. */
  progress(record: BuildRecord, options: { readonly signal: AbortSignal }): AsyncIterable<Progress>;
}
