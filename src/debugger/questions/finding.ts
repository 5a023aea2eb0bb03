/** What was found in place of a source, as plain data. Types only. Paths are shown as they are here: untrusted text. */
import type { IgnoreRule } from "../../engine/engine.ts";

/** A link on the way to a source. */
export interface Hop {
  readonly link: string;
  /** As the link names it. */
  readonly target: string;
}

/** A name that may be meant. */
export interface Near {
  /** The whole path of the source with that name in place of the wrong one, or the part of it that is right. */
  readonly path: string;
  /** In what the names differ, when that is all. */
  readonly spelling: "capitals" | "blanks" | "encoding" | undefined;
}

export type SourceFinding =
  /** The build would find it; `isNew`: it was not so when the build looked. */
  | { readonly kind: "there"; readonly isNew: boolean; readonly isDirectory: boolean }
  /** It exists, or `count` paths match, and the ignore file keeps all of it from the build. */
  | {
      readonly kind: "hidden";
      readonly examples: readonly string[];
      readonly count: number;
      readonly rules: readonly IgnoreRule[];
      /** The link whose target it is, when the path's last name is a link. */
      readonly hop: Hop | undefined;
    }
  /** `directory` exists and has no `part`; for a pattern without match `part` is its rest. */
  | {
      readonly kind: "absent";
      readonly directory: string;
      readonly part: string;
      /** What is in the directory, sorted; directories end with "/". */
      readonly names: readonly string[];
      readonly near: readonly Near[];
      /** Other places with that name, or with names that match. */
      readonly elsewhere: readonly string[];
    }
  /** A pattern whose brackets belong to a name that exists. */
  | { readonly kind: "literal"; readonly path: string; readonly pattern: string }
  /** A part of the path is no directory. */
  | { readonly kind: "no-directory"; readonly file: string }
  | {
      readonly kind: "link";
      readonly hops: readonly Hop[];
      readonly problem: "dangling" | "outside" | "loop";
      /** Where the build looks for the target. */
      readonly missing: string;
      /** What the link would have to name; undefined when it leads to nothing that the build gets. */
      readonly inside: string | undefined;
    };

/** A source to look for. */
export interface MissingSource {
  /** From the root of its place, with a leading slash, as the engine has it. */
  readonly path: string;
  readonly isPattern: boolean;
}

/** What is in the place of a destination. */
export type TargetFinding =
  /** `path`: as far as it exists; with its links followed. */
  | { readonly kind: "file" | "directory"; readonly path: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "loop"; readonly hops: readonly Hop[] };
