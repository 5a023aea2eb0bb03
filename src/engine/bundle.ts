/** All that is known about a stop of a build, for one file. Types only. */
import type { Digest, SourceRange } from "../graph/graph.ts";
import type { BuildRequest } from "./build-request.ts";

/** A step as the engine has reported it, or as the definition has it. */
export interface BundledVertex {
  readonly digest: Digest;
  /** E.g. "[app 2/3] RUN make"; untrusted text. */
  readonly name: string;
  readonly inputs: readonly Digest[];
  /** Epoch milliseconds; undefined = it has not begun, or not ended. */
  readonly startedMs: number | undefined;
  readonly completedMs: number | undefined;
  readonly cached: boolean;
  readonly error: string;
}

export interface BundledLine {
  readonly vertex: Digest;
  readonly stream: "stdout" | "stderr";
  readonly atMs: number;
  readonly text: string;
}

export interface BundledWarning {
  readonly text: string;
  readonly detail?: readonly string[] | undefined;
  readonly url?: string | undefined;
  readonly ranges: readonly SourceRange[];
}

/** What it says is hidden where it is the value of a secret, whoever made the text. */
export interface Bundle {
  readonly request: BuildRequest;
  /** How the build stands: "cancelled" when it is stopped on its way. */
  readonly status: "completed" | "failed" | "cancelled";
  /** Why; "" when it is completed. */
  readonly message: string;
  /** What failed. */
  readonly vertex: Digest | undefined;
  readonly exitCode: number | undefined;
  /** The Dockerfile as the engine read it, and the lines that are stood at. */
  readonly source: {
    readonly filename: string;
    readonly text: string;
    readonly range: Pick<SourceRange, "start" | "end">;
  };
  readonly vertices: readonly BundledVertex[];
  /** In order of arrival; read while it is written. */
  readonly lines: () => Iterable<BundledLine>;
  readonly warnings: readonly BundledWarning[];
  /** What records have no place for, under plain names of a few letters. */
  readonly texts: readonly { readonly name: string; readonly text: string }[];
  /** A few lines for people who open it. */
  readonly about: readonly string[];
}

export interface BundleOrder {
  /** Absolute. */
  readonly path: string;
  /** A file that is there may be replaced. */
  readonly force: boolean;
  /** Exports the state to a path of its own, as an OCI layout in a tar; undefined = it is left out. */
  readonly state: ((path: string) => Promise<void>) | undefined;
  readonly signal: AbortSignal;
}
