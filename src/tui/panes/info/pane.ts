/** The info pane: what is known of the selected step; the short form stands in the right column. */
import { limitWords, takenWords } from "../../../console/phrases/given-words.ts";
import { lackingWords } from "../../../debugger/explain/causes/not-given.ts";
import { warningsAt, warningsOfStep } from "../../../debugger/explain/warning-words.ts";
import type { Warning } from "../../../debugger/progress/progress-store.ts";
import type { Step } from "../../../graph/program.ts";
import type { Size } from "../../cells/rect.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import type { Slot } from "../../state/layout.ts";
import { listAt, scrolledList } from "../list-moves.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { listTexts, searchIn } from "../searched.ts";
import { badgeOf } from "../step-badge.ts";
import { infoEntries, infoSummary } from "./info-entries.ts";
import { infoPane, infoRowCount, infoRowTexts } from "./info-pane.ts";

export const INFO_PANE: Pane = {
  id: "info",
  ...PANE_WORDS.info,
  draw,
  summary: ({ selected, document }, slot) =>
    slot === "lower" ? infoSummary(selected, document.program) : "",
  height: ({ layout }) => layout.lower?.rows ?? 1,
  moved: (distance, view) => {
    const columns = view.layout.lower?.columns ?? 0;
    const total = infoRowCount({ entries: infoOf(view, "wide"), form: "wide" }, columns, view.look);
    return [listAt("info", scrolledList(view.ui.info, distance, total, INFO_PANE.height(view)))];
  },
  sideways: () => [],
  texts: (view) => {
    const columns = view.layout.lower?.columns ?? 0;
    const texts = infoRowTexts({ entries: infoOf(view, "wide"), form: "wide" }, columns, view.look);
    return listTexts("info", texts, view, { hasCursor: false });
  },
  copied: ({ selected }) => selected?.vertex,
  pressed: () => NOTHING_PRESSED,
};

function draw(view: PaneView, size: Size, slot: Slot): readonly string[] {
  if (slot !== "lower")
    return infoPane({ entries: infoOf(view, "narrow"), form: "narrow", top: 0 }, size, view.look);
  const { top } = view.ui.info;
  const search = searchIn(view, "info");
  return infoPane({ entries: infoOf(view, "wide"), form: "wide", top, search }, size, view.look);
}

function infoOf(view: PaneView, form: "narrow" | "wide"): ReturnType<typeof infoEntries> {
  const { debug, document, selected, badgeSources } = view;
  if (debug === undefined || selected === undefined || badgeSources === undefined) return [];
  if (document.program === undefined) return [];
  const badge = badgeOf(selected, badgeSources);
  return infoEntries({
    engine: debug.engine,
    program: document.program,
    step: selected,
    badge,
    side: view.side,
    environment: view.environment,
    differences: view.differences,
    why: badge.current && badge.mark === "failed" ? (view.explanation?.why ?? []) : [],
    lacking: lackingWords(document.program.graph.vertices.get(selected.vertex)?.exec, debug.state.request),
    given: givenHere(debug),
    warnings: warningsHere(view, selected),
    form,
  });
}

function givenHere({ engine, state }: NonNullable<PaneView["debug"]>): readonly string[] {
  return [...takenWords(state.request, engine), ...limitWords(state.request)];
}

/** Of the line at the cursor, which may be part of no step, and of the step. */
function warningsHere({ debug, document, ui }: PaneView, step: Step): readonly Warning[] {
  const all = debug?.progress.warnings ?? [];
  const row = ui.focus === "source" ? document.layout.rowAt(ui.source.cursor) : undefined;
  const atCursor = row?.kind === "line" ? warningsAt(row.line, all) : [];
  return [...new Set([...atCursor, ...warningsOfStep(step, all)])];
}
