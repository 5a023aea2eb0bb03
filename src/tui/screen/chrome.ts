/** The rows between the panes: status, rules, hints. One string per screen row; panes are laid over them. */
import type { Keys } from "../commands/key-bindings.ts";
import { hintRow } from "../drawing/hint-row.ts";
import { type Joint, jointCell, type RuleModel, ruleRow, type Tab, type Toast } from "../drawing/rule.ts";
import { ALL_PANES, paneIn } from "../panes/all-panes.ts";
import type { Pane } from "../panes/pane.ts";
import type { Slot } from "../state/layout.ts";
import type { UiState } from "../state/ui-state.ts";
import { hintModel } from "./hints.ts";
import { statusRow } from "./status-row.ts";
import type { View } from "./view.ts";

interface Piece {
  readonly x: number;
  readonly columns: number;
  readonly text: string;
}

/** As many strings as the screen has rows; rows without chrome are "". */
export function chromeRows(view: View): readonly string[] {
  const { size, layout, look } = view;
  const pieces: Piece[][] = Array.from({ length: size.rows }, () => []);
  const put = (y: number, piece: Piece): void => {
    pieces[y]?.push(piece);
  };
  const { status, hint } = layout;
  if (status.rows > 0)
    put(status.y, { x: 0, columns: status.columns, text: statusRow(view.status, status.columns, look) });
  if (hint.rows > 0) {
    const model = hintModel(view.availability, size.columns);
    put(hint.y, { x: 0, columns: hint.columns, text: hintRow(model, hint.columns, look) });
  }
  for (const { kind, rect } of layout.rules) {
    if (kind === "divider") {
      for (let y = rect.y; y < rect.y + rect.rows; y += 1) {
        put(y, { x: rect.x, columns: 1, text: jointCell(jointAt(view, y, rect.y), look) });
      }
    } else {
      put(rect.y, {
        x: rect.x,
        columns: rect.columns,
        text: ruleRow(ruleModel(view, kind), rect.columns, look),
      });
    }
  }
  return pieces.map(joined);
}

/** Pieces of one row from the left, with blanks between them. */
function joined(pieces: readonly Piece[]): string {
  let text = "";
  let x = 0;
  for (const piece of [...pieces].sort((a, b) => a.x - b.x)) {
    text += " ".repeat(Math.max(0, piece.x - x)) + piece.text;
    x = piece.x + piece.columns;
  }
  return text;
}

function jointAt(view: View, y: number, top: number): Joint {
  if (y === top) return "down";
  const crossing = view.layout.rules.some(({ kind, rect }) => kind === "lower" && rect.y === y);
  return crossing ? "left" : "none";
}

function ruleModel(view: View, slot: Slot): RuleModel {
  const { ui, availability } = view;
  const pane = paneIn(slot, ui.lower);
  const right = pane.summary(view, slot);
  if (slot === "lower") return { tabs: lowerTabs(view), right, toast: toastOf(ui) };
  const hasFocus = pane.id === ui.focus && pane.id !== ui.lower && ui.keyboard === "debugger";
  const tab: Tab = {
    key: keyOf(pane, availability.keys),
    name: pane.title,
    state: hasFocus ? "focused" : "other",
  };
  return { tabs: [tab], right, toast: undefined };
}

function lowerTabs({ ui, availability }: View): readonly Tab[] {
  return ALL_PANES.filter(
    ({ id, tab }) => tab === "always" || (tab === "while shown" && id === ui.lower),
  ).map((pane): Tab => {
    const place = ui.focus === pane.id ? "focused" : "shown";
    const state = pane.id === ui.lower ? place : "other";
    return { key: keyOf(pane, availability.keys), name: pane.title, state };
  });
}

/** The palette's where it is reached by name only. */
function keyOf({ command }: Pane, keys: Keys): string {
  return keys.keyOf(keys.bindingOf(command)?.keys.length === 0 ? "palette" : command);
}

function toastOf(ui: UiState): Toast | undefined {
  if (ui.toast === undefined) return undefined;
  return { text: ui.toast.text, tone: ui.toast.level === "error" ? "failed" : "plain" };
}
