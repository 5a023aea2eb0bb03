import type { ThemeName } from "../../console/settings.ts";

/** What a piece of text means; a theme decides how that looks. Meaning is never carried by colour alone. */
export type Role =
  | "strong"
  | "dim"
  | "title"
  | "rule"
  | "focused-rule"
  | "running"
  | "done"
  | "cached"
  | "failed"
  | "waiting"
  | "warning"
  | "error"
  | "current"
  | "selected"
  | "match"
  | "breakpoint"
  | "breakpoint-off"
  | "line-number"
  | "key"
  | "toast"
  | "syntax-keyword"
  | "syntax-string"
  | "syntax-comment"
  | "syntax-variable"
  | "syntax-flag"
  | "syntax-heredoc";

/** Each glyph is one cell wide, except `arrow`. */
export interface Glyphs {
  readonly breakpoint: string;
  readonly breakpointOff: string;
  readonly current: string;
  readonly done: string;
  readonly cached: string;
  readonly failed: string;
  readonly waiting: string;
  /** Frames of the running mark, one per tick. */
  readonly running: readonly string[];
  readonly ellipsis: string;
  /** Between parts of a line: `line 11 · 12s`. */
  readonly separator: string;
  readonly arrow: string;
  readonly stageEnd: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly teeDown: string;
  readonly teeUp: string;
  readonly teeLeft: string;
  readonly teeRight: string;
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
}

export interface Theme {
  readonly color: boolean;
  readonly ascii: boolean;
  readonly glyphs: Glyphs;
  /** The SGR sequence that starts the role, "" when the theme shows it as plain text. */
  open(role: Role): string;
  /** The text in that role, every SGR closed; roles inside `text` keep their look within it. */
  paint(role: Role, text: string): string;
}

export interface ThemeOptions {
  /** Default "terminal". "mono" has no colours, "high-contrast" nothing dim and no grey. */
  readonly name?: ThemeName | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default "auto": colour unless NO_COLOR has a value, FORCE_COLOR is 0 or TERM is dumb. */
  readonly color?: "auto" | "always" | "never" | undefined;
  /** Default "auto": ASCII when the locale is not UTF-8 or TERM is linux. */
  readonly ascii?: boolean | "auto" | undefined;
}

/** Bold, dim, underline and inverse of each role; kept without colour. */
const attributes: Readonly<Partial<Record<Role, string>>> = {
  strong: "1",
  dim: "2",
  title: "1",
  "focused-rule": "1",
  failed: "1",
  error: "1",
  current: "1",
  selected: "7",
  match: "7",
  breakpoint: "1",
  key: "1",
  toast: "1",
  warning: "4",
  "syntax-keyword": "1",
};

/** The 16 colours of the terminal's own theme, foreground only. */
const colors: Readonly<Partial<Record<Role, string>>> = {
  rule: "90",
  "focused-rule": "36",
  running: "33",
  done: "32",
  cached: "36",
  failed: "31",
  waiting: "90",
  warning: "33",
  error: "31",
  current: "33",
  breakpoint: "31",
  "breakpoint-off": "90",
  "line-number": "90",
  key: "36",
  toast: "33",
  "syntax-keyword": "34",
  "syntax-string": "32",
  "syntax-comment": "90",
  "syntax-variable": "35",
  "syntax-flag": "36",
  "syntax-heredoc": "32",
};

interface Looks {
  readonly attributes: Readonly<Partial<Record<Role, string>>>;
  readonly colors: Readonly<Partial<Record<Role, string>>>;
}

const usual: Looks = { attributes, colors };

/** Everything in the foreground's own colour or a bright one, none of them grey; what matters is bold. */
const highContrast: Looks = {
  attributes: {
    ...withoutDim(attributes),
    running: "1",
    waiting: "",
    error: "1;7",
    failed: "1;7",
    current: "1",
    "line-number": "",
  },
  colors: {
    "focused-rule": "96",
    running: "93",
    done: "92",
    cached: "96",
    failed: "91",
    warning: "93",
    error: "91",
    current: "93",
    breakpoint: "91",
    key: "96",
    toast: "93",
    "syntax-keyword": "96",
    "syntax-string": "92",
    "syntax-variable": "95",
    "syntax-flag": "93",
  },
};

function withoutDim(from: Looks["attributes"]): Looks["attributes"] {
  const { dim: _dim, ...others } = from;
  return others;
}

const unicodeGlyphs: Glyphs = {
  breakpoint: "●",
  breakpointOff: "○",
  current: ">",
  done: "✓",
  cached: "=",
  failed: "✗",
  waiting: "·",
  running: ["/", "-", "\\", "|"],
  ellipsis: "…",
  separator: "·",
  arrow: "→",
  stageEnd: "┄",
  horizontal: "─",
  vertical: "│",
  teeDown: "┬",
  teeUp: "┴",
  teeLeft: "┤",
  teeRight: "├",
  topLeft: "┌",
  topRight: "┐",
  bottomLeft: "└",
  bottomRight: "┘",
};

const asciiGlyphs: Glyphs = {
  breakpoint: "*",
  breakpointOff: "o",
  current: ">",
  done: "+",
  cached: "=",
  failed: "x",
  waiting: ".",
  running: ["/", "-", "\\", "|"],
  ellipsis: "~",
  separator: "-",
  arrow: "->",
  stageEnd: "-",
  horizontal: "-",
  vertical: "|",
  teeDown: "+",
  teeUp: "+",
  teeLeft: "+",
  teeRight: "+",
  topLeft: "+",
  topRight: "+",
  bottomLeft: "+",
  bottomRight: "+",
};

const reset = "\u001b[0m";

/** One theme for the whole session. */
export function makeTheme(options: ThemeOptions): Theme {
  const name = options.name ?? "terminal";
  const color = name !== "mono" && wantsColor(options);
  const looks = name === "high-contrast" ? highContrast : usual;
  const ascii = wantsAscii(options);
  const open = (role: Role): string => {
    const codes = [looks.attributes[role], color ? looks.colors[role] : undefined].filter(
      (code) => code !== undefined && code !== "",
    );
    return codes.length === 0 ? "" : `\u001b[${codes.join(";")}m`;
  };
  const paint = (role: Role, text: string): string => {
    const start = open(role);
    if (start === "" || text === "") return text;
    // An inner role ends with a reset; the outer one goes on behind it.
    return `${start}${text.replaceAll(reset, reset + start)}${reset}`;
  };
  return { color, ascii, glyphs: ascii ? asciiGlyphs : unicodeGlyphs, open, paint };
}

function wantsColor({ env, color = "auto" }: ThemeOptions): boolean {
  if (color !== "auto") return color === "always";
  if ((env["NO_COLOR"] ?? "") !== "" || env["FORCE_COLOR"] === "0") return false;
  return env["TERM"] !== "dumb";
}

function wantsAscii({ env, ascii = "auto" }: ThemeOptions): boolean {
  if (ascii !== "auto") return ascii;
  // POSIX order: the first one that has a value decides.
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return env["TERM"] === "linux" || !/utf-?8/i.test(locale);
}
