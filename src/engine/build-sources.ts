/** What a build is made from: a Dockerfile, something else that a frontend reads, or a definition; and where its files are. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

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

/** A Dockerfile, read by the engine's own frontend or the one of its `# syntax=`. */
export interface DockerfileSource {
  readonly kind: "dockerfile";
  readonly context: BuildContext;
  readonly dockerfile: BuildFile;
}

/** What a frontend reads that was named by itself. */
export interface FrontendSource {
  readonly kind: "frontend";
  /** As the engine knows it, e.g. "gateway.v0" (whose image is the option `source`) or "dockerfile.v0". */
  readonly name: string;
  /** As given, e.g. `filename`; those that the request itself has fields for come on top. */
  readonly options: Readonly<Record<string, string>>;
  /** Absolute paths of directories that the engine can ask for, by name. */
  readonly locals: Readonly<Record<string, string>>;
  /** Absolute paths of image layouts that the engine can read blobs of, by name. */
  readonly layouts?: Readonly<Record<string, string>>;
  /** Absolute path of the text that is shown; undefined = the one that the frontend usually reads, if it is there. */
  readonly shown: string | undefined;
  /** It reads another file than is usual, and which one is not known: its text is the one that it tells. */
  readonly isUnusual?: true;
}

/** A definition that another program has made. */
export interface DefinitionSource {
  readonly kind: "definition";
  /** Of marshalled `pb.Definition`, or JSON that has it; a private copy when it came on standard input. */
  readonly file: string | { readonly kind: "copy"; readonly path: string; readonly of: string };
  /** Absolute path of the JSON of the image's configuration; undefined = the one in the file, if any. */
  readonly imageConfig: string | undefined;
  readonly locals: Readonly<Record<string, string>>;
  /** As those of a frontend. */
  readonly layouts?: Readonly<Record<string, string>>;
  /** Absolute path of the text that is shown, e.g. a build plan; undefined = a listing of the definition. */
  readonly shown: string | undefined;
}

export type BuildSource = DockerfileSource | FrontendSource | DefinitionSource;

export interface Sourced {
  readonly source: BuildSource;
}

export function fromDockerfile(context: BuildContext, dockerfile: BuildFile): DockerfileSource {
  return { kind: "dockerfile", context, dockerfile };
}

/** By which name frontends ask for the directory with the build's own file, and for that with all others. */
const FILE_LOCAL = "dockerfile";
const CONTEXT_LOCAL = "context";

/** The context's directory on this machine; undefined when it is none. */
export function contextDirectory({ source }: Sourced): string | undefined {
  if (source.kind !== "dockerfile") return source.locals[CONTEXT_LOCAL];
  return typeof source.context === "string" ? source.context : undefined;
}

/** Path of the text that the build is written in, or of its private copy, on this machine; undefined when there is none here. */
export function sourcePath({ source }: Sourced): string | undefined {
  if (source.kind === "definition") return source.shown;
  if (source.kind === "frontend") {
    if (source.isUnusual === true) return source.shown;
    const directory = source.locals[FILE_LOCAL];
    const usual =
      directory === undefined ? undefined : join(directory, source.options["filename"] ?? FETCHED_NAME);
    return source.shown ?? usual;
  }
  const { dockerfile } = source;
  if (typeof dockerfile === "string") return dockerfile;
  return dockerfile.kind === "copy" ? dockerfile.path : undefined;
}

const FETCHED_NAME = "Dockerfile";

/** E.g. "Dockerfile". */
export function sourceName(request: Sourced): string {
  const { source } = request;
  if (source.kind === "definition") return basename(source.shown ?? definitionPath(source));
  if (source.kind === "frontend") return basename(sourcePath(request) ?? frontendImage(source));
  const { dockerfile } = source;
  if (typeof dockerfile !== "string" && dockerfile.kind === "url") return FETCHED_NAME;
  return basename(typeof dockerfile === "string" ? dockerfile : dockerfile.path);
}

/** Where what is built is written, for people. Passwords of a URL are left out. */
export function sourcePlace(request: Sourced): string {
  const { source } = request;
  if (source.kind === "definition")
    return typeof source.file === "string" ? source.file : `the definition of ${source.file.of}`;
  if (source.kind === "frontend") return sourcePath(request) ?? `what ${frontendImage(source)} reads`;
  const { dockerfile } = source;
  if (typeof dockerfile === "string") return dockerfile;
  if (dockerfile.kind === "copy") return `the Dockerfile of ${dockerfile.of}`;
  if (dockerfile.kind === "url") return withoutPassword(dockerfile.url);
  return `${dockerfile.path} of ${contextPlace(request)}`;
}

/** The frontend, for people: its image where it is one. */
export function frontendImage({ name, options }: Pick<FrontendSource, "name" | "options">): string {
  return options["source"] ?? name;
}

/** Of the definition on this machine. */
export function definitionPath({ file }: Pick<DefinitionSource, "file">): string {
  return typeof file === "string" ? file : file.path;
}

/** The context, for people; "" for a build without. Passwords of a URL are left out. */
export function contextPlace({ source }: Sourced): string {
  if (source.kind !== "dockerfile") return source.locals[CONTEXT_LOCAL] ?? "";
  const { context } = source;
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
 * Under which a later run finds what belongs to this text: its path, or its place in a fetched context. Undefined for what
 * only this run has.
 */
export function sourceKey(request: Sourced): string | undefined {
  const { source } = request;
  if (source.kind === "definition")
    return source.shown ?? (typeof source.file === "string" ? source.file : undefined);
  if (source.kind === "frontend") return sourcePath(request);
  const { context, dockerfile } = source;
  if (typeof dockerfile === "string") return dockerfile;
  if (dockerfile.kind === "url") return withoutPassword(dockerfile.url);
  const isFetched = dockerfile.kind === "in-context" && typeof context !== "string" && context.kind === "url";
  return isFetched ? `${contextPlace(request)} ${dockerfile.path}` : undefined;
}

/** The text as it is now; undefined when it cannot be read here. */
export async function readSource(request: Sourced): Promise<string | undefined> {
  const path = sourcePath(request);
  return path === undefined ? undefined : await readFile(path, "utf8").catch(() => undefined);
}

/** The Dockerfile of a build of one, on this machine and its own: not a private copy. */
export function ownDockerfile({ source }: Sourced): string | undefined {
  if (source.kind !== "dockerfile") return undefined;
  return typeof source.dockerfile === "string" ? source.dockerfile : undefined;
}
