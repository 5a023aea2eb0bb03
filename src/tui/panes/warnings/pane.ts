/** The warnings pane: what the frontend warns of, in the order of the file. */
import { count } from "../../../base/words.ts";
import { lintWords, ruleOf, ruleWords, warningsInOrder } from "../../../debugger/explain/warning-words.ts";
import type { Warning } from "../../../debugger/progress/progress-store.ts";
import type { Size } from "../../cells/rect.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import { keepVisible } from "../../state/ui-state.ts";
import { listAt, movedList } from "../list-moves.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { listTexts, searchIn } from "../searched.ts";
import { HEADER_ROWS, type WarningRow, warningsPane, warningsSplit } from "./warnings-pane.ts";

export const WARNINGS_PANE: Pane = {
  id: "warnings",
  ...PANE_WORDS.warnings,
  draw,
  summary: ({ debug }) => count(debug?.progress.warnings.length ?? 0, "warning"),
  height,
  moved: (distance, view) => {
    const total = view.debug?.progress.warnings.length ?? 0;
    return [listAt("warnings", movedList(view.ui.warnings, distance, total, height(view)))];
  },
  sideways: () => [],
  texts: (view) => listTexts("warnings", warningsIn(view).map(textOf), view, { hasCursor: true }),
  copied: (view) => {
    const warning = warningsIn(view)[view.ui.warnings.cursor];
    return warning === undefined ? undefined : lintWords(warning);
  },
  pressed: ({ y }, view) =>
    y >= HEADER_ROWS && y < HEADER_ROWS + height(view)
      ? { actions: [listAt("warnings", { cursor: view.ui.warnings.top + y - HEADER_ROWS })] }
      : NOTHING_PRESSED,
  hints: () => ["warning-go", "copy", "search", "back"],
  fitted: ({ warnings }, parts) => {
    const total = parts.debug?.progress.warnings.length ?? 0;
    return { warnings: keepVisible(warnings, total, height(parts)) };
  },
  leadsTo: (view) => {
    const line = warningsIn(view)[view.ui.warnings.cursor]?.ranges[0]?.start;
    return line === undefined ? undefined : { line, nth: undefined };
  },
};

function draw(view: PaneView, size: Size): readonly string[] {
  const { ui, look } = view;
  const warnings = warningsIn(view);
  const { cursor: selected, top } = ui.warnings;
  const warning = warnings[selected];
  return warningsPane(
    {
      rows: warnings.map(rowOf),
      selected,
      top,
      focused: ui.focus === "warnings",
      search: searchIn(view, "warnings"),
      asked: warning === undefined ? [] : ruleWords(warning),
    },
    size,
    look,
  );
}

function height({ debug, layout }: Pick<PaneView, "debug" | "layout">): number {
  return warningsSplit(layout.lower?.rows ?? 1, debug?.progress.warnings.length ?? 0).list;
}

function warningsIn({ debug }: PaneView): readonly Warning[] {
  return warningsInOrder(debug?.progress.warnings ?? []);
}

/** Rule and line have columns of their own: the sentence is what remains. */
function rowOf(warning: Warning): WarningRow {
  const line = String(warning.ranges[0]?.start ?? "");
  const rule = ruleOf(warning) ?? "";
  const sentence = rule === "" ? warning.text : warning.text.slice(`${rule}: `.length);
  const place = ` (line ${line})`;
  return { line, rule, text: sentence.endsWith(place) ? sentence.slice(0, -place.length) : sentence };
}

/** As it is drawn, for searching. */
function textOf(warning: Warning): string {
  const { line, rule, text } = rowOf(warning);
  return [line, rule, text].filter((part) => part !== "").join("  ");
}
