/** Where the vertices of a definition stand in a file that knows nothing of it: by names and commands. */
import type { Digest, Graph, Vertex } from "../graph.ts";
import type { Place } from "../places.ts";
import { isInternal, rootOf } from "./chains.ts";
import { folded, withoutTag } from "./names.ts";
import { type ShownText, shownTexts, stepAround } from "./shown-texts.ts";

/** Vertices that are in the file by a text, and others in the line of the step that they belong to. */
export function placesIn(graph: Graph, text: string): ReadonlyMap<Digest, readonly Place[]> {
  const index = new TextIndex(shownTexts(text));
  const vertices = [...graph.vertices.values()].filter((vertex) => !isInternal(vertex));
  const found = new Map<Digest, ShownText>();
  for (const keysOf of [strongKeys, weakKeys]) {
    for (const vertex of vertices) {
      if (found.has(vertex.digest)) continue;
      const at = index.take(keysOf(vertex), keysOf === strongKeys);
      if (at !== undefined) found.set(vertex.digest, at);
    }
  }
  const near = new Map(
    [...found].map(([digest, { holder, line }]) => [digest, stepAround(holder)?.line ?? line]),
  );
  spread(graph, vertices, near);
  return new Map(
    [...near].map(([digest, step]) => {
      const line = found.get(digest)?.line ?? step;
      return [digest, [{ start: line, end: line }]];
    }),
  );
}

/** What is not found belongs to the step that alone consumes it, or to that of what it works on. */
function spread(graph: Graph, vertices: readonly Vertex[], near: Map<Digest, ShownText["line"]>): void {
  const consumers = new Map<Digest, Set<Digest>>();
  for (const { digest, inputs } of graph.vertices.values()) {
    for (const { vertex } of inputs) consumers.set(vertex, (consumers.get(vertex) ?? new Set()).add(digest));
  }
  const sole = (digest: Digest): Digest | undefined => {
    const [only, ...others] = consumers.get(digest) ?? [];
    return others.length === 0 ? only : undefined;
  };
  const take = (digest: Digest, from: Digest | undefined): void => {
    const line = from === undefined ? undefined : near.get(from);
    if (line !== undefined && !near.has(digest)) near.set(digest, line);
  };
  for (const { digest } of vertices.toReversed()) take(digest, sole(digest));
  for (const vertex of vertices) {
    const root = rootOf(vertex)?.vertex;
    if (root !== undefined && sole(root) === vertex.digest) take(vertex.digest, root);
  }
}

/** Texts of the file, each of which is for one vertex as long as there are others. */
class TextIndex {
  readonly #texts = new Map<string, ShownText[]>();
  readonly #used = new Set<ShownText>();

  constructor(texts: readonly ShownText[]) {
    for (const text of texts) {
      const known = this.#texts.get(text.text);
      if (known === undefined) this.#texts.set(text.text, [text]);
      else known.push(text);
    }
  }

  /** The first that none has; of those that all are taken the last one. */
  take(keys: readonly string[], evenUsed: boolean): ShownText | undefined {
    for (const key of keys) {
      const texts = this.#texts.get(key) ?? [];
      const free = texts.find((text) => !this.#used.has(text)) ?? (evenUsed ? texts.at(-1) : undefined);
      if (free === undefined) continue;
      this.#used.add(free);
      return free;
    }
    return undefined;
  }
}

/** The name, the command however it is written, the image. */
function strongKeys({ name, command, words, kind }: Vertex): readonly string[] {
  const run = words?.lines.filter(({ label }) => label === "run").map(({ text }) => text) ?? [];
  const object = words?.object ?? "";
  const source = kind === "source" ? imageNames(object) : [];
  // Of a script that is written over several lines of YAML the first one is a text.
  const said = [name, command, object, ...run, object.trimStart().split("\n")[0] ?? "", ...source];
  return said.map(folded).filter((key) => key !== "");
}

/** As plans name images: without the registry that is meant anyway, with and without a tag. */
function imageNames(image: string): readonly string[] {
  const short = image.replace(/^docker\.io\/(library\/)?/, "");
  return [short, short.replace(/:latest$/, ""), `docker.io/library/${short}`, `docker.io/${short}`];
}

/** The name without what stands in brackets, and without its first word: "copy package.json". */
function weakKeys({ name, fileActions }: Vertex): readonly string[] {
  const said = withoutTag(name);
  const copied = fileActions.flatMap(({ copy }) =>
    copy === undefined ? [] : [copy.source, copy.source.replace(/^\//, "")],
  );
  return [said, said.replace(/^\S+\s+/, ""), ...copied]
    .map(folded)
    .filter((key) => key !== "" && key !== "/");
}
