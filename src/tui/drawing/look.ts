/** How the terminal shows what is drawn: the look of each role, and the glyphs. */
import type { ThemeName } from "../../console/settings.ts";

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

/** Single cells, except `arrow`. */
export interface Glyphs {
  readonly breakpointOn: string;
  readonly breakpointOff: string;
  readonly current: string;
  /** Where the build really is, while an earlier stop is stood at. */
  readonly live: string;
  readonly done: string;
  readonly cached: string;
  /** The frame of this moment, see `atTick`. */
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
  /** False: bold and inverse stay, but "done" and its like look plain. */
  readonly color: boolean;
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

export interface LookOptions {
  /** Default "terminal". "mono" has no colours, "high-contrast" nothing dim and no grey. */
  readonly name?: ThemeName | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default "auto": colour unless NO_COLOR has a value, FORCE_COLOR is 0 or TERM is dumb. */
  readonly color?: "auto" | "always" | "never" | undefined;
  /** Default "auto": ASCII when the locale is not UTF-8 or TERM is linux. */
  readonly ascii?: boolean | "auto" | undefined;
}

interface Style {
  /** Bold, dim, underline and inverse of each role; kept without colour. */
  readonly attributes: Readonly<Partial<Record<Role, string>>>;
  /** The 16 colours of the terminal's own theme, foreground only. */
  readonly colors: Readonly<Partial<Record<Role, string>>>;
}

const ATTRIBUTES: Readonly<Partial<Record<Role, string>>> = {
  bold: "1",
  dim: "2",
  title: "1",
  failed: "1",
  current: "1",
  selected: "7",
  hit: "7",
  breakpoint: "1",
  key: "1",
  warning: "4",
  keyword: "1",
};

const COLORS: Readonly<Partial<Record<Role, string>>> = {
  rule: "90",
  running: "33",
  done: "32",
  cached: "36",
  failed: "31",
  waiting: "90",
  warning: "33",
  current: "33",
  breakpoint: "31",
  key: "36",
  keyword: "34",
  string: "32",
  comment: "90",
  variable: "35",
  flag: "36",
};

const USUAL: Style = { attributes: ATTRIBUTES, colors: COLORS };

/** Everything in the foreground's own colour or a bright one, none of them grey; what matters is bold. */
const HIGH_CONTRAST: Style = {
  attributes: {
    ...ATTRIBUTES,
    dim: "",
    running: "1",
    waiting: "",
    failed: "1;7",
  },
  colors: {
    running: "93",
    done: "92",
    cached: "96",
    failed: "91",
    warning: "93",
    current: "93",
    breakpoint: "91",
    key: "96",
    keyword: "96",
    string: "92",
    variable: "95",
    flag: "93",
  },
};

/** Of the running mark, one per tick. */
const FRAMES = ["/", "-", "\\", "|"] as const;

const UNICODE: Glyphs = {
  breakpointOn: "●",
  breakpointOff: "○",
  current: ">",
  live: "@",
  done: "✓",
  cached: "=",
  failed: "✗",
  waiting: "·",
  warning: "!",
  running: FRAMES[0],
  ellipsis: "…",
  dot: "·",
  arrow: "→",
  endMark: "┄",
  horizontal: "─",
  vertical: "│",
  downTee: "┬",
  upTee: "┴",
  leftTee: "┤",
  rightTee: "├",
  cross: "┼",
  topLeft: "┌",
  topRight: "┐",
  bottomLeft: "└",
  bottomRight: "┘",
};

const ASCII: Glyphs = {
  breakpointOn: "*",
  breakpointOff: "o",
  current: ">",
  live: "@",
  done: "+",
  cached: "=",
  failed: "x",
  waiting: ".",
  warning: "!",
  running: FRAMES[0],
  ellipsis: "~",
  dot: "-",
  arrow: "->",
  endMark: "-",
  horizontal: "-",
  vertical: "|",
  downTee: "+",
  upTee: "+",
  leftTee: "+",
  rightTee: "+",
  cross: "+",
  topLeft: "+",
  topRight: "+",
  bottomLeft: "+",
  bottomRight: "+",
};

const RESET = "\u001b[0m";

/** One for the whole run, but for the moment of the running mark. */
export function makeLook(options: LookOptions): Look {
  const name = options.name ?? "terminal";
  const color = name !== "mono" && wantsColor(options);
  const { attributes, colors } = name === "high-contrast" ? HIGH_CONTRAST : USUAL;
  const ascii = wantsAscii(options);
  const paint = (role: Role, text: string): string => {
    const codes = [attributes[role], color ? colors[role] : undefined].filter(
      (code) => code !== undefined && code !== "",
    );
    if (codes.length === 0 || text === "") return text;
    const start = `\u001b[${codes.join(";")}m`;
    // An inner role ends with a reset; the outer one goes on behind it.
    return `${start}${text.replaceAll(RESET, RESET + start)}${RESET}`;
  };
  return { color, ascii, glyphs: ascii ? ASCII : UNICODE, paint };
}

/** With the frame of the running mark for this tick, counted from 0. */
export function atTick(look: Look, tick: number): Look {
  return { ...look, glyphs: { ...look.glyphs, running: FRAMES[tick % FRAMES.length] ?? FRAMES[0] } };
}

function wantsColor({ env, color = "auto" }: LookOptions): boolean {
  if (color !== "auto") return color === "always";
  if ((env["NO_COLOR"] ?? "") !== "" || env["FORCE_COLOR"] === "0") return false;
  return env["TERM"] !== "dumb";
}

/** The terminal is to get nothing but ASCII of ours. */
export function wantsAscii({ env, ascii = "auto" }: LookOptions): boolean {
  if (ascii !== "auto") return ascii;
  // POSIX order: the first one that has a value decides.
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return env["TERM"] === "linux" || !/utf-?8/i.test(locale);
}
