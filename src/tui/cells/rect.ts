/** Sizes and places in cells, and what fills a place with rows. */

export interface Size {
  readonly columns: number;
  readonly rows: number;
}
/** In cells; x and y count from 0 at the top left of the screen. */
export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}
export interface RowSource {
  /**
   * At most `size.rows` rows for the top of the pane; each is finished text with SGR only, no wider than
   * `size.columns` cells, with every SGR it opened closed again. Missing rows are blank.
   */
  rows(size: Size): readonly string[];
  /** Where the terminal's cursor belongs inside the pane, when it has the keyboard; undefined = hidden. */
  cursor?(size: Size): { readonly x: number; readonly y: number } | undefined;
}
