/** What the Files pane shows, made for each view; rows are made anew only when something in them changed. */

import type { BktuiError } from "../../../base/errors.ts";
import { byteSize } from "../../../base/words.ts";
import type { CommandId } from "../../../console/command-table.ts";
import type { Debugger, DebugState } from "../../../debugger/debugger.ts";
import { permissions, totalWords } from "../../../debugger/files/change-words.ts";
import type { FileText } from "../../../debugger/files/file-text.ts";
import type { FileReadings, KnownChanges, Reading } from "../../../debugger/files/readings.ts";
import { sideWord } from "../../../debugger/shells/shell-launch.ts";
import { canMakeBase, isReproduced, programOf } from "../../../debugger/state/inspect.ts";
import type { StateSide } from "../../../engine/engine.ts";
import type { Step } from "../../../graph/program.ts";
import type { Keys } from "../../commands/key-bindings.ts";
import type { Hint } from "../../drawing/hint-row.ts";
import type { TextBlockModel } from "../../drawing/text-block.ts";
import type { FilesState } from "../../state/files-state.ts";
import { keepVisible, type ListView, type UiState } from "../../state/ui-state.ts";
import { currentStep } from "../step-badge.ts";
import type { FilesModel } from "./files-pane.ts";
import { changeRows, everythingRows, type FilesRow, noteRow, rowOfPath } from "./files-tree.ts";

/** The state that the pane looks at. */
export interface FilesPlace {
  readonly step: Step;
  /** States of the step, most interesting first; empty = it has not been reached. */
  readonly states: readonly StateSide[];
  /** What "all" and Enter show. */
  readonly side: StateSide | undefined;
}

export interface FilesView extends FilesPlace, Pick<FilesModel, "titles" | "totals" | "bytes"> {
  /** The state that is compared with BASE. */
  readonly compared: Exclude<StateSide, "base"> | undefined;
  /** Words for the rule above the pane. */
  readonly words: string;
  /** In place of rows. */
  readonly block: TextBlockModel | undefined;
  readonly rows: readonly FilesRow[];
  readonly text: { readonly title: string; readonly states: string; readonly text: FileText } | undefined;
}

export interface FilesInput {
  readonly debug: Debugger;
  readonly readings: FileReadings;
  readonly pane: FilesState;
  readonly list: ListView;
  readonly place: FilesPlace;
  readonly steps: number;
  readonly keys: Keys;
}

/** The step whose files are listed. */
export function filesStep({ filesPane }: Pick<UiState, "filesPane">, state: DebugState): Step | undefined {
  const chosen = filesPane.step === undefined ? undefined : programOf(state)?.steps[filesPane.step];
  return chosen ?? currentStep(state);
}

/** A list as it is shown. */
type Listed = Pick<FilesView, "block" | "rows" | "totals" | "bytes">;

/** Keeps the rows of the Files pane between two views. */
export class FilesViews {
  #made: { readonly key: readonly unknown[]; readonly rows: readonly FilesRow[] } | undefined;

  /** The cursor of the list is at `cursor` then. */
  of(input: FilesInput): { readonly view: FilesView; readonly cursor: number } {
    const { pane, list, place, debug } = input;
    const compared = comparedOf(place.states);
    const listed = pane.lists === "all" ? this.#everything(input, compared) : this.#changes(input, compared);
    const found = pane.at === undefined ? undefined : rowOfPath(listed.rows, pane.at);
    const { cursor } = keepVisible({ ...list, cursor: found ?? list.cursor }, listed.rows.length, 1, 0);
    const word = wordsFor(debug, place.step);
    const states = compared === undefined ? word(place.side) : `${word("base")} → ${word(compared)}`;
    const view: FilesView = {
      ...place,
      ...listed,
      compared,
      titles: titlesOf(input, pane.lists === "all" ? word(place.side) : states),
      words: ruleWords(pane, word, { side: place.side, states }),
      text: pane.text.shown ? textOf(input, compared, listed.rows[cursor], word) : undefined,
    };
    return { view, cursor };
  }

  #changes(input: FilesInput, compared: FilesView["compared"]): Listed {
    const { readings, pane, place, steps, keys, debug } = input;
    const number = `step ${place.step.id + 1}/${steps}`;
    const all =
      place.side === undefined
        ? []
        : [
            {
              keys: keys.keyOf("files-all"),
              label: `all files of ${wordsFor(debug, place.step)(place.side)}`,
            },
          ];
    const nothing = (headline: string, hint?: string): Listed =>
      blockOnly({ kind: "note", headline, hint, lines: [], offers: all });
    if (place.side === undefined) return nothing(bareWords(input));
    if (compared === undefined) return nothing(...unchangedWords(debug, place.step, number));
    const reading = readings.changes(place.step.id, compared);
    if (reading.kind === "reading")
      return blockOnly({ kind: "working", headline: `reading what ${number} changed …`, lines: [] });
    if (reading.kind === "refused") return blockOnly(refusedBlock(reading.error, waysOut(input)));
    const { tree, problems } = reading.value;
    const { totals } = tree.root;
    if (tree.root.children.length === 0 && problems.length === 0)
      return { ...nothing(`${number} changed no file`), totals: totalWords(totals) };
    const rows = this.#memo([tree, pane.toggled, pane.order], () => [
      ...changeRows(tree.root, pane),
      ...problems.map((problem) => noteRow(problem, 0, "warning")),
    ]);
    return { block: undefined, rows, totals: totalWords(totals), bytes: byteSize(totals.bytes) };
  }

  #everything(input: FilesInput, compared: FilesView["compared"]): Listed {
    const { readings, pane, place } = input;
    const { step, side } = place;
    if (side === undefined) {
      return blockOnly({ kind: "note", headline: bareWords(input), hint: undefined, lines: [], offers: [] });
    }
    const root = readings.directory({ step: step.id, side }, "/");
    if (root.kind === "reading") return blockOnly({ kind: "working", headline: "reading …", lines: [] });
    if (root.kind === "refused") return blockOnly(refusedBlock(root.error, waysOut(input)));
    const known = compared === undefined ? undefined : readings.knownChanges(step.id, compared);
    const rows = this.#memo([readings.version, step, side, pane.open, pane.order], () =>
      everythingRows(
        {
          directory: (path) => readingOf(readings.directory({ step: step.id, side }, path)),
          changeOf: (path) => changeAt(known, path),
        },
        pane,
      ),
    );
    return { block: undefined, rows, totals: "", bytes: "" };
  }

  #memo(key: readonly unknown[], make: () => readonly FilesRow[]): readonly FilesRow[] {
    const made = this.#made;
    if (
      made !== undefined &&
      made.key.length === key.length &&
      made.key.every((part, index) => part === key[index])
    )
      return made.rows;
    const rows = make();
    this.#made = { key, rows };
    return rows;
  }
}

function blockOnly(block: TextBlockModel): Listed {
  return { block, rows: [], totals: "", bytes: "" };
}

function refusedBlock({ message, hint }: BktuiError, offers: readonly Hint[]): TextBlockModel {
  return { kind: "error", headline: message, hint, lines: [], offers };
}

/** What can be looked at in place of files that cannot be read. */
function waysOut({ debug, keys, pane, place: { step, side, states } }: FilesInput): readonly Hint[] {
  const word = wordsFor(debug, step);
  const ways: readonly (readonly [CommandId, string, boolean])[] = [
    ["shell", `shell on ${word(side)}`, true],
    ["swap", `switch to ${word("base")}`, side !== "base" && states.includes("base")],
    ["files-all", `all files of ${word("base")}`, side === "base" && pane.lists === "changes"],
  ];
  return ways.flatMap(([command, label, isThere]) => (isThere ? [{ keys: keys.keyOf(command), label }] : []));
}

function comparedOf(states: readonly StateSide[]): FilesView["compared"] {
  return states.find((side): side is Exclude<StateSide, "base"> => side !== "base");
}

/** Before a step has run, and where the engine kept nothing of a failed one. */
function unchangedWords(debug: Debugger, step: Step, number: string): readonly [string, string | undefined] {
  const { phase } = debug.state;
  const isHere = phase.kind === "paused" && phase.execution.program.stops[phase.at]?.step === step.id;
  if (isHere && phase.reason.kind === "exception")
    return [`no FAILED state of ${number} is here`, "There is nothing to compare BASE with."];
  return [`${number} has not run: it has changed nothing yet`, undefined];
}

function wordsFor(debug: Debugger, step: Step): (side: StateSide | undefined) => string {
  return (side) => {
    if (side === undefined) return "";
    return isReproduced(debug.state, step.id, side) ? "FAILED (reproduced)" : sideWord(side);
  };
}

function titlesOf({ pane, place, steps }: FilesInput, states: string): readonly string[] {
  const number = `step ${place.step.id + 1}/${steps}`;
  if (pane.lists === "all") return [`FILES of ${states} at ${number}`, `${states} at ${number}`, states];
  return [`FILES changed by ${number} (${states})`, `FILES changed by ${number}`, `FILES ${number}`, number];
}

function ruleWords(
  { lists, order }: FilesState,
  word: (side: StateSide | undefined) => string,
  { side, states }: { readonly side: StateSide | undefined; readonly states: string },
): string {
  const what = lists === "changes" ? states : side === undefined ? "" : `all of ${word(side)}`;
  return order === "size" && what !== "" ? `${what} · by size` : what;
}

function textOf(
  { readings, pane, place }: FilesInput,
  compared: FilesView["compared"],
  row: FilesRow | undefined,
  word: (side: StateSide | undefined) => string,
): FilesView["text"] {
  const { step, side } = place;
  if (row?.path === undefined || side === undefined) return undefined;
  const name = row.path.slice(1);
  const only = (...facts: readonly string[]): FileText => ({ facts, rows: [] });
  const states = word(side);
  if (row.fold !== "none") return { title: `directory ${name}`, states, text: only(directoryWords(row)) };
  const isDiff = pane.lists === "changes" && side !== "base" && compared !== undefined;
  if (isDiff && row.change !== undefined) {
    const text = textRead(readings.diff(step.id, compared, row.change));
    return { title: `diff ${name}`, states: `${word("base")} → ${word(compared)}`, text };
  }
  const entry = pane.lists === "changes" && side === "base" ? row.change?.before : row.entry;
  const title = `file ${name}`;
  if (entry === undefined) return { title, states, text: only(`not in ${states}: the step made it`) };
  return { title, states, text: textRead(readings.file({ step: step.id, side }, row.path, entry)) };
}

function directoryWords({ facts, entry }: FilesRow): string {
  const counted = facts.trim().replaceAll(/ {2,}/g, ", ");
  if (counted !== "") return counted;
  return entry === undefined ? "a directory" : `a directory, ${permissions(entry.mode)}`;
}

function textRead(reading: Reading<FileText>): FileText {
  switch (reading.kind) {
    case "known":
      return reading.value;
    case "reading":
      return { facts: ["reading …"], rows: [] };
    case "refused": {
      const { message, hint } = reading.error;
      return { facts: hint === undefined ? [message] : [message, hint], rows: [] };
    }
  }
}

function readingOf<T>(
  reading: Reading<T>,
):
  | { readonly kind: "known"; readonly value: T }
  | { readonly kind: "reading" }
  | { readonly kind: "refused"; readonly message: string } {
  return reading.kind === "refused" ? { kind: "refused", message: reading.error.message } : reading;
}

function changeAt(known: KnownChanges | undefined, path: string): ReturnType<KnownChanges["tree"]["at"]> {
  return known?.tree.at(path);
}

/** There is no state to look at. */
function bareWords({ debug, place, steps, keys }: FilesInput): string {
  const { id } = place.step;
  return canMakeBase(debug.state, id)
    ? `step ${id + 1}/${steps} failed before the steps above had run; ${keys.keyOf("files")} runs them and lists BASE`
    : `step ${id + 1}/${steps} has not been reached: it has no state yet`;
}
