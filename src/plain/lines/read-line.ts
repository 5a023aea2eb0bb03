/** The words of the line mode: the names and letters of the screen's commands, and what a typed line means. Pure. */
import { BktuiError, unreachable } from "../../base/errors.ts";
import { nearest } from "../../base/near.ts";
import { visibleLine } from "../../base/visible.ts";
import { parseBreak, type TypedBreak } from "../../debugger/breakpoints/break-spec.ts";
import { type Line, lineOf } from "../../graph/graph.ts";
import type { VisitWish } from "./shell-use.ts";
import { type StepName, splitStep } from "./step-words.ts";

/** What a line asks for. Numbers are as typed: steps and breakpoints as they are shown to people. */
export type Wish =
  | { readonly kind: "nothing" }
  | { readonly kind: "move"; readonly command: "next" | "into" | "finish" | "continue" }
  /** `nth`: which of the line's steps, from 1. */
  | { readonly kind: "to"; readonly line: Line; readonly nth?: number }
  | { readonly kind: "pause" }
  | { readonly kind: "cancel" }
  | { readonly kind: "rerun"; readonly here: boolean }
  | { readonly kind: "reconnect" }
  | { readonly kind: "target"; readonly stage: string }
  /** Without a place: where the build stands. */
  | { readonly kind: "break"; readonly spec: TypedBreak | undefined }
  | { readonly kind: "breaks" }
  | { readonly kind: "delete"; readonly number: number }
  | { readonly kind: "switch"; readonly number: number; readonly enabled: boolean }
  | { readonly kind: "list"; readonly line: Line | undefined }
  | { readonly kind: "here" }
  | { readonly kind: "steps" }
  | { readonly kind: "graph" }
  | { readonly kind: "swap" }
  | { readonly kind: "error" }
  | { readonly kind: "warnings" }
  | { readonly kind: "quit" }
  | { readonly kind: "log"; readonly step: number | undefined; readonly raw: boolean }
  | { readonly kind: "info"; readonly step: number | undefined }
  /** Of a step, or of the one stood at. Without a path: what it changed. */
  | { readonly kind: "files"; readonly step: StepName | undefined; readonly path: string | undefined }
  | { readonly kind: "diff"; readonly step: StepName | undefined; readonly path: string }
  /** Counts from 1; undefined = the next one. */
  | { readonly kind: "failure"; readonly step: number | undefined }
  | ({ readonly kind: "shell" } & VisitWish)
  | { readonly kind: "help"; readonly word: string }
  | { readonly kind: "unknown"; readonly why: string };

/** Whether a word can act while the build runs; the others wait until it has come to rest. */
export type When = "at-rest" | "always";

export interface Word {
  readonly name: string;
  /** The screen's key, where it is one character. */
  readonly letter: string;
  readonly also: readonly string[];
  /** E.g. "LINE"; "" = takes none. */
  readonly argument: string;
  /** What it does, as the help says it. */
  readonly label: string;
  readonly when: When;
  read(argument: string): Wish;
}

function word(
  names: string,
  argument: string,
  label: string,
  when: When,
  read: (argument: string) => Wish,
): Word {
  const [name = "", letter = "", ...also] = names.split(" ");
  return { name, letter, also, argument, label, when, read };
}

/** `raw` or `--raw`, before or behind the number. */
const RAW = /(?<!\S)(?:--)?raw(?!\S)/;

/** In the order of the help. */
export const WORDS: readonly Word[] = [
  word("next n", "", "run this step, stop at the next", "at-rest", () => ({ kind: "move", command: "next" })),
  word("into s step", "", "into the stage this step needs", "at-rest", () => ({
    kind: "move",
    command: "into",
  })),
  word("finish f", "", "finish this stage", "at-rest", () => ({ kind: "move", command: "finish" })),
  word("continue c", "", "run to a breakpoint, an error or the end", "at-rest", () => ({
    kind: "move",
    command: "continue",
  })),
  word("to t", "LINE", "run to a line, or to a step of it: 13.2", "at-rest", readTo),
  word("pause p", "", "stop before the next step", "always", () => ({ kind: "pause" })),
  word("cancel", "", "cancel the running step", "always", () => ({ kind: "cancel" })),
  word("rerun r", "", "rerun, stop here again", "at-rest", () => ({ kind: "rerun", here: true })),
  word("restart R", "", "rerun from the start", "at-rest", () => ({ kind: "rerun", here: false })),
  word("reconnect", "", "connect again to an engine that is lost or silent", "always", () => ({
    kind: "reconnect",
  })),
  word("target T", "STAGE", "build another stage, from the start", "at-rest", (text) => ({
    kind: "target",
    stage: given(text, "a stage"),
  })),
  word(
    "break b",
    "[PLACE]",
    "set a breakpoint, without a place: here; none deletes all",
    "always",
    readBreak,
  ),
  word("breaks breakpoints", "", "list the breakpoints", "always", () => ({ kind: "breaks" })),
  word("delete D d", "NUMBER", "delete a breakpoint", "always", (text) => ({
    kind: "delete",
    number: numberArgument(text),
  })),
  word("off disable", "NUMBER", "switch a breakpoint off", "always", (text) => ({
    kind: "switch",
    number: numberArgument(text),
    enabled: false,
  })),
  word("on enable", "NUMBER", "switch a breakpoint on", "always", (text) => ({
    kind: "switch",
    number: numberArgument(text),
    enabled: true,
  })),
  word(
    "shell ! sh",
    "[STEP]",
    "shell in the shown state of a step",
    "at-rest",
    readVisit({ how: "return", debugRoot: false, retry: false }),
  ),
  word(
    "shell-new N",
    "[STEP]",
    "another shell in it, beside those that were left",
    "at-rest",
    readVisit({ how: "new", debugRoot: false, retry: false }),
  ),
  word(
    "shell-restart K",
    "[STEP]",
    "a shell in the clean state, ending the others",
    "at-rest",
    readVisit({ how: "clean", debugRoot: false, retry: false }),
  ),
  word(
    "retry C",
    "[STEP]",
    "the shell, with the step's command typed into it",
    "at-rest",
    readVisit({ how: "return", debugRoot: false, retry: true }),
  ),
  word(
    "debug-shell",
    "[STEP]",
    "shell with other programs, state at /target",
    "at-rest",
    readVisit({ how: "return", debugRoot: true, retry: false }),
  ),
  word("swap x", "", "show BASE instead of FAILED or AFTER, and back", "at-rest", () => ({ kind: "swap" })),
  word(
    "failure",
    "[STEP]",
    "stand at the next step that failed, or at one by its number",
    "at-rest",
    (text) => ({
      kind: "failure",
      step: optionalNumber(text),
    }),
  ),
  word("here H where", "", "say where the build stands", "at-rest", () => ({ kind: "here" })),
  word("list l source", "[LINE]", "the file around the position or a line", "at-rest", (text) => ({
    kind: "list",
    line: text === "" ? undefined : lineArgument(text),
  })),
  word("steps", "", "every step and how it stands", "at-rest", () => ({ kind: "steps" })),
  word("graph", "", "stages and steps, and what feeds each step", "at-rest", () => ({ kind: "graph" })),
  word("log", "[STEP] [raw]", "what a step has printed; raw: with what it wrote over", "at-rest", (text) => ({
    kind: "log",
    step: optionalNumber(text.replace(RAW, "").trim()),
    raw: RAW.test(text),
  })),
  word("info i", "[STEP]", "user, directory, environment and mounts of a step", "at-rest", (text) => ({
    kind: "info",
    step: optionalNumber(text),
  })),
  word("files", "[STEP] [PATH]", "files a step changed, or what is in a directory", "at-rest", (text) => {
    const { step, rest } = splitStep(text);
    return { kind: "files", step, path: rest === "" ? undefined : rest };
  }),
  word("diff", "[STEP] PATH", "what a step changed in a file", "at-rest", (text) => {
    const { step, rest } = splitStep(text);
    return { kind: "diff", step, path: given(rest, "a path") };
  }),
  word("warnings", "", "what is warned of, and what the rules ask for", "always", () => ({
    kind: "warnings",
  })),
  word("error", "", "everything known about the last error", "always", () => ({ kind: "error" })),
  word("help ? h", "[COMMAND]", "this list", "always", (text) => ({ kind: "help", word: text })),
  word("quit q exit", "", "quit; exit code 0 when the target was built, else 1", "at-rest", () => ({
    kind: "quit",
  })),
];

/** The word that was meant: by name, letter or the unambiguous beginning of a name. */
export function wordOf(typed: string): Word | undefined {
  const exact = WORDS.find((known) => namesOf(known).includes(typed));
  if (exact !== undefined) return exact;
  const lower = typed.toLowerCase();
  const named = WORDS.find((known) => known.name === lower || known.also.includes(lower));
  if (named !== undefined) return named;
  const starting = WORDS.filter(({ name }) => lower !== "" && name.startsWith(lower));
  return starting.length === 1 ? starting[0] : undefined;
}

function namesOf({ name, letter, also }: Word): readonly string[] {
  return [name, letter, ...also].filter((text) => text !== "");
}

/** What a typed line means, and when that can be done. A wrong line is answered with what is near. */
export function readWish(text: string): { readonly wish: Wish; readonly when: When } {
  // As on the screen, where commands by name begin with a colon.
  const line = text.trim().replace(/^:/, "").trim();
  if (line === "") return { wish: { kind: "nothing" }, when: "at-rest" };
  const [typed = "", ...rest] = line.startsWith("!") ? ["!", line.slice(1).trim()] : line.split(/\s+/);
  const argument = rest.join(" ").trim();
  const known = wordOf(typed);
  if (known === undefined) return { wish: { kind: "unknown", why: unknownWord(typed) }, when: "always" };
  if (argument !== "" && known.argument === "")
    return { wish: { kind: "unknown", why: `${known.name} takes nothing after it` }, when: "always" };
  try {
    return { wish: known.read(argument), when: known.when };
  } catch (error) {
    if (!(error instanceof BktuiError)) throw error;
    return { wish: { kind: "unknown", why: error.message }, when: "always" };
  }
}

function unknownWord(typed: string): string {
  const shown = visibleLine(typed);
  const starting = WORDS.map(({ name }) => name).filter((name) => name.startsWith(typed.toLowerCase()));
  const near = starting.length > 1 ? starting : nearest(typed, WORDS.flatMap(namesOf));
  return near.length === 0
    ? `no command "${shown}"; help lists them`
    : `no command "${shown}"; did you mean ${near.join(" or ")}?`;
}

function readBreak(text: string): Wish {
  if (text === "") return { kind: "break", spec: undefined };
  try {
    return { kind: "break", spec: parseBreak(text) };
  } catch (error) {
    if (!(error instanceof BktuiError)) throw error;
    throw wrong(error.hint === undefined ? error.message : `${error.message}; ${error.hint}`);
  }
}

function readVisit(visit: Omit<VisitWish, "step">): (text: string) => Wish {
  return (text) => ({ kind: "shell", step: optionalNumber(text), ...visit });
}

function readTo(text: string): Wish {
  const [, line = text, nth] = /^(.*)\.([1-9]\d{0,3})$/.exec(text) ?? [];
  return { kind: "to", line: lineArgument(line), ...(nth === undefined ? {} : { nth: Number(nth) }) };
}

function given(text: string, what: string): string {
  if (text === "") throw wrong(`${what} is missing`);
  return text;
}

function numberArgument(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw wrong(text === "" ? "a number is missing" : `"${visibleLine(text)}" is not a number`);
}

function optionalNumber(text: string): number | undefined {
  return text === "" ? undefined : numberArgument(text);
}

function lineArgument(text: string): Line {
  return lineOf(numberArgument(text.replace(/^line\s+/, "")));
}

function wrong(message: string): BktuiError {
  return new BktuiError("usage", message);
}

/** The help, one line per word, or about one word. */
export function helpLines(about: string): readonly string[] {
  if (about !== "") {
    const known = wordOf(about);
    return known === undefined ? [unknownWord(about)] : [helpLine(known)];
  }
  return [
    ...WORDS.map(helpLine),
    "an empty line repeats next, into or continue",
    "Ctrl-C pauses a running build; again: cancels the running step; three times: leaves",
  ];
}

function helpLine({ name, letter, also, argument, label }: Word): string {
  const others = [letter, ...also].filter((text) => text !== "").join(", ");
  const usage = `${name}${argument === "" ? "" : ` ${argument}`}`;
  return `${usage.padEnd(26)} ${others.padEnd(14)} ${label}`;
}

/** Whether an empty line after it means the same again, as in gdb. */
export function repeats(wish: Wish): boolean {
  switch (wish.kind) {
    case "move":
      return wish.command !== "finish";
    case "nothing":
    case "to":
    case "pause":
    case "cancel":
    case "rerun":
    case "reconnect":
    case "target":
    case "break":
    case "breaks":
    case "delete":
    case "switch":
    case "list":
    case "here":
    case "steps":
    case "graph":
    case "swap":
    case "error":
    case "warnings":
    case "quit":
    case "log":
    case "info":
    case "files":
    case "diff":
    case "shell":
    case "failure":
    case "help":
    case "unknown":
      return false;
    default:
      return unreachable(wish);
  }
}
