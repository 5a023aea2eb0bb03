/** Rows of an emulator's cells as text with colours. */
import type { IBufferCell, IBufferLine } from "@xterm/headless";
import { clusterWidth } from "../cells/width.ts";

/** Text of a line's cells with SGR, closed at the end; `columns` cells at most, trailing blanks left out. */
export function styledRow(line: IBufferLine, columns: number, options: RowOptions): string {
  const { cell, color } = options;
  let out = "";
  let style = "";
  let blanks = 0;
  for (let x = 0; x < columns; x++) {
    const current = line.getCell(x, cell);
    if (current === undefined) break;
    const width = current.getWidth();
    if (width === 0) continue;
    const wanted = current.isAttributeDefault() ? "" : styleOf(current, color);
    const text = x + width > columns ? " " : cellText(current, width);
    if (text === " " && wanted === "") {
      if (style !== "") out += RESET;
      style = "";
      blanks += 1;
      continue;
    }
    if (blanks > 0) out += " ".repeat(blanks);
    blanks = 0;
    if (wanted !== style) {
      out += wanted === "" ? RESET : `\u001b[0;${wanted}m`;
      style = wanted;
    }
    out += text;
  }
  return style === "" ? out : out + RESET;
}

export interface RowOptions {
  /** Reused for each cell, because a screen has thousands. */
  readonly cell: IBufferCell;
  /** False: bold, dim, italic, underline and inverse only. */
  readonly color: boolean;
}

const RESET = "\u001b[0m";

/**
 * What the outer terminal is given for the cell. Characters that would take another width there than here, or
 * that are invisible and could reorder the row, are reduced to their base.
 */
function cellText(cell: IBufferCell, width: number): string {
  const text = cell.getChars();
  if (text === "" || cell.isInvisible() !== 0) return " ".repeat(width);
  if (text.length === 1 && text >= " " && text <= "~") return text;
  const visible = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "");
  if (visible !== "" && clusterWidth(visible) === width) return visible;
  const base = String.fromCodePoint(visible.codePointAt(0) ?? 0x20);
  return clusterWidth(base) === width ? base : "?".padEnd(width);
}

function styleOf(cell: IBufferCell, color: boolean): string {
  const codes: string[] = [];
  if (cell.isBold() !== 0) codes.push("1");
  if (cell.isDim() !== 0) codes.push("2");
  if (cell.isItalic() !== 0) codes.push("3");
  if (cell.isUnderline() !== 0) codes.push("4");
  if (cell.isInverse() !== 0) codes.push("7");
  if (cell.isStrikethrough() !== 0) codes.push("9");
  if (color) {
    if (cell.isFgRGB()) codes.push(`38;2;${channels(cell.getFgColor())}`);
    else if (cell.isFgPalette()) codes.push(paletteCode(cell.getFgColor(), 30, 90));
    if (cell.isBgRGB()) codes.push(`48;2;${channels(cell.getBgColor())}`);
    else if (cell.isBgPalette()) codes.push(paletteCode(cell.getBgColor(), 40, 100));
  }
  return codes.join(";");
}

/** Indices, not colours: the first sixteen are whatever the user's terminal shows for them. */
function paletteCode(index: number, normal: number, bright: number): string {
  if (index < 8) return String(normal + index);
  if (index < 16) return String(bright + index - 8);
  return `${normal + 8};5;${index}`;
}

function channels(color: number): string {
  return `${(color >> 16) & 255};${(color >> 8) & 255};${color & 255}`;
}
