/** The lines that a vertex is shown by. */
import type { Digest, OpLine, Vertex } from "../graph.ts";
import type { VertexName } from "./names.ts";

/** Labels stand in front of a column of texts. */
const LABEL_CHARACTERS = 9;
const INDENT = "  ";
/** More lines of one vertex are counted, not shown. */
const MOST_LINES = 200;

/** The title first. */
export function blockOf(vertex: Vertex, names: ReadonlyMap<Digest, VertexName>): readonly string[] {
  const title = names.get(vertex.digest)?.title ?? vertex.kind;
  const lines = (vertex.words?.lines ?? plainLines(vertex))
    .map((line) => lineOf(line, vertex, names))
    .filter((line) => line.trim().replace(/\s+/g, " ") !== title);
  const more = lines.length - MOST_LINES;
  const shown = more > 0 ? [...lines.slice(0, MOST_LINES), `${INDENT}… ${more} more lines`] : lines;
  return [title, ...shown];
}

/** What is known of every vertex. */
function plainLines({ inputs, rootInput }: Vertex): readonly OpLine[] {
  return inputs.map((_, input) => ({ label: input === rootInput ? "on" : "input", text: "", input }));
}

function lineOf(
  { label, text, input, rest = "" }: OpLine,
  { inputs }: Vertex,
  names: ReadonlyMap<Digest, VertexName>,
): string {
  const named = input === undefined ? "" : input === "scratch" ? "scratch" : inputName(inputs[input], names);
  return `${INDENT}${oneLine(label).padEnd(LABEL_CHARACTERS)} ${oneLine(`${text}${named}${rest}`)}`.trimEnd();
}

function inputName(
  edge: Vertex["inputs"][number] | undefined,
  names: ReadonlyMap<Digest, VertexName>,
): string {
  if (edge === undefined) return "what is missing";
  const name = names.get(edge.vertex)?.name ?? edge.vertex;
  return edge.output === 0 ? name : `${name} (output ${edge.output})`;
}

/** What an op says must not look like lines of its own; blanks at its beginning are its own. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, " ").replaceAll("\t", "  ");
}
