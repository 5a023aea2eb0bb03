/** Row surfaces: panes that give finished rows to the compositor, without React. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}
/** In cells; x and y count from 0 at the top left of the screen. */
export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}
export interface Surface {
  /**
   * At most `size.rows` rows for the top of the pane; each is finished text with SGR only, no wider than
   * `size.columns` cells, with every SGR it opened closed again. Missing rows are blank.
   */
  rows(size: Size): readonly string[];
  /** Where the terminal's cursor belongs inside the pane, when this surface has the keyboard; undefined = hidden. */
  cursor?(size: Size): { readonly x: number; readonly y: number } | undefined;
}
