/** What vertices and stages of a definition are called: by what they say, never by a number of the definition. */
import type { Digest, Graph, Vertex } from "../graph.ts";
import type { Chain } from "./chains.ts";

/** A longer title is cut; the lines below have the rest. */
const TITLE_CHARACTERS = 200;
const NAME_CHARACTERS = 60;
const STAGE_CHARACTERS = 28;

export interface VertexName {
  /** "exec make x": the line that its step is shown by. Untrusted text. */
  readonly title: string;
  /** "make x": how other lines refer to it. Untrusted text. */
  readonly name: string;
}

/** Of all vertices, internal ones too; unlike each other. */
export function vertexNames(graph: Graph, chains: readonly Chain[]): ReadonlyMap<Digest, VertexName> {
  const names = new Map<Digest, VertexName>();
  const times = new Map<string, number>();
  const nameAt: NameAt = (digest) =>
    names.get(digest)?.name ?? cut(folded(graph.vertices.get(digest)?.name ?? ""), NAME_CHARACTERS);
  const ordered = chains.flatMap(({ members }) => members);
  // Those in reading order count first, so that helpers change no names.
  for (const vertex of new Set([...ordered, ...graph.vertices.values()])) {
    const own = cut(nameOf(vertex, nameAt), NAME_CHARACTERS);
    const nth = (times.get(own) ?? 0) + 1;
    times.set(own, nth);
    const suffix = nth === 1 ? "" : ` (${nth})`;
    names.set(vertex.digest, {
      title: `${cut(titleOf(vertex, nameAt), TITLE_CHARACTERS)}${suffix}`,
      name: `${own}${suffix}`,
    });
  }
  return names;
}

type NameAt = (vertex: Digest) => string;

/** One line, blanks as one. */
export function folded(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

export function cut(text: string, characters: number): string {
  if (text.length <= characters) return text;
  // A pair of surrogates is one character.
  const end = /[\ud800-\udbff]/.test(text.charAt(characters - 2)) ? characters - 2 : characters - 1;
  return `${text.slice(0, end)}…`;
}

function nameOf(vertex: Vertex, nameAt: NameAt): string {
  const { words, name, kind } = vertex;
  if (words === undefined || words.isNamed) return folded(name) || kind;
  return folded(words.object) || byInputs(vertex, nameAt);
}

function titleOf(vertex: Vertex, nameAt: NameAt): string {
  const verb = verbOf(vertex);
  const name = nameOf(vertex, nameAt);
  const said = withoutTag(name).toLowerCase();
  return said.startsWith(`${verb} `) || said === verb ? name : `${verb} ${name}`;
}

/** "[railpack] merge a, b" -> "merge a, b": who made it is no part of what it does. */
export function withoutTag(name: string): string {
  return name.replace(/^\[[^\]]*\]\s*/, "");
}

/** E.g. "exec", "copy", "image". */
export function verbOf({ words, kind }: Vertex): string {
  return words?.verb ?? kind;
}

/** "merge busybox:1.36 + make x". */
function byInputs(vertex: Vertex, nameAt: NameAt): string {
  const inputs = vertex.inputs.slice(0, 4).map((edge) => nameAt(edge.vertex));
  const more = vertex.inputs.length > inputs.length ? [`${vertex.inputs.length - inputs.length} more`] : [];
  const between = vertex.kind === "diff" ? " to " : " + ";
  return [verbOf(vertex), [...inputs, ...more].join(between)].filter((part) => part !== "").join(" ");
}

/** Names of the stages, in their order: as they can be typed, unlike each other. */
export function stageNames(
  chains: readonly Chain[],
  stepOf: (vertex: Vertex) => string | undefined,
): readonly string[] {
  const taken = new Set<string>();
  return chains.map((chain, index) => {
    const [told] = chain.members.flatMap((vertex) => stepOf(vertex) ?? []);
    const named = told === undefined ? "" : slug(told);
    const wanted = chain.kind === "sources" ? "sources" : named || stageName(chain.members);
    const base = wanted === "" || /^\d+$/.test(wanted) ? `stage-${index}` : wanted;
    let name = base;
    for (let nth = 2; taken.has(name); nth++) name = `${base}-${nth}`;
    taken.add(name);
    return name;
  });
}

/** "[build 2/3] RUN make" is of stage build; else by what the stage begins with. */
function stageName(members: readonly Vertex[]): string {
  for (const { name } of members) {
    const told = /^\[([^\]\s]+)(?: \S+)? +\d+\/\d+\]/.exec(name)?.[1];
    if (told !== undefined) return slug(told);
  }
  const [first] = members;
  if (first === undefined) return "";
  const { words, name } = first;
  if (words === undefined) return slug(name);
  if (words.verb === "image") return slug((words.object.split("/").at(-1) ?? "").replace(/[:@].*$/, ""));
  const said = words.isNamed ? withoutTag(name) : words.object;
  return slug(words.isNamed || words.verb === "exec" ? said : `${words.verb} ${said}`);
}

/** Small letters, digits and dashes, cut between words. */
function slug(text: string): string {
  const words = cut(text, 4 * NAME_CHARACTERS)
    .toLowerCase()
    .split(/[^\p{L}\p{N}_.]+/u)
    .map((word) => word.replace(/^[.]+|[.]+$/g, ""))
    .filter((word) => word !== "");
  let name = "";
  for (const word of words) {
    const longer = name === "" ? word.slice(0, STAGE_CHARACTERS) : `${name}-${word}`;
    if (longer.length > STAGE_CHARACTERS) break;
    name = longer;
  }
  return name;
}
