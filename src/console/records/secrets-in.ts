/** Which secrets and ssh agents an instruction of a Dockerfile takes, as its text says. Pure. */
import { splitLines } from "../../graph/dockerfile-text.ts";
import type { SourceRange } from "../../graph/graph.ts";

/** By their ids. */
export function secretsIn(
  text: string,
  { start, end }: Pick<SourceRange, "start" | "end">,
): { readonly secrets: readonly string[]; readonly agents: readonly string[] } {
  const instruction = splitLines(text)
    .slice(start - 1, end)
    .join(" ");
  const mounts = [...instruction.matchAll(/--mount=(\S+)/g)].map(([, fields = ""]) =>
    fields.split(",").map((field) => field.replaceAll(/["']/g, "")),
  );
  const ofType = (type: string): typeof mounts => mounts.filter((fields) => fields.includes(`type=${type}`));
  // A secret without an id has that of its file.
  const secrets = ofType("secret").flatMap(
    (fields) => fieldOf(fields, "id") ?? baseName(fieldOf(fields, "target") ?? fieldOf(fields, "dst")) ?? [],
  );
  const agents = ofType("ssh").map((fields) => fieldOf(fields, "id") ?? "default");
  return { secrets: [...new Set(secrets)], agents: [...new Set(agents)] };
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  return fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1);
}

function baseName(path: string | undefined): string | undefined {
  return path?.split("/").at(-1);
}
