/** The command line on the last row, and the entries that fit above it. */

import type { Rect, Size } from "../cells/rect.ts";
import { textWidth } from "../cells/width.ts";
import type { Keys } from "../commands/key-bindings.ts";
import { printedKey } from "../commands/keymap.ts";
import { suggestions } from "../commands/suggestions.ts";
import type { Look } from "../drawing/look.ts";
import { row } from "../drawing/row.ts";
import type { Overlay } from "../state/ui-state.ts";

type Prompt = Extract<Overlay, { kind: "prompt" }>;

/** Finished rows and where they belong. */
export interface PaletteBox {
  readonly rect: Rect;
  readonly rows: readonly string[];
}

const MAX_SUGGESTIONS = 10;
const WIDEST = 76;

/** The typed line with its sign, for the last row. */
export function promptRow(prompt: Prompt, columns: number, look: Look): string {
  return row(
    [{ text: ` ${signOf(prompt.purpose)}`, role: "key" }, { text: prompt.input.text }],
    columns,
    look,
  );
}

/** Where the terminal's cursor stands on that row, from 0. */
export function promptCursor(prompt: Prompt, columns: number): number {
  const typed = textWidth(prompt.input.text.slice(0, prompt.input.caret));
  return Math.min(columns - 1, 1 + textWidth(signOf(prompt.purpose)) + typed);
}

function signOf(purpose: Prompt["purpose"]): string {
  switch (purpose) {
    case "command":
      return ":";
    case "search":
      return "/";
    case "breakpoint":
      return "breakpoint at (11 app:end stage:app /RUN npm/ miss first): ";
    case "program":
      return "program (/path/in/the/image ARGUMENTS): ";
    case "write":
      return "write a copy to: ";
    case "export":
      return "export [base|failed|after] TYPE DEST: ";
    case "argument":
      return "build argument NAME=VALUE (NAME alone removes it): ";
  }
}

/** Suggestions right above the last row, the chosen one marked; undefined when there are none. */
export function paletteBox(prompt: Prompt, keys: Keys, size: Size, look: Look): PaletteBox | undefined {
  if (prompt.purpose !== "command") return undefined;
  const found = suggestions(prompt.input.text);
  const shown = Math.min(MAX_SUGGESTIONS, found.length, Math.max(0, size.rows - 4));
  if (shown === 0) return undefined;
  const columns = Math.min(WIDEST, size.columns);
  const first = Math.max(0, Math.min(prompt.selected - shown + 1, found.length - shown));
  const rows = found.slice(first, first + shown).map((binding, index) => {
    const selected = first + index === prompt.selected;
    const mark = selected ? look.glyphs.current : " ";
    const text = ` ${mark} ${binding.name.padEnd(16)} ${binding.label}`;
    const chords = keys.bindingOf(binding.command)?.keys ?? [];
    const painted = row([{ text, role: selected ? "selected" : "plain" }], columns, look, {
      right: [{ text: ` ${chords.map(printedKey).join(" ")} `, role: "key" }],
    });
    return painted;
  });
  const { horizontal } = look.glyphs;
  const rule = look.paint("rule", horizontal.repeat(columns));
  return {
    rect: { x: 0, y: size.rows - 1 - rows.length - 1, columns, rows: rows.length + 1 },
    rows: [rule, ...rows],
  };
}
