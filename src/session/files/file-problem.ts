/** Why a file could not be sent, as data and in words. */
import { BktuiError } from "../../base/errors.ts";
import { type BytePath, toText } from "./byte-path.ts";

/** Why the content that the build asked for is not what was announced. All but "grew" fail the transfer. */
export type FileProblemKind =
  | "unreadable" // permission, I/O error, a name too long
  | "vanished"
  | "replaced" // another file, or a link, has taken the place
  | "shrank"
  | "grew" // sent as long as announced; the rest is missing
  | "not-utf8"; // the engine hung up; seen from BuildKit 0.25 (Docker 28.5), while 0.8 takes such names

/** Something went wrong with one file of the build, so that the build may name it. */
export interface FileProblem {
  readonly kind: FileProblemKind;
  /** "context" or "dockerfile". */
  readonly directory: string;
  /** Relative to the directory, decoded; untrusted text. */
  readonly path: string;
  /** One sentence with the path (shortened) and the reason. */
  readonly message: string;
}

/** Ends a transfer; `problem` says what about. */
export class FileTransferFailed extends BktuiError {
  override readonly name = "FileTransferFailed";
  readonly problem: FileProblem;

  constructor(problem: FileProblem, options: { readonly cause?: unknown } = {}) {
    super("io", problem.message, options);
    this.problem = problem;
  }
}

export function fileProblem(
  directory: string,
  path: BytePath,
  kind: FileProblemKind,
  cause?: unknown,
): FileProblem {
  const text = toText(path);
  const what =
    text === "" ? `the ${directory} directory` : `${directory} file ${JSON.stringify(shorten(text))}`;
  return { kind, directory, path: text, message: `${what} ${reason(kind, cause)}` };
}

/** Sorts an error of a file function into a kind. */
export function problemKindOf(error: unknown): FileProblemKind {
  switch (codeOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "vanished";
    case "ELOOP":
      return "replaced";
    default:
      return "unreadable";
  }
}

/** A system error in words, for messages. */
export function describeSystemError(error: unknown): string {
  switch (codeOf(error)) {
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "ENOENT":
      return "no such file or directory";
    case "ENOTDIR":
      return "not a directory";
    case "ENAMETOOLONG":
      return "the path is too long";
    case "EIO":
      return "input/output error";
    default:
      // Node's own text has the whole path in it, and untrusted bytes with it.
      return String(codeOf(error) ?? "unknown reason");
  }
}

function reason(kind: FileProblemKind, cause: unknown): string {
  switch (kind) {
    case "unreadable":
      return `cannot be read: ${describeSystemError(cause)}`;
    case "vanished":
      return "vanished while the build was reading it";
    case "replaced":
      return "was replaced by another file or a link while the build was reading it";
    case "shrank":
      return "became shorter while the build was reading it";
    case "grew":
      return "became longer while the build was reading it; the build has its old length";
    case "not-utf8":
      return "has a name that is not UTF-8, and the engine gave up the transfer";
  }
}

const LONGEST_PATH = 200;

function shorten(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  return `${path.slice(0, LONGEST_PATH - 60)}…${path.slice(-50)}`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
