/** Colours for Dockerfiles: a tokeniser that never fails and whose work grows with the length of the text only. */
import type { Line } from "../../../graph/graph.ts";
import type { Role } from "../../drawing/look.ts";

export interface SyntaxSpan {
  readonly text: string;
  readonly role: Role | undefined;
}

/** A Dockerfile's lines with what their colours depend on. Immutable. */
export interface SourceText {
  /** Without line ends and byte order mark. */
  readonly lines: readonly string[];
  /** Spans whose texts joined give the line; empty for a line that does not exist. */
  spans(line: Line): readonly SyntaxSpan[];
}

/** What the colours of a line depend on from the lines above it. */
type LineState =
  | { readonly kind: "start" }
  | {
      readonly kind: "inside";
      readonly keyword: string;
      /** Flags of the instruction may still come. */
      readonly flags: boolean;
      readonly heredocs: readonly Heredoc[];
    }
  | { readonly kind: "heredoc"; readonly heredocs: readonly Heredoc[] };

interface Heredoc {
  readonly word: string;
  /** `<<-`: tabs before the closing word are ignored. */
  readonly tabs: boolean;
}

const start: LineState = { kind: "start" };

/** The rest of a longer line stays plain: it is drawn at each frame. */
const COLORED_CHARACTERS = 4096;

/** Reads the whole text once; the spans of a line are computed when asked for. Only a Dockerfile has colours. */
export function sourceText(text: string, isDockerfile = true): SourceText {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (!isDockerfile) return plainText(lines);
  const escapeSign = escapeCharacter(lines);
  const states: LineState[] = [];
  let state = start;
  for (const line of lines) {
    states.push(state);
    state = scanLine(line, state, escapeSign, ignoreSpan);
  }
  return {
    lines,
    spans: (line) => {
      const at = states[line - 1];
      const shown = lines[line - 1];
      if (at === undefined || shown === undefined) return [];
      if (shown.length <= COLORED_CHARACTERS) return lineSpans(shown, at, escapeSign);
      const front = lineSpans(shown.slice(0, COLORED_CHARACTERS), at, escapeSign);
      return [...front, { text: shown.slice(COLORED_CHARACTERS), role: undefined }];
    },
  };
}

/** Comments are alike in most languages. */
function plainText(lines: readonly string[]): SourceText {
  return {
    lines,
    spans: (line) => {
      const text = lines[line - 1];
      if (text === undefined) return [];
      return [{ text, role: /^\s*#/.test(text) ? "comment" : undefined }];
    },
  };
}

type Emit = (text: string, role: Role | undefined) => void;

function ignoreSpan(): void {
  // The first pass wants only the states between the lines.
}

function lineSpans(line: string, state: LineState, escapeSign: string): readonly SyntaxSpan[] {
  const spans: SyntaxSpan[] = [];
  scanLine(line, state, escapeSign, (text, role) => {
    const last = spans.at(-1);
    if (last !== undefined && last.role === role) spans[spans.length - 1] = { text: last.text + text, role };
    else if (text !== "") spans.push({ text, role });
  });
  return spans;
}

/** The parser directive `# escape=` counts only above everything else. */
function escapeCharacter(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^\s*#\s*([a-zA-Z]+)\s*=\s*(\S+)\s*$/.exec(line);
    if (directive === null) return "\\";
    if (directive[1]?.toLowerCase() === "escape" && directive[2] === "`") return "`";
  }
  return "\\";
}

/** Gives the line's spans to `emit` and returns the state of the next line. */
function scanLine(line: string, state: LineState, escapeSign: string, emit: Emit): LineState {
  if (state.kind === "heredoc") return scanHeredoc(line, state.heredocs, emit);
  if (line.trim() === "") {
    emit(line, undefined);
    return state;
  }
  if (/^\s*#/.test(line)) {
    emit(line, "comment");
    return state;
  }
  const inside = state.kind === "inside" ? { state, from: 0 } : scanKeyword(line, emit);
  return scanArguments(line, inside.from, inside.state, escapeSign, emit);
}

function scanHeredoc(line: string, heredocs: readonly Heredoc[], emit: Emit): LineState {
  const [open, ...later] = heredocs;
  if (open === undefined) return start;
  const closes = (open.tabs ? line.replace(/^\t+/, "") : line) === open.word;
  emit(line, closes ? "keyword" : "string");
  if (!closes) return { kind: "heredoc", heredocs };
  return later.length === 0 ? start : { kind: "heredoc", heredocs: later };
}

const INSTRUCTIONS = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);
type Inside = Extract<LineState, { readonly kind: "inside" }>;

function scanKeyword(line: string, emit: Emit): { readonly state: Inside; readonly from: number } {
  const first = /^(\s*)([A-Za-z]+)(?=\s|$)/.exec(line);
  let from = 0;
  let keyword = "";
  if (first !== null && INSTRUCTIONS.has((first[2] ?? "").toUpperCase())) {
    keyword = (first[2] ?? "").toUpperCase();
    emit(first[1] ?? "", undefined);
    emit(first[2] ?? "", "keyword");
    from = first[0].length;
  }
  const second = keyword === "ONBUILD" ? /^(\s+)([A-Za-z]+)(?=\s|$)/.exec(line.slice(from)) : null;
  if (second !== null && INSTRUCTIONS.has((second[2] ?? "").toUpperCase())) {
    keyword = (second[2] ?? "").toUpperCase();
    emit(second[1] ?? "", undefined);
    emit(second[2] ?? "", "keyword");
    from += second[0].length;
  }
  return { state: { kind: "inside", keyword, flags: true, heredocs: [] }, from };
}

interface Token {
  readonly text: string;
  readonly role: Role | undefined;
  readonly heredoc?: Heredoc;
}

function scanArguments(line: string, from: number, state: Inside, escapeSign: string, emit: Emit): LineState {
  const continued = endsWithEscape(line, escapeSign);
  const end = continued === undefined ? line.length : continued;
  const heredocs = [...state.heredocs];
  let flags = state.flags;
  let at = from;
  while (at < end) {
    const token = nextToken(line, at, end, flags, state.keyword);
    emit(token.text, token.role);
    if (token.heredoc !== undefined) heredocs.push(token.heredoc);
    if (token.role !== "flag" && token.text.trim() !== "") flags = false;
    at += token.text.length;
  }
  emit(line.slice(end), "comment");
  if (continued !== undefined) return { kind: "inside", keyword: state.keyword, flags, heredocs };
  return heredocs.length === 0 ? start : { kind: "heredoc", heredocs };
}

/** Index of a line continuation at the end of the line. */
function endsWithEscape(line: string, escapeSign: string): number | undefined {
  const trimmed = line.trimEnd();
  return trimmed.endsWith(escapeSign) ? trimmed.length - 1 : undefined;
}

// Repetitions inside are bounded, so that hostile lines cannot make a failed attempt expensive.
const BLANKS = /\s+/y;
const FLAG = /--[A-Za-z][\w-]{0,64}(?:=\S*)?/y;
const VARIABLE = /\$(?:\{[^}$]{0,256}\}|[A-Za-z_]\w*|[0-9@*#?$!-])/y;
const HEREDOC_START = /<<(-?)(["']?)([A-Za-z_][\w.]{0,63})\2/y;
const WORD = /[^\s$"'<]+/y;
const WITH_HEREDOCS = new Set(["RUN", "COPY", "ADD"]);

function nextToken(line: string, at: number, end: number, flags: boolean, keyword: string): Token {
  const here = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(line);
  };
  const cut = (text: string, role: Role | undefined): Token => ({ text: text.slice(0, end - at), role });
  const space = here(BLANKS);
  if (space !== null) return cut(space[0], undefined);
  const option = flags ? here(FLAG) : null;
  if (option !== null) return cut(option[0], "flag");
  const name = here(VARIABLE);
  if (name !== null) return cut(name[0], "variable");
  const quote = line[at];
  if (quote === '"' || quote === "'") return cut(quoted(line, at, quote), "string");
  const heredoc = WITH_HEREDOCS.has(keyword) ? here(HEREDOC_START) : null;
  if (heredoc !== null) {
    return {
      ...cut(heredoc[0], "keyword"),
      heredoc: { word: heredoc[3] ?? "", tabs: heredoc[1] === "-" },
    };
  }
  const plain = here(WORD);
  if (plain === null) return cut(line[at] ?? "", undefined);
  const isAs = keyword === "FROM" && plain[0].toUpperCase() === "AS" && /\s/.test(line[at - 1] ?? "");
  return cut(plain[0], isAs ? "keyword" : undefined);
}

/** Up to the closing quote, or to the end of the line. */
function quoted(line: string, at: number, quote: string): string {
  let close = at + 1;
  while (close < line.length && line[close] !== quote) close += quote === '"' && line[close] === "\\" ? 2 : 1;
  return line.slice(at, close + 1);
}
