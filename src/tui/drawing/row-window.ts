/** Which part of a long list a pane shows. All numbers count rows from 0. */

export interface WindowInput {
  readonly cursor: number;
  readonly rows: number;
  readonly total: number;
}

/** First row to show so that the cursor is in the middle, without empty rows below the end. */
export function centeredTop({ cursor, rows, total }: WindowInput): number {
  return clampTop(cursor - Math.floor(rows / 2), rows, total);
}

/** First row to show after the cursor moved: as little scrolling as keeps `margin` rows around it. */
export function scrolledTop(top: number, { cursor, rows, total }: WindowInput, margin = 1): number {
  const kept = Math.min(margin, Math.max(0, Math.floor((rows - 1) / 2)));
  const lowest = cursor - rows + 1 + kept;
  const highest = cursor - kept;
  return clampTop(Math.min(Math.max(top, lowest), highest), rows, total);
}

export function clampTop(top: number, rows: number, total: number): number {
  return Math.max(0, Math.min(top, total - rows));
}
