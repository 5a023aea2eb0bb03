/** What a container of a step goes without, in words: the same in titles, notes and messages. Pure. */
import { unreachable } from "../../base/errors.ts";
import type { Container, MissingPart } from "../../engine/engine.ts";
import type { Edge } from "../../graph/graph.ts";
import type { Program } from "../../graph/program.ts";
import { placeOf, placeWords } from "../failures/missing-source.ts";

/** One sentence a part: "the bind mount at /src is left out: "missing" is not in the context". Untrusted text. */
export function missingWords({ what, why }: MissingPart, program: Program | undefined): string {
  const left =
    what.kind === "variable"
      ? `the variable ${what.name} is not set`
      : `the ${what.mount} mount at ${what.dest} is left out`;
  return `${left}: ${whyWords(why, program)}`;
}

function whyWords(why: MissingPart["why"], program: Program | undefined): string {
  switch (why.kind) {
    case "source": {
      if (why.edge === undefined) return `"${why.path}" is not in its cache`;
      const place = nameOf(why.edge, program);
      return `"${place === "the context" ? why.path.slice(1) : why.path}" is not in ${place}`;
    }
    case "secret":
      return why.text === "not found"
        ? `secret "${why.id}" was not given (--secret id=${why.id},src=PATH)`
        : `secret "${why.id}" could not be given: ${why.text}`;
    case "ssh": {
      const id = why.id === "" ? "default" : why.id;
      return `ssh agent "${id}" was not given (--ssh ${id === "default" ? id : `${id}=SOCKET`})`;
    }
    case "input":
      return `${nameOf(why.edge, program)} could not be made`;
    default:
      return unreachable(why);
  }
}

function nameOf(edge: Edge, program: Program | undefined): string {
  const words = program === undefined ? "" : placeWords(placeOf(edge, program));
  return words === "" ? "what it is made of" : words;
}

/** What a shell lacks compared with its step, one sentence each. Untrusted text. */
export function lackWords(
  { missing, differences }: Pick<Container, "missing" | "differences">,
  program: Program | undefined,
): readonly string[] {
  return [...missing.map((part) => missingWords(part, program)), ...differences];
}

/** For titles: "without /src", "without /src and 2 more"; undefined when nothing is missing. */
export function withoutWords(missing: readonly MissingPart[]): string | undefined {
  const [first, ...more] = missing;
  if (first === undefined) return undefined;
  const name = first.what.kind === "variable" ? first.what.name : first.what.dest;
  return `without ${name}${more.length === 0 ? "" : ` and ${more.length} more`}`;
}
