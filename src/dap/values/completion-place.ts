/** Where in a typed text something is to be completed, and what of it is replaced. Pure. */
import { commandNamed, commandsOf } from "../../console/command-table.ts";

/** The line that the cursor is in, as far as the cursor; places count UTF-16 units from 0. */
export interface CompletionPlace {
  /** In front of the cursor, in its line. */
  readonly before: string;
  /** Where the line begins in the whole text. */
  readonly lineStart: number;
}

/**
 * @param line from 0; undefined = the first one
 * @param column of the cursor, from 0
 */
export function completionPlace(text: string, line: number | undefined, column: number): CompletionPlace {
  const lines = text.split("\n");
  const wanted = Math.max(0, Math.min(line ?? 0, lines.length - 1));
  const lineStart = lines.slice(0, wanted).reduce((sum, each) => sum + each.length + 1, 0);
  const own = lines[wanted] ?? "";
  return { before: own.slice(0, Math.max(0, Math.min(column, own.length))), lineStart };
}

/** What is being typed at the end of a line: what can stand there, and how much of it is there. */
export type Wanted =
  | { readonly kind: "command" }
  /** Of which command, as it is typed. */
  | { readonly kind: "argument"; readonly command: string }
  /** Behind `$`, `${`, `ENV.` or `ARG.`. */
  | { readonly kind: "variable"; readonly scope: "ENV" | "ARG" | "any" }
  /** A path of the state: the directory that is typed so far. */
  | { readonly kind: "path"; readonly directory: string };

export interface Typed {
  readonly wanted: Wanted;
  /** The beginning of the word that is completed. */
  readonly word: string;
}

/** Commands whose last argument is a path of the state, or has one in it. */
const PATHS: ReadonlySet<string> = new Set(["files", "cat", "diff", "exec", "shell", "break"]);
const PATH = /(?:^|[\s=:"'])(\/[^\s"']*)$/;
const VARIABLE = /(?:\$\{?|\b(ENV|ARG)\.)(\w*)$/;

export function typedBefore(before: string): Typed {
  const variable = VARIABLE.exec(before);
  if (variable !== null) {
    const [, scope, word = ""] = variable;
    return { wanted: { kind: "variable", scope: scope === "ENV" || scope === "ARG" ? scope : "any" }, word };
  }
  const [, command, behind = ""] = /^\s*:?(!|[^\s/]+)([\s/].*)?$/s.exec(before) ?? [];
  const path = PATH.exec(before)?.[1];
  if (path !== undefined && (command === undefined || takesPath(command))) {
    const end = path.lastIndexOf("/") + 1;
    return { wanted: { kind: "path", directory: path.slice(0, end) }, word: path.slice(end) };
  }
  if (command === undefined || behind === "") return { wanted: { kind: "command" }, word: command ?? "" };
  const word = /\S*$/.exec(behind)?.[0] ?? "";
  return { wanted: { kind: "argument", command }, word };
}

function takesPath(command: string): boolean {
  // As a path of a state is named: "BASE:/etc".
  if (command.startsWith("!") || /^(?:BASE|FAILED|AFTER):$/i.test(command)) return true;
  return PATHS.has(commandNamed(command, commandsOf("lines"))?.name ?? "");
}
