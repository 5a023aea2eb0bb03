/** Rule rows: the lines between panes, with the titles of the panes below them. */
import { BktuiError } from "../../base/errors.ts";
import type { Look } from "./look.ts";

export interface Tab {
  /** The key that focuses the pane, e.g. "3". */
  readonly key: string;
  readonly name: string;
  /** `shown`: in brackets, its pane is on the screen; `focused`: brackets and bold, it has the keyboard. */
  readonly state: "other" | "shown" | "focused";
}
export interface RuleModel {
  readonly tabs: readonly Tab[];
  /** E.g. "build · line 11/18"; "" = nothing. */
  readonly right: string;
  /** Takes the place of `right` while it is shown. */
  readonly toast: Toast | undefined;
  /** A plain stroke before the first title; off where a joint is drawn there. Default true. */
  readonly lead?: boolean;
}
export interface Toast {
  readonly text: string;
  readonly tone: "plain" | "failed";
}
/** What stands where a rule meets the line beside the right column: ┬ ┴ ┤ ├ │. */
export type Joint = "down" | "up" | "left" | "right" | "none";

export function ruleRow(model: RuleModel, columns: number, look: Look): string {
  throw new BktuiError("internal", `not written: ${model.right} ${columns} ${look.ascii}`);
}

/** One cell. */
export function jointCell(joint: Joint, look: Look): string {
  throw new BktuiError("internal", `not written: ${joint} ${look.ascii}`);
}
