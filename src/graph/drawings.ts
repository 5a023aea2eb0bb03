/** A graph as text for programs that draw: Graphviz and Mermaid. Names are escaped for them, and made harmless. */
import { clipText } from "../base/limits.ts";
import { visibleLine } from "../base/visible.ts";
import type { Digest, Graph, Vertex } from "./graph.ts";

const LABEL_CHARACTERS = 160;
/** What means something in a quoted label of Mermaid, or in the HTML that it becomes. */
const MERMAID_SPECIAL = /["#&<>`\\;%{}[\]|$]/g;

/** Of the dot language. */
export function dotOf(graph: Graph): string {
  const ids = idsOf(graph);
  const lines = [...graph.vertices.values()].map(
    (vertex) =>
      `  ${ids.get(vertex.digest)} [label=${dotText(labelOf(vertex))}, shape=${SHAPES.get(vertex.kind) ?? "box"}${isResult(graph, vertex) ? ", peripheries=2" : ""}];`,
  );
  const edges = edgesOf(graph, ids).map(({ from, to, output }) => {
    const label = output === 0 ? "" : ` [label="output ${output}"]`;
    return `  ${from} -> ${to}${label};`;
  });
  return [
    "digraph definition {",
    "  rankdir=BT;",
    '  node [fontname="monospace"];',
    ...lines,
    ...edges,
    "}",
  ].join("\n");
}

const SHAPES: ReadonlyMap<Vertex["kind"], string> = new Map([
  ["source", "ellipse"],
  ["exec", "box"],
  ["file", "note"],
]);

function dotText(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** A flowchart of Mermaid. */
export function mermaidOf(graph: Graph): string {
  const ids = idsOf(graph);
  const lines = [...graph.vertices.values()].map((vertex) => {
    const text = `"${labelOf(vertex).replace(MERMAID_SPECIAL, (each) => `#${each.charCodeAt(0)};`)}"`;
    const id = ids.get(vertex.digest) ?? "";
    return `  ${id}${vertex.kind === "source" ? `([${text}])` : `[${text}]`}`;
  });
  const edges = edgesOf(graph, ids).map(({ from, to, output }) =>
    output === 0 ? `  ${from} --> ${to}` : `  ${from} -- "output ${output}" --> ${to}`,
  );
  return ["flowchart BT", ...lines, ...edges].join("\n");
}

/** Short names, in the graph's order. */
function idsOf({ vertices }: Graph): ReadonlyMap<Digest, string> {
  return new Map([...vertices.keys()].map((digest, index) => [digest, `n${index + 1}`]));
}

function labelOf({ kind, name, digest }: Vertex): string {
  return clipText(visibleLine(`${kind}: ${name === "" ? digest : name}`), LABEL_CHARACTERS);
}

function isResult({ result }: Graph, { digest }: Vertex): boolean {
  return result?.vertex === digest;
}

function edgesOf({ vertices }: Graph, ids: ReadonlyMap<Digest, string>) {
  return [...vertices.values()].flatMap(({ digest, inputs }) =>
    inputs.map(({ vertex, output }) => ({ from: ids.get(vertex), to: ids.get(digest), output })),
  );
}
