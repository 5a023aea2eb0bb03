/** A path in a tree, link by link, as BuildKit goes it: the tree's root is "/", and nothing climbs out of it. */
import type { TreeEntry } from "../../../engine/engine.ts";
import type { Hop } from "../../questions/finding.ts";
import { joinPath, type SourceTree, splitPath } from "./tree.ts";

/** As the kernel. */
const MOST_HOPS = 40;

export type Followed =
  /** `chain`: everything on the way, links too. */
  | {
      readonly kind: "reached";
      readonly path: string;
      readonly entry: TreeEntry["kind"];
      readonly hops: readonly Hop[];
      /** The link that the whole path, or the link before it, ends with: what is reached is its target. */
      readonly last: Hop | undefined;
      readonly chain: readonly string[];
    }
  /** `directory` has no `part`, behind which `rest` was to follow. */
  | {
      readonly kind: "absent";
      readonly directory: string;
      readonly part: string;
      readonly rest: readonly string[];
      readonly hops: readonly Hop[];
      /** How much of `rest` belongs to a link's target; undefined when it is no target that is not there. */
      readonly ofTarget: number | undefined;
      /** A link on the way leads out of the tree. */
      readonly leadsOut: boolean;
    }
  | { readonly kind: "no-directory"; readonly file: string }
  | { readonly kind: "loop"; readonly hops: readonly Hop[] };

export async function follow(
  tree: SourceTree,
  parts: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): Promise<Followed> {
  const hops: Hop[] = [];
  const chain: string[] = [];
  let last: Hop | undefined;
  let [at, entry, queue, ofTarget, leadsOut]: [
    string,
    TreeEntry["kind"],
    readonly string[],
    number,
    boolean,
  ] = ["", "directory", parts, 0, false];
  for (let part = queue[0]; part !== undefined; part = queue[0]) {
    queue = queue.slice(1);
    const inTarget = ofTarget > 0;
    ofTarget = Math.max(0, ofTarget - 1);
    if (part === "..") {
      leadsOut ||= at === "";
      at = splitPath(at)[0];
      continue;
    }
    if (entry !== "directory") return { kind: "no-directory", file: at };
    const found = (await tree.readDir(at, { signal }))?.find(({ name }) => name === part);
    if (found === undefined) {
      return {
        kind: "absent",
        directory: at,
        part,
        rest: queue,
        hops,
        ofTarget: inTarget ? ofTarget : undefined,
        leadsOut,
      };
    }
    const path = joinPath(at, part);
    chain.push(path);
    if (found.kind !== "link") {
      [at, entry] = [path, found.kind];
      continue;
    }
    const target = (await tree.readLink(path, { signal })) ?? "";
    const hop = { link: path, target };
    hops.push(hop);
    if (queue.length === 0) last = hop;
    if (hops.length > MOST_HOPS) return { kind: "loop", hops };
    const steps = partsOf(target);
    ofTarget += steps.length;
    queue = [...steps, ...queue];
    if (target.startsWith("/")) {
      at = "";
      leadsOut ||= tree.outside !== undefined;
    }
  }
  return { kind: "reached", path: at, entry, hops, last, chain };
}

/** Without what changes nothing. */
export function partsOf(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
