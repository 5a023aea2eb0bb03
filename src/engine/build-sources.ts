/** Where the files of a build come from: its context, its Dockerfile and its named contexts. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** What COPY and ADD read. */
export type BuildContext =
  /** Absolute path of a directory. */
  | string
  /** Fetched by the engine, as typed: a git repository, an archive, or a Dockerfile alone. */
  | { readonly kind: "url"; readonly url: string }
  /** A tar, which may be compressed; the engine is sent it as it is. */
  | { readonly kind: "archive"; readonly path: string; readonly of: string };

/** The file with the instructions. */
export type BuildFile =
  /** Absolute path. */
  | string
  /** A private copy of what has no file of its own; `of` says of what, e.g. "standard input". */
  | { readonly kind: "copy"; readonly path: string; readonly of: string }
  /** In a context that is no directory here: the frontend reads it there, and tells the text with its definition. */
  | { readonly kind: "in-context"; readonly path: string }
  /** Fetched by the engine over http(s), as typed; the context is another one. */
  | { readonly kind: "url"; readonly url: string };

/** What `FROM name`, `COPY --from=name` and mounts read in place of an image of that name. */
export interface NamedContext {
  readonly name: string;
  readonly from: /** Absolute. */
    | { readonly kind: "directory"; readonly path: string }
    /** What neither tag nor digest names is "latest", else the only image. */
    | {
        readonly kind: "oci-layout";
        /** Absolute. */
        readonly path: string;
        readonly tag: string | undefined;
        readonly digest: string | undefined;
      }
    /** What the engine finds by itself, as typed: `docker-image://…`, `target:…` or a URL. */
    | { readonly kind: "reference"; readonly text: string };
}

/** Of a context that is the result of another target of a bake file: that target's name. */
export function targetOf({ from }: NamedContext): string | undefined {
  return from.kind === "reference" ? /^target:(.+)$/.exec(from.text)?.[1] : undefined;
}

export interface BuildSources {
  readonly context: BuildContext;
  readonly dockerfile: BuildFile;
}

/** The context's directory on this machine; undefined when it is none. */
export function contextDirectory({ context }: Pick<BuildSources, "context">): string | undefined {
  return typeof context === "string" ? context : undefined;
}

/** Path of the Dockerfile, or of its private copy, on this machine; undefined when only the engine has it. */
export function dockerfilePath({ dockerfile }: Pick<BuildSources, "dockerfile">): string | undefined {
  if (typeof dockerfile === "string") return dockerfile;
  return dockerfile.kind === "copy" ? dockerfile.path : undefined;
}

const FETCHED_NAME = "Dockerfile";

/** E.g. "Dockerfile". */
export function dockerfileName({ dockerfile }: Pick<BuildSources, "dockerfile">): string {
  if (typeof dockerfile !== "string" && dockerfile.kind === "url") return FETCHED_NAME;
  return basename(typeof dockerfile === "string" ? dockerfile : dockerfile.path);
}

/** Where the Dockerfile is, for people. Passwords of a URL are left out. */
export function dockerfilePlace({ context, dockerfile }: BuildSources): string {
  if (typeof dockerfile === "string") return dockerfile;
  if (dockerfile.kind === "copy") return `the Dockerfile of ${dockerfile.of}`;
  if (dockerfile.kind === "url") return withoutPassword(dockerfile.url);
  return `${dockerfile.path} of ${contextPlace({ context })}`;
}

/** The context, for people. Passwords of a URL are left out. */
export function contextPlace({ context }: Pick<BuildSources, "context">): string {
  if (typeof context === "string") return context;
  return context.kind === "archive" ? `the archive of ${context.of}` : withoutPassword(context.url);
}

/** Passwords, and over http(s) users too, which may be tokens, must never become part of a message. */
export function withoutPassword(url: string): string {
  return url
    .replace(/^(https?:\/\/)[^/@\s]*@/i, "$1***@")
    .replace(/^([a-z]+:\/\/[^/:@]*):[^/@]*@/i, "$1:***@");
}

/**
 * Under which a later run finds what belongs to this Dockerfile: its path, or its place in a fetched context. Undefined
 * for what only this run has.
 */
export function dockerfileKey({ context, dockerfile }: BuildSources): string | undefined {
  if (typeof dockerfile === "string") return dockerfile;
  if (dockerfile.kind === "url") return withoutPassword(dockerfile.url);
  const isFetched = dockerfile.kind === "in-context" && typeof context !== "string" && context.kind === "url";
  return isFetched ? `${contextPlace({ context })} ${dockerfile.path}` : undefined;
}

/** The Dockerfile as it is now; undefined when it cannot be read here. */
export async function readDockerfile(sources: Pick<BuildSources, "dockerfile">): Promise<string | undefined> {
  const path = dockerfilePath(sources);
  return path === undefined ? undefined : await readFile(path, "utf8").catch(() => undefined);
}
