/** What `docker buildx bake --print` says: targets with their keys, and which of them were asked for. */
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";

/** A target as bake prints it: values are unchecked. */
export type BakeTarget = Readonly<Record<string, unknown>>;

export interface BakePlan {
  /** In the order of the JSON; also those that only others are built from. */
  readonly targets: ReadonlyMap<string, BakeTarget>;
  /** Targets, groups resolved, in bake's order. */
  readonly asked: readonly string[];
}

/** @throws {BktuiError} "bad-request" for text that is no plan. */
export function readPlan(text: string): BakePlan {
  const file = parse(text);
  const targets = new Map(
    Object.entries(record(file["target"])).map(([name, target]) => [name, record(target)]),
  );
  const groups = record(file["group"]);
  const asked: string[] = [];
  const seen = new Set<string>();
  const pending = ["default"];
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    // A group may have the name of a target; bake means the group then.
    const { targets: named } = record(groups[name]);
    if (Array.isArray(named)) pending.unshift(...named.map(String));
    else if (targets.has(name)) asked.push(name);
  }
  return { targets, asked: asked.length === 0 ? [...targets.keys()] : asked };
}

/** A target or group that can be named. */
export interface ListedTarget {
  readonly name: string;
  readonly description: string;
  readonly isGroup: boolean;
}

/** What `bake --list=type=targets,format=json` says (buildx 0.19 and later); undefined for anything else. */
export function readList(text: string): readonly ListedTarget[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) return undefined;
    return list.map(record).map(({ name, description, group }) => ({
      name: String(name),
      description: typeof description === "string" ? visibleLine(description) : "",
      isGroup: group === true,
    }));
  } catch {
    return undefined;
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(text));
  } catch (error) {
    throw new BktuiError("bad-request", "docker buildx bake --print printed no JSON", {
      cause: error,
      hint: "look at what it prints: docker buildx bake --print",
    });
  }
}

/** Empty for what is none. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : {};
}
