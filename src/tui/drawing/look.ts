/** What a pane needs to know of the terminal: how a role looks, and which glyphs there are. */

/** Why a piece of text is drawn differently; the theme decides how. Colour only repeats what a glyph or word says. */
export type Role =
  | "plain"
  | "dim"
  | "bold"
  | "rule" // lines and titles between panes
  | "title" // title of the pane that has the keyboard
  | "key" // a key in a hint
  | "current" // where the build stands
  | "breakpoint"
  | "done"
  | "cached"
  | "running"
  | "failed"
  | "waiting"
  | "warning"
  | "selected" // the row under the cursor
  | "hit" // a search hit
  | "keyword"
  | "flag"
  | "string"
  | "variable"
  | "comment";

/** Single cells, except `more`. */
export interface Glyphs {
  readonly breakpointOn: string;
  readonly breakpointOff: string;
  readonly current: string;
  readonly done: string;
  readonly cached: string;
  readonly running: string;
  readonly failed: string;
  readonly waiting: string;
  readonly warning: string;
  readonly ellipsis: string;
  readonly dot: string;
  readonly arrow: string;
  readonly endMark: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly downTee: string;
  readonly upTee: string;
  readonly leftTee: string;
  readonly rightTee: string;
  readonly cross: string;
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
}

export interface Look {
  /** Only bytes 0x20-0x7e may be shown; everything else is transliterated or marked. */
  readonly ascii: boolean;
  readonly glyphs: Glyphs;
  /** Wraps text that is already safe into the role's SGR and closes it again; "plain" and "" give the text itself. */
  paint(role: Role, text: string): string;
}

/** How a step stands; each has a glyph and a word. */
export type StepMark = "done" | "cached" | "running" | "failed" | "waiting";

export function markGlyph(look: Look, mark: StepMark): string {
  return look.glyphs[mark];
}

/** Role of the words at the right edge of a step's row. */
export function rightRole(mark: StepMark | undefined): Role {
  return mark === "failed" || mark === "running" ? mark : "dim";
}

/** A theme without colours keeps bold and inverse, but has nothing to say about "done". */
export function hasColors(look: Look): boolean {
  return look.paint("done", "x") !== "x";
}
