/** What an explanation would like to look up, as plain data, and what was found. */
import type { ContextLookup } from "../../engine/engine.ts";
import type { Digest, Edge } from "../../graph/graph.ts";

export type Question =
  /** A source that is not in the context; `path` without a leading slash. */
  | { readonly kind: "context"; readonly path: string }
  /** How far a path exists in a state. */
  | { readonly kind: "path"; readonly edge: Edge; readonly path: string }
  /** The programs in directories of a state. */
  | { readonly kind: "programs"; readonly edge: Edge; readonly directories: readonly string[] }
  /** Whether a file exists in a state, and how it begins. */
  | { readonly kind: "file"; readonly edge: Edge; readonly path: string }
  /** How much memory a step has: its cgroup's limit, and its machine's memory. */
  | { readonly kind: "memory"; readonly vertex: Digest };

export type Answer =
  | { readonly kind: "context"; readonly found: ContextLookup }
  /** `deepest`: the last directory of the path that exists; `names`: what is in it. */
  | { readonly kind: "path"; readonly deepest: string; readonly names: readonly string[] }
  | { readonly kind: "programs"; readonly names: readonly string[] }
  /** `start`: its first line; undefined when it does not exist. */
  | { readonly kind: "file"; readonly start: string | undefined }
  /** Bytes; undefined when nothing limits it below the machine's memory, or when that is not known. */
  | { readonly kind: "memory"; readonly limit: number | undefined; readonly machine: number | undefined };
