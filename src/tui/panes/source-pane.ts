/** The source pane: gutter, text in colours, what each step took. Only the visible rows are computed. */
import { BktuiError } from "../../base/errors.ts";
import type { Size } from "../surface.ts";
import type { Look, StepMark } from "./look.ts";
import type { SourceLayout, SourceRow } from "./source-layout.ts";
import type { SourceText } from "./syntax.ts";

export interface SourceRowInfo {
  readonly breakpoint: "none" | "on" | "off";
  /** undefined: the row runs nothing. */
  readonly mark: StepMark | undefined;
  /** E.g. "31.2s", "cached", "exit 2", "next", "38 MB / 112 MB"; "" = nothing. */
  readonly right: string;
  readonly warning: boolean;
}
export interface SourceModel {
  readonly text: SourceText;
  readonly layout: SourceLayout;
  /** Row index of the position of the build (`>`). */
  readonly current: number | undefined;
  /** Row index of the cursor. */
  readonly cursor: number;
  /** First visible row index. */
  readonly top: number;
  /** Cells scrolled to the right. */
  readonly left: number;
  readonly focused: boolean;
  /** Search text, matched without regard to case; "" = none. */
  readonly search: string;
  /** Asked for visible rows only. */
  info(row: SourceRow): SourceRowInfo | undefined;
}

export function sourcePane(model: SourceModel, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${model.top} ${size.rows} ${look.ascii}`);
}
