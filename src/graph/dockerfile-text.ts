/** What the text of a Dockerfile says: instructions and FROM lines. The definition's source map corrects it. */
import { DockerfileParser, type From } from "dockerfile-ast";
import { type Line, lineOf } from "./graph.ts";
import { isDockerfile } from "./language.ts";

/** An instruction as the text alone shows it. */
export interface TextInstruction {
  /** In capitals. */
  readonly keyword: string;
  readonly start: Line;
  readonly end: Line;
  /** For FROM: image or stage as written, and the name after AS. */
  readonly from: { readonly image: string; readonly alias: string | undefined } | undefined;
}

/** Lines of a text without their ends (CRLF or LF) and without a byte order mark. */
export function splitLines(text: string): readonly string[] {
  return withoutMark(text)
    .split("\n")
    .map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

/** Instructions in file order; none of a text that is no Dockerfile. dockerfile-ast counts lines from 0: the only place where its numbers appear. */
export function readInstructions(text: string): readonly TextInstruction[] {
  const found: TextInstruction[] = [];
  if (!isDockerfile(text)) return found;
  for (const instruction of DockerfileParser.parse(withoutMark(text)).getInstructions()) {
    const range = instruction.getRange();
    const keyword = instruction.getKeyword().toUpperCase();
    found.push({
      keyword,
      start: lineOf(range.start.line + 1),
      end: lineOf(range.end.line + 1),
      from: keyword === "FROM" ? readFrom(instruction) : undefined,
    });
  }
  return found;
}

/** A stage by its FROM line. */
export interface NamedStage {
  /** In lower case, as BuildKit looks for it; unlike that of any other stage of the file. */
  readonly name: string;
  /** A target can be named by it. */
  readonly isNamed: boolean;
  /** Image or stage as written. */
  readonly from: string;
}

/** Stages by their FROM lines: all that is known of a file that could not be loaded. */
export function readStages(text: string): readonly NamedStage[] {
  return nameStages(readInstructions(text).flatMap(({ from }) => (from === undefined ? [] : [from])));
}

/**
 * BuildKit (0.8 to 0.32) does not distinguish names by case; a name given twice is the later stage's, for a target and for
 * all that stands below it. The others are known by their numbers.
 */
export function nameStages(froms: readonly NonNullable<TextInstruction["from"]>[]): readonly NamedStage[] {
  const aliases = froms.map(({ alias }) => alias?.toLowerCase());
  const taken = new Set(aliases);
  return froms.map(({ image }, index) => {
    const alias = aliases[index];
    const isNamed = alias !== undefined && aliases.lastIndexOf(alias) === index;
    return { name: isNamed ? alias : numbered(index, taken), isNamed, from: image };
  });
}

/** "stage-0" as BuildKit calls it; longer where another stage was given that name. */
function numbered(index: number, taken: ReadonlySet<string | undefined>): string {
  let name = `stage-${index}`;
  while (taken.has(name)) name += "-";
  return name;
}

/** The escape directive of the first lines; a backslash unless the file says otherwise. */
export function escapeCharacter(lines: readonly string[]): string {
  return directive(lines, "escape") === "`" ? "`" : "\\";
}

/**
 * The image of `# syntax=…`, of `// syntax=…` or of the field "syntax" of JSON (both BuildKit 0.11); undefined when the engine's
 * own frontend reads the file.
 */
export function syntaxImage(text: string): string | undefined {
  const slashes = /^\s*\/\/\s*syntax\s*=\s*(\S+)\s*$/im.exec(splitLines(text)[0] ?? "")?.[1];
  return directive(splitLines(text), "syntax") ?? slashes ?? syntaxInJson(text);
}

function syntaxInJson(text: string): string | undefined {
  if (!/^\s*\{/.test(withoutMark(text))) return undefined;
  try {
    const { syntax } = JSON.parse(withoutMark(text)) as { readonly syntax?: unknown };
    return typeof syntax === "string" && syntax !== "" ? syntax : undefined;
  } catch {
    return undefined;
  }
}

/** Directives are comments of the form NAME=VALUE above everything else. */
function directive(lines: readonly string[], name: string): string | undefined {
  for (const line of lines) {
    const found = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (found === null) return undefined;
    if (found[1]?.toLowerCase() === name) return found[2];
  }
  return undefined;
}

/**
 * The logical line that begins at `start`, folded to one as the frontend does it: continuations joined without anything
 * in between, comments and blank lines left out. Blanks around a join are one. `mark` is the escape character. A
 * heredoc's body is not part of it.
 */
export function foldLine(lines: readonly string[], start: Line, end: Line, mark: string): string {
  let text = "";
  for (let index = start - 1; index < Math.min(end, lines.length); index++) {
    const line = (lines[index] ?? "").trimEnd();
    if (index >= start && (line === "" || /^\s*#/.test(line))) continue;
    const goesOn = line.endsWith(mark);
    text = joined(text, goesOn ? line.slice(0, -mark.length) : line);
    if (!goesOn) break;
  }
  return text.trim();
}

function joined(text: string, more: string): string {
  const isApart = /\s$/.test(text) || /^\s/.test(more);
  return `${text.trimEnd()}${isApart ? " " : ""}${more.trimStart()}`;
}

function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function readFrom(instruction: object): TextInstruction["from"] {
  if (!isFrom(instruction)) return { image: "", alias: undefined };
  return { image: instruction.getImage() ?? "", alias: instruction.getBuildStage() ?? undefined };
}

function isFrom(instruction: object): instruction is From {
  return "getImage" in instruction && "getBuildStage" in instruction;
}
