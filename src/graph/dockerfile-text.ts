/** What the text of a Dockerfile says: instructions and FROM lines. The definition's source map corrects it. */
import { DockerfileParser, type From } from "dockerfile-ast";
import { type Line, lineOf } from "./graph.ts";

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

/** Instructions in file order. dockerfile-ast counts lines from 0: the only place where its numbers appear. */
export function readInstructions(text: string): readonly TextInstruction[] {
  const found: TextInstruction[] = [];
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

/** Stages by their FROM lines: all that is known of a file that could not be loaded. */
export function readStages(text: string): readonly { readonly name: string; readonly from: string }[] {
  return readInstructions(text)
    .flatMap(({ from }) => (from === undefined ? [] : [from]))
    .map(({ image, alias }, index) => ({ name: alias ?? `stage-${index}`, from: image }));
}

/** The escape directive of the first lines; a backslash unless the file says otherwise. */
export function escapeCharacter(lines: readonly string[]): string {
  return directive(lines, "escape") === "`" ? "`" : "\\";
}

/** The image of `# syntax=…`; undefined when the engine's own frontend reads the file. */
export function syntaxImage(text: string): string | undefined {
  return directive(splitLines(text), "syntax");
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
 * The logical line that begins at `start`, folded to one: continuations joined, comments and blank lines in
 * between left out. `mark` is the escape character. A heredoc's body is not part of it.
 */
export function foldLine(lines: readonly string[], start: Line, end: Line, mark: string): string {
  const parts: string[] = [];
  for (let index = start - 1; index < Math.min(end, lines.length); index++) {
    const line = (lines[index] ?? "").trim();
    if (parts.length > 0 && (line === "" || line.startsWith("#"))) continue;
    if (!line.endsWith(mark)) {
      parts.push(line);
      break;
    }
    parts.push(line.slice(0, -mark.length).trimEnd());
  }
  return parts.filter((part) => part !== "").join(" ");
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
