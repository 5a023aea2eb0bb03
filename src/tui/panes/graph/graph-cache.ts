/** The outline of the graph, kept as long as its program. */
import type { Program } from "../../../graph/program.ts";
import { keepVisible, type UiState } from "../../state/ui-state.ts";
import type { PaneView } from "../pane-view.ts";
import { currentStep } from "../step-badge.ts";
import { type GraphOutline, graphOutline, graphView } from "./graph-outline.ts";

/** Keeps the outline of one program. */
export class GraphCache {
  #made:
    | { readonly program: Program; readonly target: string | undefined; readonly outline: GraphOutline }
    | undefined;

  /** The pane and its cursor, while it is on the screen; `rows`: its height. */
  shownIn(
    ui: UiState,
    { document, badgeSources, rows }: Pick<PaneView, "document" | "badgeSources"> & { readonly rows: number },
  ): Pick<PaneView, "ui" | "graph"> {
    const { program } = document;
    if (ui.lower !== "graph" || program === undefined || badgeSources === undefined)
      return { ui, graph: undefined };
    const outline = this.#outlineOf(program, badgeSources.state.request?.target);
    // It stays with the build until it is moved.
    const here = ui.graph.centered ? currentStep(badgeSources.state) : undefined;
    const cursor = here === undefined ? undefined : outline.rowOfStep.get(here.id);
    const list = cursor === undefined ? ui.graph : { ...ui.graph, cursor };
    return {
      ui: { ...ui, graph: keepVisible(list, outline.rows.length, rows) },
      graph: graphView(outline, badgeSources),
    };
  }

  #outlineOf(program: Program, target: string | undefined): GraphOutline {
    if (this.#made?.program !== program || this.#made.target !== target) {
      this.#made = { program, target, outline: graphOutline(program, target) };
    }
    return this.#made.outline;
  }
}
