/** Rule rows: the lines between panes, with the titles of the panes below them. */
import type { Look, Role } from "./look.ts";
import { row, type Span, spansWidth } from "./row.ts";

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
}
export interface Toast {
  readonly text: string;
  readonly tone: "plain" | "failed";
}
/** What stands where a rule meets the line beside the right column: ┬ ┴ ┤ ├ │. */
export type Joint = "down" | "up" | "left" | "right" | "none";

/** One row, exactly `columns` cells, e.g. `─[ 3 Log ]─ 4 Shell ─ 8 Info ──── following ─`. */
export function ruleRow(model: RuleModel, columns: number, look: Look): string {
  const right = rightSpans(model);
  for (const form of FORMS) {
    const left = tabSpans(model.tabs, form, look);
    const stroke = columns - spansWidth(left, look) - spansWidth(right, look) - 1;
    if (stroke >= 1) return row([...left, strokes(stroke, look), ...right, strokes(1, look)], columns, look);
  }
  return crowded(model, right, columns, look);
}

/** One cell. */
export function jointCell(joint: Joint, look: Look): string {
  const glyphs = look.glyphs;
  const cells: Readonly<Record<Joint, string>> = {
    down: glyphs.downTee,
    up: glyphs.upTee,
    left: glyphs.leftTee,
    right: glyphs.rightTee,
    none: glyphs.vertical,
  };
  return look.paint("rule", cells[joint]);
}

/** All names; only the shown pane's name; only digits. */
type Form = "names" | "shown" | "digits";
const FORMS: readonly Form[] = ["names", "shown", "digits"];

/** Not even digits leave room for the words at the right: these are cut, at last dropped. */
function crowded(model: RuleModel, right: readonly Span[], columns: number, look: Look): string {
  const left = tabSpans(model.tabs, "digits", look);
  const room = columns - spansWidth(left, look) - 2;
  const words = room < 8 ? [] : right.map(({ text, role }) => ({ text: row([{ text }], room, look), role }));
  const shown = [...left, strokes(1, look), ...words];
  return row([...shown, strokes(Math.max(0, columns - spansWidth(shown, look)), look)], columns, look);
}

function rightSpans(model: RuleModel): readonly Span[] {
  if (model.toast !== undefined) {
    return [{ text: ` ${model.toast.text} `, role: model.toast.tone === "failed" ? "failed" : "bold" }];
  }
  return model.right === "" ? [] : [{ text: ` ${model.right} `, role: "rule" }];
}

function tabSpans(tabs: readonly Tab[], form: Form, look: Look): readonly Span[] {
  return [
    strokes(1, look),
    ...tabs.flatMap((tab, index) =>
      index === 0 ? tabSpan(tab, form) : [strokes(1, look), ...tabSpan(tab, form)],
    ),
  ];
}

function tabSpan(tab: Tab, form: Form): readonly Span[] {
  const role: Role = tab.state === "focused" ? "title" : "rule";
  const text =
    form === "names" || (form === "shown" && tab.state !== "other") ? ` ${tab.key} ${tab.name} ` : tab.key;
  return [{ text: tab.state === "other" ? text : `[${text}]`, role }];
}

function strokes(count: number, look: Look): Span {
  return { text: look.glyphs.horizontal.repeat(count), role: "rule" };
}
