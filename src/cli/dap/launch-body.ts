/** The arguments of `launch` and `attach` as editors send them, to what is meant. Pure. */
import * as v from "valibot";
import { BktuiError } from "../../base/errors.ts";
import { nearest } from "../../base/near.ts";
import { visibleLine } from "../../base/visible.ts";
import type { BakeAsked } from "./bake-launch.ts";
import { type OptionKey, recordOf } from "./option-keys.ts";

/** What a body says; undefined = nothing. */
export interface LaunchBody {
  readonly dockerfile: string | undefined;
  /** A directory or a URL. */
  readonly contextPath: string | undefined;
  /** As typed behind a command line. */
  readonly args: readonly string[];
  /** What relative paths refer to. */
  readonly cwd: string | undefined;
  /** Variables for the build's options and for finding its engine; null = not set. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Places, as typed. */
  readonly breakpoints: readonly string[];
  /** Undefined = nobody says. */
  readonly stopOnEntry: boolean | undefined;
  /** Targets of a bake or compose file are built; undefined = a Dockerfile is. */
  readonly bake: BakeAsked | undefined;
  /** Of a server that asks for one. */
  readonly token: string | undefined;
  /** To which build it is to be attached. */
  readonly session: string | undefined;
  /** What the other keys say, as words of a command line. */
  readonly optionWords: readonly string[];
  /** Of keys that mean nothing here. */
  readonly notes: readonly string[];
}

const TRUE_OR_FALSE = "true or false";
const TEXT = "a text";
const LIST = 'a list of texts, e.g. ["--build-arg", "A=1"]';
const PLACES = 'a list of places, e.g. [12, "app:end", "/RUN npm/"]';
const TARGETS = 'a target of a bake file, a list of them, or true for its default, e.g. ["app", "tests"]';
const FILES = 'a bake or compose file, or a list of them, e.g. ["docker-bake.hcl"]';
const VARIABLES = "an object with a text for each variable";

const place = v.pipe(
  v.union([v.string(), v.number(), v.null()], PLACES),
  v.transform((each) => String(each ?? "")),
);
const word = v.pipe(
  v.union([v.string(), v.number(), v.null()], LIST),
  v.transform((each) => String(each ?? "")),
);
const variable = v.pipe(
  v.union([v.string(), v.number(), v.boolean(), v.null()], VARIABLES),
  v.transform((value) => (value === null ? null : String(value))),
);

/** The keys that stand for no option. */
export const ownKeys = {
  dockerfile: v.optional(v.string(TEXT)),
  file: v.optional(v.string(TEXT)),
  contextPath: v.optional(v.string(TEXT)),
  context: v.optional(v.string(TEXT)),
  args: v.optional(v.array(word, LIST)),
  cwd: v.optional(v.string(TEXT)),
  env: v.optional(recordOf(variable, VARIABLES)),
  breakpoints: v.optional(v.array(place, PLACES)),
  stopOnEntry: v.optional(v.boolean(TRUE_OR_FALSE)),
  run: v.optional(v.boolean(TRUE_OR_FALSE)),
  noDebug: v.optional(v.boolean(TRUE_OR_FALSE)),
  bake: v.optional(v.union([v.string(), v.boolean(), v.array(word, TARGETS)], TARGETS)),
  bakeFiles: v.optional(v.union([v.string(), v.array(word, FILES)], FILES)),
  token: v.optional(v.string(TEXT)),
  session: v.optional(v.string(TEXT)),
};

const ownSchema = v.looseObject(ownKeys);

/** Keys of the editors themselves, which they send along; and all that begin with two underscores. */
const EDITORS: ReadonlySet<string> = new Set([
  ...["type", "name", "request", "restart", "trace", "internalConsoleOptions", "presentation", "debugServer"],
  ...["preLaunchTask", "postDebugTask", "serverReadyAction", "suppressMultipleSessionView", "$schema"],
  ...["windows", "linux", "osx", "adapter", "label", "tcp_connection", "build", "server"],
]);
/** What stands there may be a secret. */
const UNSHOWN = /^(env|token|secret|build-?arg|opt|password|addr|context)/i;
const LONGEST_SHOWN = 40;
const MOST_NAMED = 5;

/**
 * Null, "" and lists of them are as nothing.
 * @param keys those of the options
 * @throws {BktuiError} "usage" with the key, what it may be and what it was.
 */
export function readLaunchBody(
  request: "launch" | "attach",
  body: unknown,
  keys: readonly OptionKey[],
): LaunchBody {
  const given = givenOf(request, body);
  const result = v.safeParse(ownSchema, given);
  if (!result.success) throw wrong(request, result.issues[0]);
  const { run, stopOnEntry, file, context, ...own } = result.output;
  const words: string[] = [];
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (name in ownKeys || EDITORS.has(name) || name.startsWith("__")) continue;
    const key = keys.find(({ names }) => names.includes(name));
    if (key === undefined) unknown.push(name);
    else words.push(...wordsOf(request, { name, value, key }));
  }
  return {
    dockerfile: own.dockerfile ?? file,
    contextPath: own.contextPath ?? context,
    args: own.args ?? [],
    cwd: own.cwd,
    env: own.env ?? {},
    breakpoints: (own.breakpoints ?? []).filter((each) => each !== ""),
    stopOnEntry: stopOnEntry ?? (run === undefined ? undefined : !run),
    bake: bakeOf(own),
    token: own.token,
    session: own.session,
    optionWords: words,
    notes: notesOf(unknown, keys),
  };
}

function bakeOf({
  bake,
  bakeFiles,
}: {
  readonly bake?: string | boolean | readonly string[] | undefined;
  readonly bakeFiles?: string | readonly string[] | undefined;
}): BakeAsked | undefined {
  if (bake === false || (bake === undefined && bakeFiles === undefined)) return undefined;
  const list = (given: string | readonly string[]): readonly string[] =>
    [given].flat().filter((each) => each !== "");
  return { targets: bake === undefined || bake === true ? [] : list(bake), files: list(bakeFiles ?? []) };
}

function givenOf(request: string, body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined || body === null) return {};
  if (typeof body !== "object" || Array.isArray(body))
    throw new BktuiError("usage", `${request}: the arguments are to be an object, not ${shown("", body)}`, {
      hint: 'for example {"contextPath": ".", "stopOnEntry": true}',
    });
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== ""));
}

function wordsOf(
  request: string,
  { name, value, key }: { readonly name: string; readonly value: unknown; readonly key: OptionKey },
): readonly string[] {
  const result = v.safeParse(key.words, value);
  if (result.success) return result.output;
  throw wrongKey(request, name, result.issues[0].message, value);
}

function wrong(request: string, issue: v.BaseIssue<unknown>): BktuiError {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  return wrongKey(request, path.join("."), issue.message, issue.input);
}

function wrongKey(request: string, name: string, expected: string, value: unknown): BktuiError {
  return new BktuiError(
    "usage",
    `${request}: "${visibleLine(name.slice(0, LONGEST_SHOWN))}" is to be ${expected}, not ${shown(name, value)}`,
    { hint: "correct it in the editor's launch configuration" },
  );
}

function shown(name: string, value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  const kind = typeof value === "string" ? "the text" : `the ${typeof value}`;
  if (UNSHOWN.test(name)) return typeof value === "string" ? "a text" : `a ${typeof value}`;
  const text = JSON.stringify(value) ?? "";
  return `${kind} ${visibleLine(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text)}`;
}

function notesOf(unknown: readonly string[], keys: readonly OptionKey[]): readonly string[] {
  const known = [...Object.keys(ownKeys), ...keys.flatMap(({ names }) => names.slice(0, 2))];
  const notes = unknown.slice(0, MOST_NAMED).map((name) => {
    const [near] = nearest(name, known);
    const hint = near === undefined ? "" : `, did you mean "${near}"?`;
    return visibleLine(`launch configuration: "${name.slice(0, LONGEST_SHOWN)}" is no key of bktui${hint}`);
  });
  const left = unknown.length - notes.length;
  return left > 0 ? [...notes, `launch configuration: ${left} more keys mean nothing here`] : notes;
}
