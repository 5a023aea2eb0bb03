/** What an emulator shows, with its colours. */
import type xterm from "@xterm/headless";

export interface StyledText {
  readonly text: string;
  /** Index into a palette of 256, or 0xrrggbb as "#rrggbb"; undefined = the terminal's own. */
  readonly foreground: number | string | undefined;
  readonly background: number | string | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

type Style = Omit<StyledText, "text">;
type Cell = NonNullable<ReturnType<NonNullable<ReturnType<xterm.IBuffer["getLine"]>>["getCell"]>>;

const CURSOR: Style = {
  foreground: undefined,
  background: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: true,
};

/** One list per row of the screen: neighbours of one style are one text. A cursor is a cell in inverse video. */
export function styledRows(
  emulator: InstanceType<typeof xterm.Terminal>,
  { cursor }: { readonly cursor: boolean },
): readonly (readonly StyledText[])[] {
  const { active } = emulator.buffer;
  return Array.from({ length: emulator.rows }, (_, row) => {
    const cells: StyledText[] = [];
    for (let column = 0; column < emulator.cols; column += 1) {
      const cell = active.getLine(active.viewportY + row)?.getCell(column);
      // The second half of a wide character has no width.
      if (cell === undefined || cell.getWidth() === 0) continue;
      const isCursor = cursor && row === active.cursorY && column === active.cursorX;
      add(cells, cell.getChars() || " ", isCursor ? CURSOR : styleOf(cell));
    }
    return cells;
  });
}

function add(cells: StyledText[], text: string, style: Style): void {
  const last = cells.at(-1);
  if (last === undefined || !isSame(last, style)) cells.push({ text, ...style });
  else cells[cells.length - 1] = { ...last, text: last.text + text };
}

function isSame(a: Style, b: Style): boolean {
  return (Object.keys(CURSOR) as (keyof Style)[]).every((key) => a[key] === b[key]);
}

function styleOf(cell: Cell): Style {
  return {
    foreground: colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    background: colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
  };
}

function colour(isDefault: boolean, isRgb: boolean, value: number): number | string | undefined {
  if (isDefault) return undefined;
  return isRgb ? `#${value.toString(16).padStart(6, "0")}` : value;
}
