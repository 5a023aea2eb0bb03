/** The steps pane: every step, grouped by stage. */
import type { Size } from "../../cells/rect.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import { keepVisible } from "../../state/ui-state.ts";
import { listAt, movedList } from "../list-moves.ts";
import type { Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { listTexts, searchIn } from "../searched.ts";
import { stepAtSource } from "../selected-step.ts";
import { type StepList, stepList, stepRowCount } from "./step-list.ts";
import { stepsPane, stepsSummary } from "./steps-pane.ts";

export const STEPS_PANE: Pane = {
  id: "steps",
  ...PANE_WORDS.steps,
  draw,
  summary: (view) => {
    const list = listOf(view);
    return list === undefined ? "" : stepsSummary(list.counts);
  },
  height,
  moved: (distance, view) => {
    const total = stepRowCount(view.document.program);
    return [listAt("steps", movedList(view.ui.steps, distance, total, height(view)))];
  },
  sideways: () => [],
  texts: (view) => {
    const rows = listOf(view)?.rows ?? [];
    const texts = rows.map((row) => (row.kind === "stage" ? row.name : row.text));
    return listTexts("steps", texts, view, { hasCursor: true });
  },
  copied: ({ selected }) => selected?.text,
  pressed: ({ y }, { ui }) => ({ actions: [listAt("steps", { cursor: ui.steps.top + y })] }),
  fitted: (ui, { document, layout }) => ({
    steps: keepVisible(ui.steps, stepRowCount(document.program), rowsIn(ui, layout) ?? 1),
  }),
  selected: (parts) => {
    const { ui, program, badgeSources } = parts;
    const id = stepList(program, badgeSources).steps[ui.steps.cursor];
    return id === undefined ? stepAtSource(parts) : program.steps[id];
  },
  pointed: (view) => {
    const id = listOf(view)?.steps[view.ui.steps.cursor];
    const step = id === undefined ? undefined : view.document.program?.steps[id];
    return step === undefined ? undefined : { line: step.start, step };
  },
};

function draw(view: PaneView, size: Size): readonly string[] {
  const { ui, document } = view;
  const list = listOf(view);
  if (list === undefined) return [];
  return stepsPane(
    {
      rows: list.rows,
      total: document.program?.steps.length ?? 0,
      selected: ui.focus === "steps" ? ui.steps.cursor : undefined,
      top: ui.steps.top,
      focused: ui.focus === "steps",
      search: searchIn(view, "steps"),
    },
    size,
    view.look,
  );
}

function listOf({ document, badgeSources }: PaneView): StepList | undefined {
  if (document.program === undefined || badgeSources === undefined) return undefined;
  return stepList(document.program, badgeSources);
}

function height({ ui, layout }: PaneView): number {
  return rowsIn(ui, layout) ?? 1;
}

/** They are in the right column where there is one. */
function rowsIn(ui: PaneView["ui"], layout: PaneView["layout"]): number | undefined {
  return ui.lower === "steps" ? layout.lower?.rows : layout.steps?.rows;
}
