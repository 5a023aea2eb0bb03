/** What an explanation would like to look up, as plain data, and what was found. */
import type { Download } from "../../engine/engine.ts";
import type { Digest, Edge } from "../../graph/graph.ts";
import type { MissingSource, SourceFinding, TargetFinding } from "./finding.ts";
import type { Place, Seen } from "./seen.ts";

export type Question =
  /** Sources that were missing; `guesses`: other paths of the first one's place that may be meant. */
  | {
      readonly kind: "sources";
      readonly sources: readonly (MissingSource & { readonly place: SourcePlace })[];
      readonly guesses: readonly string[];
      /** A path in what the step started from. */
      readonly target: { readonly edge: Edge; readonly path: string } | undefined;
    }
  /** Which of the flags the frontend takes that has refused this text. */
  | {
      readonly kind: "flags";
      readonly text: string;
      readonly keyword: string;
      readonly flags: readonly string[];
    }
  /** How the server of a download answers. */
  | { readonly kind: "download"; readonly vertex: Digest }
  /** The programs in directories of a state. */
  | { readonly kind: "programs"; readonly edge: Edge; readonly directories: readonly string[] }
  /** Whether a file exists in a state, and how it begins. */
  | { readonly kind: "file"; readonly edge: Edge; readonly path: string }
  /** How much memory a step has: its cgroup's limit, and its machine's memory. */
  | { readonly kind: "memory"; readonly vertex: Digest }
  /** What stands at paths, where a failure's cause may be. */
  | { readonly kind: "sight"; readonly place: Place; readonly paths: readonly string[] };

/** `stage`: the state has a WORKDIR of its own. */
export type SourcePlace =
  | { readonly kind: "context" }
  | { readonly kind: "state"; readonly edge: Edge; readonly stage: boolean };

export type Answer =
  /** In the order of the question; undefined for what could not be found out. */
  | {
      readonly kind: "sources";
      readonly findings: readonly (SourceFinding | undefined)[];
      readonly guesses: readonly boolean[];
      /** The first source, searched for in the WORKDIR of its stage and found there. */
      readonly inWorkdir: string | undefined;
      readonly target: TargetFinding | undefined;
    }
  | { readonly kind: "flags"; readonly known: readonly string[] }
  /** Undefined when it takes too long. */
  | { readonly kind: "download"; readonly download: Download | undefined }
  | { readonly kind: "programs"; readonly names: readonly string[] }
  /** `start`: its first line; undefined when it does not exist. */
  | { readonly kind: "file"; readonly start: string | undefined }
  /** Bytes; undefined when nothing limits it below the machine's memory, or when that is not known. */
  | { readonly kind: "memory"; readonly limit: number | undefined; readonly machine: number | undefined }
  | { readonly kind: "sight"; readonly place: Place; readonly seen: Seen };
