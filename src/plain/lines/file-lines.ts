/** Files of states in the line mode: what a step changed, a directory, the difference of a file. */
import { posix } from "node:path";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { inSlices } from "../../base/slices.ts";
import { visibleLine, visibleText } from "../../base/visible.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { type ChangeNode, changeTree, countOf, isWhole } from "../../debugger/files/change-tree.ts";
import {
  folderWords,
  KIND_MARKS,
  permissions,
  placeWords,
  signOf,
  sizeWords,
  totalWords,
} from "../../debugger/files/change-words.ts";
import { changedText, maskedText, type ReadPart, type TextRow } from "../../debugger/files/file-text.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import type { FileEntry, StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";

export interface FilesPlace {
  readonly step: Step;
  /** E.g. "step 7/8". */
  readonly name: string;
  /** How a line names it, with a blank behind it; "" for the step that is stood at. */
  readonly typed: string;
  /** The state that is shown. */
  readonly side: StateSide;
}

type Compared = Exclude<StateSide, "base">;

/** A large image takes its time; an engine that says nothing for so long is not waited for. */
const READ_MS = 120_000;

/** What the step changed. @throws {BktuiError} "not-now" when its states cannot be compared. */
export async function changeLines(debug: Debugger, place: FilesPlace): Promise<readonly string[]> {
  return await inTime(place, (signal) => changesAt(debug, place, signal));
}

async function changesAt(
  debug: Debugger,
  place: FilesPlace,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const compared = comparedAt(debug, place);
  const { changes, problems } = await debug.changes(place.step.id, compared, { signal });
  const { root } = await inSlices(changeTree(changes), { signal });
  const states = `${sideWord("base")} → ${sideWord(compared)}`;
  return [
    `files changed by ${place.name} (${states}): ${totalWords(root.totals)}`,
    ...root.children.flatMap(nodeLines),
    ...problems.map((problem) => `note: ${visibleLine(problem)}`),
  ];
}

/** What is in a directory of the state that is shown. @throws {BktuiError} "not-now", "not-found". */
export async function directoryLines(
  debug: Debugger,
  { step, name, side }: FilesPlace,
  typed: string,
): Promise<readonly string[]> {
  const path = posix.resolve("/", typed);
  const entries = await inTime({ name }, (signal) => debug.files(step.id, side, { path, signal }));
  const title = `${visibleName(path)} in ${sideWord(side)} of ${name}:`;
  return [entries.length === 0 ? `${title} nothing` : title, ...entries.map(entryLine)];
}

/** What the step changed in a file. @throws {BktuiError} "not-now", "not-found". */
export async function diffLines(
  debug: Debugger,
  place: FilesPlace,
  typed: string,
): Promise<readonly string[]> {
  return await inTime(place, (signal) => diffAt(debug, place, { typed, signal }));
}

async function diffAt(
  debug: Debugger,
  place: FilesPlace,
  { typed, signal }: { readonly typed: string; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const path = posix.resolve("/", typed);
  const compared = comparedAt(debug, place);
  const { changes } = await debug.changes(place.step.id, compared, { signal });
  const change = changes.find((candidate) => candidate.path === path);
  if (change === undefined)
    throw new BktuiError("not-found", `${visibleName(path)} was not changed by ${place.name}`, {
      hint: `files${place.typed === "" ? "" : ` ${place.typed.trim()}`} lists what was.`,
    });
  const reader =
    (side: StateSide): ReadPart =>
    (part, options) =>
      debug.readFile(place.step.id, side, { path, ...part, ...options });
  const sides = { before: reader("base"), after: reader(compared) };
  const { facts, rows } = maskedText(await changedText(change, sides, { signal }), debug);
  return [
    `${visibleName(path)} (${sideWord("base")} → ${sideWord(compared)}):`,
    ...facts.map((fact) => visibleName(fact)),
    ...rows.map(textLine),
  ];
}

/** @throws {BktuiError} "engine" when it takes too long, which says nothing of the files. */
async function inTime<T>(
  { name }: Pick<FilesPlace, "name">,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(READ_MS);
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted || toBktuiError(error).code !== "cancelled") throw error;
    throw new BktuiError("engine", `the files of ${name} could not be read within ${READ_MS / 1000} s`, {
      cause: error,
      hint: "Try again when the engine has less to do.",
    });
  }
}

function comparedAt(debug: Debugger, { step, name, typed }: FilesPlace): Compared {
  const compared = debug.states(step.id).find((side): side is Compared => side !== "base");
  if (compared !== undefined) return compared;
  throw new BktuiError("not-now", `${name} has not run: it has changed nothing yet`, {
    hint: `files ${typed}lists BASE.`,
  });
}

/** A directory that came or went as a whole is one line, unless only one thing is in it. */
function nodeLines(node: ChangeNode): readonly string[] {
  const { path, change, children, totals } = node;
  const line = (mark: string, facts: string): string =>
    `${signOf(node)} ${visibleName(path + mark)}  ${visibleName(facts)}`;
  if (isWhole(node) && children.length > 0 && countOf(totals) > 1)
    return [line("/", folderWords(node).replaceAll(/ +/g, " "))];
  const isTold = change !== undefined && (!isWhole(node) || children.length === 0);
  return [...(isTold ? [line("", sizeWords(change))] : []), ...children.flatMap(nodeLines)];
}

function entryLine(entry: FileEntry): string {
  const { name, kind, mode, target } = entry;
  const link = target === undefined || target === "" ? "" : ` -> ${target}`;
  const facts = placeWords(entry).replaceAll(/ +/g, " ").trim();
  return `${permissions(mode)} ${visibleName(`${name}${KIND_MARKS[kind]}${link}`)}  ${facts}`.trimEnd();
}

const SIGNS: Readonly<Record<TextRow["kind"], string>> = {
  same: " ",
  removed: "-",
  added: "+",
  gap: "…",
  note: "\\",
};

function textLine({ kind, before, after, text }: TextRow): string {
  const number = after ?? before;
  return `${SIGNS[kind]} ${number === undefined ? "" : `${number}  `}${visibleText(text)}`;
}

/** Sequences in a name are shown: it is not the name without them. */
function visibleName(name: string): string {
  return visibleText(name.replaceAll("\u001b", "^["));
}
