/** Answers the question about missing sources. */
import { BktuiError } from "../../../base/errors.ts";
import type { Answer, Question, SourcePlace } from "../../questions/questions.ts";
import { buildOf, type Library, requestOf } from "../library.ts";
import { searchSource, searchTarget } from "./search.ts";
import { contextSources, joinPath, type SourceTree, stateSources } from "./tree.ts";

type Signal = { readonly signal: AbortSignal };
type Asked = Extract<Question, { kind: "sources" }>;

export async function lookForSources(
  { sources, guesses, target }: Asked,
  library: Library,
  { signal }: Signal,
): Promise<Answer> {
  const trees = new Trees(library);
  const findings = [];
  for (const source of sources) {
    findings.push(await searchSource(await trees.of(source.place), source, { signal }));
  }
  const [first] = sources;
  const areThere: boolean[] = [];
  for (const path of first === undefined ? [] : guesses) {
    const tree = await trees.of(first?.place ?? { kind: "context" });
    areThere.push((await searchSource(tree, { path, isPattern: false }, { signal }))?.kind === "there");
  }
  const inWorkdir =
    first === undefined ? undefined : await searchedInWorkdir(first, library, trees, { signal });
  const found =
    target === undefined
      ? undefined
      : await searchTarget(stateSources(buildOf(library), target.edge), target.path, { signal });
  return { kind: "sources", findings, guesses: areThere, inWorkdir, target: found };
}

class Trees {
  readonly #library: Library;
  readonly #known = new Map<string, SourceTree>();

  constructor(library: Library) {
    this.#library = library;
  }

  async of(place: SourcePlace): Promise<SourceTree> {
    const key = place.kind === "context" ? "" : `${place.edge.vertex} ${place.edge.output}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const tree =
      place.kind === "context"
        ? contextSources(await this.#library.engine.contextTree(requestOf(this.#library)))
        : stateSources(buildOf(this.#library), place.edge);
    this.#known.set(key, tree);
    return tree;
  }
}

/** Paths of --from begin at the root; people think of the stage's own directory. */
async function searchedInWorkdir(
  { path, isPattern, place }: Asked["sources"][number],
  library: Library,
  trees: Trees,
  { signal }: Signal,
): Promise<string | undefined> {
  if (place.kind === "context" || !place.stage) return undefined;
  try {
    const { meta } = await buildOf(library).environment(place.edge.vertex, "after", { signal });
    if (meta.cwd === "" || meta.cwd === "/") return undefined;
    const whole = joinPath(meta.cwd.replace(/^\/+|\/+$/g, ""), path.replace(/^\/+/, ""));
    const found = await searchSource(await trees.of(place), { path: whole, isPattern }, { signal });
    return found?.kind === "there" ? `/${whole}` : undefined;
  } catch (error) {
    // The frontend could not be asked; what else was found stays.
    if (error instanceof BktuiError && error.code !== "cancelled") return undefined;
    throw error;
  }
}
