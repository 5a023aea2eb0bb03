/** What the screen and its controls know of a pane. Each folder beside this file makes one; all-panes.ts lists them. */

import type { CommandId } from "../../console/command-table.ts";
import type { Line } from "../../graph/graph.ts";
import type { Step } from "../../graph/program.ts";
import type { Size } from "../cells/rect.ts";
import type { ListPane, PaneId, PaneWords } from "../commands/pane-words.ts";
import type { Hint } from "../drawing/hint-row.ts";
import type { Availability } from "../state/availability.ts";
import type { Slot } from "../state/layout.ts";
import type { UiAction, UiState } from "../state/ui-state.ts";
import type { PaneView } from "./pane-view.ts";
import type { PaneTexts } from "./searched.ts";

export interface Pane extends PaneWords {
  readonly id: PaneId;
  /** `size.rows` rows, each exactly `size.columns` cells. Right-hand slots may get a shorter form than the lower one. */
  draw(view: PaneView, size: Size, slot: Slot): readonly string[];
  /** Words at the right of the rule above it; "" = none. */
  summary(view: PaneView, slot: Slot): string;
  /** Rows that it shows of its content. */
  height(view: PaneView): number;
  /** Its cursor goes so many rows; panes without one are scrolled. ±Infinity: to the ends. */
  moved(distance: number, view: PaneView): readonly UiAction[];
  /** Its content is scrolled so many cells to the right. */
  sideways(cells: number, view: PaneView): readonly UiAction[];
  /** What can be searched in it; undefined = nothing, or an emulator that searches itself. */
  texts(view: PaneView): PaneTexts | undefined;
  /** What `y` copies; undefined = nothing. */
  copied(view: PaneView): string | undefined;
  /** What a click does beyond giving it the focus. `x`, `y`: in cells from its top left. */
  pressed(at: CellInPane, view: PaneView): Pressed;
  /** What page keys and the wheel scroll in place of moving the cursor; undefined = nothing but the list. */
  scrolling?(view: PaneView): Scrolling | undefined;
  /** Keys that the last row offers while it has the focus, most important first; undefined = those of the moment. */
  hints?(now: Availability, wide: boolean): readonly CommandId[] | undefined;
  /** A key as this pane words it. Default: as the moment does. */
  spelled?(command: CommandId, hint: Hint, now: Availability, wide: boolean): Hint;
  /** After any change of size, file or position its cursor is on the screen. */
  fitted?(ui: UiState, parts: FittedTo): Partial<Pick<UiState, ListPane>>;
  /** Where its Enter leads from the row under the cursor; undefined = to no line. */
  leadsTo?(view: PaneView): SourcePlace | undefined;
  /** The step that is selected while it has the focus. Default: the one at the source's cursor. */
  selected?(parts: SelectionParts): Step | undefined;
  /** What run and breakpoint keys are about while it has the focus. Default: the row at the source's cursor. */
  pointed?(view: PaneView): PointedLine | undefined;
}

export interface CellInPane {
  readonly x: number;
  readonly y: number;
}

export interface Pressed {
  readonly actions: readonly UiAction[];
  /** Given afterwards. */
  readonly command?: CommandId;
}

export const NOTHING_PRESSED: Pressed = { actions: [] };

export interface Scrolling {
  /** Rows that are shown of it. */
  readonly rows: number;
  by(distance: number): readonly UiAction[];
}

export type FittedTo = Pick<PaneView, "document" | "layout" | "debug">;

export interface SelectionParts extends Pick<PaneView, "ui" | "document" | "graph"> {
  readonly program: NonNullable<PaneView["document"]["program"]>;
  readonly badgeSources: NonNullable<PaneView["badgeSources"]>;
}

export interface SourcePlace {
  readonly line: Line;
  /** Which of the steps of the line, from 1; undefined = the line as such. */
  readonly nth: number | undefined;
}

export interface PointedLine {
  readonly line: Line;
  /** Undefined where nothing runs. */
  readonly step: Step | undefined;
}
