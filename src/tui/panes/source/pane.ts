/** The source pane: the Dockerfile, how its steps stand, the cursor that most keys are about. */
import { warningsAt } from "../../../debugger/explain/warning-words.ts";
import { rankOnLine } from "../../../debugger/state/line-steps.ts";
import type { Size } from "../../cells/rect.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import { keepVisible, type ListView } from "../../state/ui-state.ts";
import { listAt, movedList } from "../list-moves.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { searchIn } from "../searched.ts";
import { sourceAt } from "./source-cursor.ts";
import { currentRows, liveRows, rowInfo, type SourceDocument, stepOfCursor } from "./source-document.ts";
import type { SourceRow } from "./source-layout.ts";
import { sourcePane } from "./source-pane.ts";

/** Breakpoint and position stand in the first cells. */
const GUTTER_CELLS = 2;

export const SOURCE_PANE: Pane = {
  id: "source",
  ...PANE_WORDS.source,
  draw,
  summary,
  height: ({ layout }) => layout.source?.rows ?? 1,
  moved: (distance, view) => {
    const { document, ui } = view;
    const moved = movedList(ui.source, distance, document.layout.rows, SOURCE_PANE.height(view));
    return [listAt("source", skipMessages(document, moved, ui.source.cursor))];
  },
  sideways: (cells, { ui }) => [listAt("source", { left: Math.max(0, ui.source.left + cells) })],
  texts: ({ document, ui }) => ({
    rows: {
      first: 0,
      end: document.layout.rows,
      textAt: (index) => {
        const row = document.layout.rowAt(index);
        return row?.kind === "line" ? (document.text.lines[row.line - 1] ?? "") : "";
      },
    },
    from: (_direction, includeHere) => ui.source.cursor - (includeHere ? 1 : 0),
    show: (hit) => [sourceAt(hit)],
  }),
  copied: ({ document, ui, selected }) => {
    const row = document.layout.rowAt(ui.source.cursor);
    return row?.kind === "line" ? document.text.lines[row.line - 1] : selected?.text;
  },
  pressed: ({ x, y }, { document, ui }) => {
    const { top } = ui.source;
    if (document.layout.rowAt(top + y) === undefined) return NOTHING_PRESSED;
    const actions = [listAt("source", { cursor: top + y, top, centered: false })];
    return x < GUTTER_CELLS ? { actions, command: "break-line" } : { actions };
  },
  fitted: ({ source }, { document, layout }) => ({
    source: keepVisible(source, document.layout.rows, layout.source?.rows ?? 1),
  }),
};

function draw(view: PaneView, size: Size): readonly string[] {
  const { ui, document, badgeSources, warnedLines } = view;
  const cursor = document.layout.rowAt(ui.source.cursor);
  const cursorLine = cursor?.kind === "line" ? cursor.line : undefined;
  return sourcePane(
    {
      text: document.text,
      layout: document.layout,
      current: currentRows(document, badgeSources),
      live: liveRows(document, badgeSources),
      cursor: ui.source.cursor,
      top: ui.source.top,
      left: ui.source.left,
      focused: ui.focus === "source" && ui.keyboard === "debugger",
      search: searchIn(view, "source"),
      info: (row) => {
        const isCursor = row.kind === "line" && row.line === cursorLine;
        const chosen =
          isCursor && badgeSources !== undefined ? stepOfCursor(ui, document, badgeSources)?.id : undefined;
        return rowInfo(document, row, { badgeSources, warnedLines, chosen });
      },
    },
    size,
    view.look,
  );
}

function summary(view: PaneView): string {
  const { document, ui, availability, badgeSources } = view;
  const row = document.layout.rowAt(ui.source.cursor);
  if (row === undefined) return "";
  if (row.kind === "end") return `${row.stage} · end of stage`;
  const line = `line ${row.line}/${document.layout.lines}`;
  const stage = document.program?.stages.find(({ start, end }) => start <= row.line && row.line <= end)?.name;
  const { program } = document;
  const step = badgeSources === undefined ? undefined : stepOfCursor(ui, document, badgeSources);
  const rank = program === undefined || step === undefined ? undefined : rankOnLine(program, row.line, step);
  const several = rank === undefined ? "" : ` · step ${rank.nth} of ${rank.of} here`;
  const place = stage === undefined || availability.status === "loaded" ? line : `${stage} · ${line}`;
  return `${place}${several}${warnedWords(view, row)}`;
}

/** What is warned of at the cursor; a message below the line says it already where a file was refused for it. */
function warnedWords({ debug, availability }: PaneView, row: SourceRow): string {
  if (row.kind !== "line" || availability.status === "broken") return "";
  const warned = warningsAt(row.line, debug?.progress.warnings ?? []);
  return warned.map(({ text }) => ` · ! ${text}`).join("");
}

/** The cursor never rests on a message row. */
function skipMessages(document: SourceDocument, view: ListView, from: number): ListView {
  const step = view.cursor >= from ? 1 : -1;
  let cursor = view.cursor;
  while (document.layout.rowAt(cursor)?.kind === "message") cursor += step;
  return document.layout.rowAt(cursor) === undefined ? { ...view, cursor: from } : { ...view, cursor };
}
