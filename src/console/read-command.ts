/** What a typed line means: one grammar for the command line of the screen and the lines of the line mode. Pure. */
import { BktuiError } from "../base/errors.ts";
import { nearest } from "../base/near.ts";
import { splitWords } from "../base/split-words.ts";
import { visibleLine } from "../base/visible.ts";
import type { BreakpointOrder, BreakpointRule, CatchFilter } from "../debugger/breakpoint.ts";
import { parseOrder, parseRule, type TypedOrder } from "../debugger/breakpoints/break-order.ts";
import { parseCatches } from "../debugger/breakpoints/catches.ts";
import type { BuildInputOption } from "../debugger/remedies.ts";
import { type Line, lineOf } from "../graph/graph.ts";
import {
  COMMANDS,
  type CommandId,
  type CommandRow,
  commandNamed,
  commandsOf,
  type FrontEnd,
  namesOf,
  rowOf,
  type ScreenCommandId,
  type When,
} from "./command-table.ts";
import { type Expectation, readExpectation } from "./expectations/read-expectation.ts";
import type { LogQuery } from "./log-lines.ts";
import { type StepName, splitStep } from "./step-names.ts";

/** Commands that take a step and nothing else; without one they mean the step that is shown or stood at. */
type StepCommandId =
  | "shell"
  | "shell-new"
  | "shell-restart"
  | "shell-retry"
  | "debug-shell"
  | "changes"
  | "failure-next"
  | "graph-op"
  | "pane-info";

type WithArgument =
  | { readonly id: StepCommandId; readonly step: StepName | undefined }
  /** `nth`: which of the line's steps, from 1. */
  | {
      readonly id: "run-to" | "goto" | "pane-source";
      readonly line: Line | undefined;
      readonly nth: number | undefined;
    }
  | { readonly id: "target"; readonly stage: string | undefined }
  | { readonly id: "thread"; readonly which: string | undefined }
  | { readonly id: "break-line"; readonly place: TypedOrder | undefined }
  | { readonly id: "log-point"; readonly order: BreakpointOrder }
  /** `rule` undefined: none. `number` undefined: of a breakpoint that the front end asks for. */
  | {
      readonly id: "break-rule";
      readonly number: number | undefined;
      readonly rule: BreakpointRule | undefined;
    }
  | { readonly id: "break-why"; readonly number: number | undefined }
  /** Undefined: which there are is asked. */
  | { readonly id: "catch"; readonly filters: readonly CatchFilter[] | undefined }
  /** As the list of breakpoints numbers them. */
  | { readonly id: "break-delete"; readonly number: number | undefined }
  | { readonly id: "break-on" | "break-off"; readonly number: number }
  | ({ readonly id: "pane-log"; readonly step: StepName | undefined; readonly raw: boolean } & LogQuery)
  | { readonly id: "files"; readonly step: StepName | undefined; readonly path: string | undefined }
  | { readonly id: "file-diff" | "file-show"; readonly step: StepName | undefined; readonly path: string }
  /** `name`: of the one variable that is asked for. */
  | { readonly id: "environment"; readonly step: StepName | undefined; readonly name: string | undefined }
  /** `text`: as a shell reads it. */
  | { readonly id: "shell-command"; readonly step: StepName | undefined; readonly text: string }
  /** `words`: which of its states, as what and where to; see exports/read-export.ts. */
  | { readonly id: "export"; readonly step: StepName | undefined; readonly words: readonly string[] }
  /** See bundles/read-bundle.ts; empty = no file was typed. */
  | { readonly id: "bundle"; readonly words: readonly string[] }
  /** A program and its arguments; empty = none was typed. */
  | { readonly id: "run-program"; readonly args: readonly string[] }
  /** Options of the command line that the next build gets too; `text` is what stands behind the name. */
  | { readonly id: BuildInputOption; readonly text: string }
  /** `value` undefined = the argument is not given any more. */
  | { readonly id: "arg"; readonly name: string; readonly value: string | undefined }
  | { readonly id: "help"; readonly about: string }
  | { readonly id: "dap"; readonly where: string }
  | { readonly id: "expect"; readonly expectation: Expectation }
  /** The words behind it are the front end's own. */
  | { readonly id: "settings" | "shell-send"; readonly text: string };

type WithArgumentId = WithArgument["id"];

type BareCommand = PerId<{ readonly id: Exclude<CommandId, WithArgumentId> }>;

/** What a line asks for. Numbers are as typed: steps and breakpoints as they are shown to people. */
export type TypedCommand = PerId<WithArgument | BareCommand>;

/** One that is not about the full screen. */
export type LineCommand = Exclude<TypedCommand, { readonly id: ScreenCommandId }>;

/** A member for each id, so that one can be picked. */
type PerId<C extends { readonly id: string }> = C extends unknown
  ? { [Id in C["id"]]: Omit<C, "id"> & { readonly id: Id } }[C["id"]]
  : never;

export type Reading<C = TypedCommand> =
  | { readonly kind: "nothing" }
  | { readonly kind: "command"; readonly command: C; readonly when: When }
  | { readonly kind: "unknown"; readonly why: string };

/**
 * `next`, `12`, `13.2`, `break 11`, `break /RUN npm/`, `target app`, `secret id=token,src=PATH`, `files 3 /etc`, each also
 * behind a colon. A wrong line is answered with what is near.
 */
export function readCommand(text: string, frontEnd: FrontEnd): Reading {
  const line = text.trim().replace(/^:/, "").trim();
  if (line === "") return { kind: "nothing" };
  const place = /^(\d{1,9})(?:\.([1-9]\d{0,3}))?$/.exec(line);
  if (place !== null) return atLine(place);
  const [, typed = line, rest = ""] = /^(!|\S+)\s*(.*)$/s.exec(line) ?? [];
  const row = commandNamed(typed, commandsOf(frontEnd));
  if (row === undefined) return { kind: "unknown", why: unknownCommand(typed, frontEnd) };
  if (rest !== "" && row.argument === "")
    return { kind: "unknown", why: `${row.name} takes nothing after it` };
  try {
    const meant = row.id === "shell" ? shellCommandOf(typed, rest) : undefined;
    return { kind: "command", command: meant ?? commandOf(row.id, rest), when: row.when };
  } catch (error) {
    if (!(error instanceof BktuiError)) throw error;
    return { kind: "unknown", why: error.message };
  }
}

/** A line of the line mode. */
export function readLine(text: string): Reading<LineCommand> {
  const reading = readCommand(text, "lines");
  if (reading.kind !== "command") return reading;
  const { command, when } = reading;
  return isForLines(command)
    ? { kind: "command", command, when }
    : { kind: "unknown", why: onlyOnScreen(command.id) };
}

function isForLines(command: TypedCommand): command is LineCommand {
  return rowOf(command.id)?.where !== "screen";
}

/** Why no command is meant by a word, and which may have been. */
export function unknownCommand(typed: string, frontEnd: FrontEnd): string {
  const commands = commandsOf(frontEnd);
  const shown = visibleLine(typed);
  const starting = commands.map(({ name }) => name).filter((name) => name.startsWith(typed.toLowerCase()));
  const elsewhere = commandNamed(typed, COMMANDS);
  if (elsewhere?.name === typed)
    return elsewhere.where === "lines" ? `${typed}: in lines and scripts only` : onlyOnScreen(typed);
  const near = starting.length > 1 ? starting : nearest(typed, commands.flatMap(namesOf));
  if (near.length > 0) return `no command "${shown}"; did you mean ${near.join(" or ")}?`;
  return `no command "${shown}"; help lists them`;
}

function onlyOnScreen(name: string): string {
  return `${name}: on the full screen only`;
}

/** How it is typed, e.g. "to LINE". */
export function usageOf({ name, argument }: CommandRow): string {
  return argument === "" ? name : `${name} ${argument}`;
}

function atLine([, line, nth]: RegExpExecArray): Reading {
  const number = Math.max(1, Number(line));
  const which = nth === undefined ? undefined : Number(nth);
  return {
    kind: "command",
    command: { id: "pane-source", line: lineOf(number), nth: which },
    when: "at-rest",
  };
}

function commandOf(id: CommandId, text: string): TypedCommand {
  return takesArgument(id) ? READERS[id](text) : ({ id } as BareCommand);
}

function takesArgument(id: CommandId): id is WithArgumentId {
  return Object.hasOwn(READERS, id);
}

const READERS: Readonly<Record<WithArgumentId, (text: string) => WithArgument>> = {
  shell: (text) => ({ id: "shell", step: stepArgument(text) }),
  "shell-new": (text) => ({ id: "shell-new", step: stepArgument(text) }),
  "shell-restart": (text) => ({ id: "shell-restart", step: stepArgument(text) }),
  "shell-retry": (text) => ({ id: "shell-retry", step: stepArgument(text) }),
  "debug-shell": (text) => ({ id: "debug-shell", step: stepArgument(text) }),
  changes: (text) => ({ id: "changes", step: stepArgument(text) }),
  "failure-next": (text) => ({ id: "failure-next", step: stepArgument(text) }),
  "graph-op": (text) => ({ id: "graph-op", step: stepArgument(text) }),
  "pane-info": (text) => ({ id: "pane-info", step: stepArgument(text) }),
  "run-to": (text) => ({ id: "run-to", ...lineArgument(text) }),
  goto: (text) => ({ id: "goto", ...lineArgument(text) }),
  "pane-source": (text) => ({ id: "pane-source", ...lineArgument(text) }),
  target: (text) => ({ id: "target", stage: optional(text) }),
  thread: (text) => ({ id: "thread", which: optional(text) }),
  "break-line": (text) => ({ id: "break-line", place: text === "" ? undefined : placeArgument(text) }),
  "log-point": (text) => ({ id: "log-point", order: logArgument(text) }),
  "break-rule": (text) => {
    const [, number, rule = ""] = /^(\S+)(?:\s+([\s\S]*))?$/.exec(text) ?? [];
    if (number === undefined) return { id: "break-rule", number, rule: undefined };
    const given = rule === "" ? undefined : withHint(() => parseRule(rule));
    return { id: "break-rule", number: numberArgument(number), rule: given };
  },
  "break-why": (text) => ({ id: "break-why", number: text === "" ? undefined : numberArgument(text) }),
  catch: (text) => ({
    id: "catch",
    filters: text === "" ? undefined : withHint(() => parseCatches(text)),
  }),
  "break-delete": (text) => ({ id: "break-delete", number: text === "" ? undefined : numberArgument(text) }),
  "break-on": (text) => ({ id: "break-on", number: numberArgument(text) }),
  "break-off": (text) => ({ id: "break-off", number: numberArgument(text) }),
  "pane-log": readLog,
  files: (text) => {
    const { step, rest } = splitStep(text);
    return { id: "files", step, path: optional(rest) };
  },
  "file-diff": (text) => {
    const { step, rest } = splitStep(text);
    return { id: "file-diff", step, path: given(rest, "a path") };
  },
  "file-show": (text) => {
    const { step, rest } = splitStep(text);
    return { id: "file-show", step, path: given(rest, "a path") };
  },
  environment: (text) => {
    const { step, rest } = splitStep(text);
    if (/[\s=]/.test(rest)) throw wrong(`"${visibleLine(rest)}" is no name of a variable`);
    return { id: "environment", step, name: optional(rest) };
  },
  "shell-command": (text) => {
    const { step, rest } = splitStep(text);
    // A command may well be a number.
    return rest === "" ? oneCommand(undefined, text) : oneCommand(step, rest);
  },
  export: (text) => {
    const { step, rest } = splitStep(text);
    return { id: "export", step, words: splitWords(rest) };
  },
  bundle: (text) => ({ id: "bundle", words: splitWords(text) }),
  "run-program": (text) => ({ id: "run-program", args: splitWords(text) }),
  secret: (text) => ({ id: "secret", text: given(text, "id=NAME,src=PATH") }),
  ssh: (text) => ({ id: "ssh", text: given(text, "default, or ID=SOCKET,") }),
  allow: (text) => ({ id: "allow", text: given(text, "an entitlement, e.g. network.host,") }),
  "build-arg": (text) => ({ id: "build-arg", text: given(text, "NAME=VALUE") }),
  arg: readArgument,
  expect: (text) => ({ id: "expect", expectation: readExpectation(text) }),
  help: (text) => ({ id: "help", about: text }),
  dap: (where) => ({ id: "dap", where: where.trim() }),
  settings: (text) => ({ id: "settings", text }),
  "shell-send": (text) => ({ id: "shell-send", text }),
};

/** `raw` or `--raw`, before or behind the step. */
const RAW = /(?<!\S)(?:--)?raw(?!\S)/;

const LOG_PART = /(?<!\S)(from|last)\s+([1-9]\d{0,8})(?!\S)/g;
const LOG_PATTERN = /(?<!\S)\/(.+)\/$/;

/** `[STEP] [raw] [from N] [last N] [/PATTERN/]`, in any order but for the pattern, which is the last. */
function readLog(text: string): WithArgument {
  const pattern = LOG_PATTERN.exec(text)?.[1];
  const words = text.replace(LOG_PATTERN, "");
  const numbers = new Map([...words.matchAll(LOG_PART)].map(([, word, number]) => [word, Number(number)]));
  const step = stepArgument(words.replaceAll(LOG_PART, "").replace(RAW, "").trim());
  return {
    id: "pane-log",
    step,
    raw: RAW.test(words),
    from: numbers.get("from"),
    count: numbers.get("last"),
    pattern,
  };
}

/** `NAME=VALUE`; NAME alone takes the argument back. */
function readArgument(text: string): WithArgument {
  const [, name, , value] = /^([A-Za-z_][A-Za-z0-9_.-]*)(=([\s\S]*))?$/.exec(text) ?? [];
  if (name === undefined) throw wrong("arg NAME=VALUE sets a build argument, arg NAME removes it");
  return { id: "arg", name, value };
}

/** `shell [STEP] -c COMMAND`, `! COMMAND`; undefined = a shell to stay in is meant. */
function shellCommandOf(typed: string, text: string): TypedCommand | undefined {
  const { step, rest } = splitStep(text);
  const [dashC, command = ""] = /^-c(?:\s+(.*))?$/s.exec(rest) ?? [];
  if (dashC !== undefined) return oneCommand(step, command);
  return typed === "!" && rest !== "" ? oneCommand(step, rest) : undefined;
}

/** In quotes as a whole it is what stands in them, as for `sh -c`; else it is taken as it stands. */
function oneCommand(
  step: StepName | undefined,
  text: string,
): Extract<TypedCommand, { readonly id: "shell-command" }> {
  const [word, ...more] = /^["']/.test(text) ? splitWords(text) : [];
  const command = word !== undefined && more.length === 0 ? word : text;
  return { id: "shell-command", step, text: given(command, "a command") };
}

function placeArgument(text: string): TypedOrder {
  return withHint(() => parseOrder(text));
}

function logArgument(text: string): BreakpointOrder {
  const typed = placeArgument(text);
  if ("spec" in typed && typed.rule?.log !== undefined) return typed;
  throw wrong("a log point wants a place and a text: logpoint 11 text CI is {CI}");
}

/** @throws {BktuiError} "usage" with the hint in the message. */
function withHint<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BktuiError)) throw error;
    throw wrong(error.hint === undefined ? error.message : `${error.message}; ${error.hint}`);
  }
}

function stepArgument(text: string): StepName | undefined {
  const { step, rest } = splitStep(text);
  if (rest !== "") throw wrong(`"${visibleLine(rest)}" is no step; write 3, line 12 or STAGE:end`);
  return step;
}

/** `12`, `line 12`, `13.2`. */
function lineArgument(text: string): { readonly line: Line | undefined; readonly nth: number | undefined } {
  if (text === "") return { line: undefined, nth: undefined };
  const [, line = text, nth] = /^(.*)\.([1-9]\d{0,3})$/.exec(text) ?? [];
  const number = numberArgument(line.replace(/^line\s+/, ""));
  return { line: lineOf(number), nth: nth === undefined ? undefined : Number(nth) };
}

function numberArgument(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw wrong(text === "" ? "a number is missing" : `"${visibleLine(text)}" is not a number`);
}

function optional(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function given(text: string, what: string): string {
  if (text === "") throw wrong(`${what} is missing`);
  return text;
}

function wrong(message: string): BktuiError {
  return new BktuiError("usage", message);
}
