/** The Files pane: a list of files, and below it the text of the selected one. */

import type { CommandId } from "../../../console/command-table.ts";
import type { Size } from "../../cells/rect.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import type { Hint } from "../../drawing/hint-row.ts";
import { textBlock } from "../../drawing/text-block.ts";
import type { Availability } from "../../state/availability.ts";
import { listAt, movedList } from "../list-moves.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { listTexts, searchIn } from "../searched.ts";
import { filesPane, filesSplit, textRowCount } from "./files-pane.ts";
import { filesStep } from "./files-view.ts";

/** While the list has the keys, and while a text is open below it. */
const LISTING: readonly CommandId[] = [
  "file-open",
  "file-fold",
  "files-all",
  "copy",
  "file-write",
  "search",
  "swap",
  "files-sort",
  "back",
];
const READING: readonly CommandId[] = [
  "back",
  "page-down",
  "file-fold",
  "files-all",
  "copy",
  "file-write",
  "swap",
  "search",
];

export const FILES_PANE: Pane = {
  id: "files",
  ...PANE_WORDS.files,
  draw,
  summary: ({ files }) => files?.words ?? "",
  height: (view) => heights(view).list,
  moved: (distance, view) => {
    const total = view.files?.rows.length ?? 0;
    return [listAt("files", movedList(view.ui.files, distance, total, heights(view).list))];
  },
  sideways: (cells, { ui }) => {
    const { text } = ui.filesPane;
    return [{ kind: "files", change: { text: { ...text, left: Math.max(0, text.left + cells) } } }];
  },
  texts: (view) =>
    listTexts("files", view.files?.rows.map(({ label }) => label) ?? [], view, { hasCursor: true }),
  copied: ({ files, ui }) => files?.rows[ui.files.cursor]?.path,
  // The first row says what is listed.
  pressed: ({ y }, view) =>
    y > 0 && y <= heights(view).list
      ? { actions: [listAt("files", { cursor: view.ui.files.top + y - 1 })] }
      : NOTHING_PRESSED,
  scrolling: (view) => {
    const shown = view.files?.text;
    if (shown === undefined) return undefined;
    const { text } = view.ui.filesPane;
    const rows = heights(view).text;
    const last = Math.max(0, textRowCount(shown.text) - rows);
    return {
      rows,
      by: (distance) => {
        const top = Math.max(0, Math.min(last, (text.top ?? 0) + distance));
        return [{ kind: "files", change: { text: { ...text, top } } }];
      },
    };
  },
  hints: ({ files }) => (files?.isReading === true ? READING : LISTING),
  spelled,
  selected: ({ ui, badgeSources }) => filesStep(ui, badgeSources.state),
};

function draw(view: PaneView, size: Size): readonly string[] {
  const { files, ui, look } = view;
  if (files === undefined) {
    const headline = "nothing is loaded: there are no files yet";
    return textBlock({ kind: "working", headline, lines: [] }, size, look);
  }
  if (files.block !== undefined) return textBlock(files.block, size, look);
  const { titles, totals, bytes, rows, text } = files;
  const { top, left } = ui.filesPane.text;
  return filesPane(
    {
      titles,
      totals,
      bytes,
      rows,
      selected: ui.files.cursor,
      top: ui.files.top,
      focused: ui.focus === "files",
      search: searchIn(view, "files"),
      text: text === undefined ? undefined : { ...text, top: top ?? 0, left },
    },
    size,
    look,
  );
}

function spelled(command: CommandId, hint: Hint, { files }: Availability): Hint {
  switch (command) {
    case "copy":
      return { ...hint, label: "copy path" };
    case "swap":
      return { ...hint, label: "swap sides" };
    case "files-all":
      return { ...hint, label: files?.lists === "all" ? "changed" : "all" };
    case "page-down":
      return { ...hint, label: "scroll" };
    case "back":
      return { ...hint, label: files?.isReading === true ? "close" : "back" };
    default:
      return hint;
  }
}

/** How list and text share its rows. */
function heights({ files, layout }: PaneView): ReturnType<typeof filesSplit> {
  return filesSplit(layout.lower?.rows ?? 1, files?.rows.length ?? 0, files?.text !== undefined);
}
