/** Files of states in the line mode: what a step changed, a directory, the difference of a file. */
import { inSlices } from "../../base/slices.ts";
import { visibleLine, visibleText } from "../../base/visible.ts";
import {
  changesAt,
  diffAt,
  directoryAt,
  type FilesPlace,
  inTime,
  shownName,
} from "../../console/state-reads.ts";
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
import { fileContent } from "../../debugger/files/file-content.ts";
import type { TextRow } from "../../debugger/files/file-text.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import type { FileEntry } from "../../engine/engine.ts";

/** What the step changed. @throws {BktuiError} "not-now" when its states cannot be compared. */
export async function changeLines(debug: Debugger, place: FilesPlace): Promise<readonly string[]> {
  const { changes, problems, side } = await changesAt(debug, place);
  const { root } = await inTime(place, {}, (signal) => inSlices(changeTree(changes), { signal }));
  const states = `${sideWord("base")} → ${sideWord(side)}`;
  return [
    `files changed by ${place.name} (${states}): ${totalWords(root.totals)}`,
    ...root.children.flatMap(nodeLines),
    ...problems.map((problem) => `note: ${visibleLine(problem)}`),
  ];
}

/** What is in a directory of the state that is shown. @throws {BktuiError} "not-now", "not-found". */
export async function directoryLines(
  debug: Debugger,
  place: FilesPlace,
  typed: string,
): Promise<readonly string[]> {
  const { path, entries } = await directoryAt(debug, place, typed);
  const title = `${shownName(path)} in ${sideWord(place.side)} of ${place.name}:`;
  return [entries.length === 0 ? `${title} nothing` : title, ...entries.map(entryLine)];
}

/** What is in a file of the state that is shown. @throws {BktuiError} "not-now", "not-found". */
export async function fileLines(
  debug: Debugger,
  place: FilesPlace,
  typed: string,
): Promise<readonly string[]> {
  const { step, side, name } = place;
  const content = await inTime(place, {}, (signal) =>
    fileContent(debug, { step: step.id, side }, { path: typed, signal }),
  );
  const { facts, rows } = content.text;
  return [
    `${shownName(content.path)} in ${sideWord(side)} of ${name}:`,
    ...facts.map((fact) => shownName(fact)),
    ...rows.map(({ kind, text }) => (kind === "note" ? `\\ ${text}` : visibleText(text))),
  ];
}

/** What the step changed in a file. @throws {BktuiError} "not-now", "not-found". */
export async function diffLines(
  debug: Debugger,
  place: FilesPlace,
  typed: string,
): Promise<readonly string[]> {
  const { path, side, facts, rows } = await diffAt(debug, place, typed);
  return [
    `${shownName(path)} (${sideWord("base")} → ${sideWord(side)}):`,
    ...facts.map((fact) => shownName(fact)),
    ...rows.map(textLine),
  ];
}

/** A directory that came or went as a whole is one line, unless only one thing is in it. */
function nodeLines(node: ChangeNode): readonly string[] {
  const { path, change, children, totals } = node;
  const line = (mark: string, facts: string): string =>
    `${signOf(node)} ${shownName(path + mark)}  ${shownName(facts)}`;
  if (isWhole(node) && children.length > 0 && countOf(totals) > 1)
    return [line("/", folderWords(node).replaceAll(/ +/g, " "))];
  const isTold = change !== undefined && (!isWhole(node) || children.length === 0);
  return [...(isTold ? [line("", sizeWords(change))] : []), ...children.flatMap(nodeLines)];
}

function entryLine(entry: FileEntry): string {
  const { name, kind, mode, target } = entry;
  const link = target === undefined || target === "" ? "" : ` -> ${target}`;
  const facts = placeWords(entry).replaceAll(/ +/g, " ").trim();
  return `${permissions(mode)} ${shownName(`${name}${KIND_MARKS[kind]}${link}`)}  ${facts}`.trimEnd();
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
