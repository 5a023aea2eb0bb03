/** A path that is missing now, and was in a mount of an earlier step: what is in mounts is in no image. */
import { posix } from "node:path";
import type { Digest, Mount } from "../../../graph/graph.ts";
import type { Program, Step } from "../../../graph/program.ts";
import { stepOfVertex } from "../../../graph/source-map.ts";
import { takenSources } from "../../failures/missing-source.ts";
import { entryAt, isMissing, isWithin, type PathAsked, type Place } from "../../questions/seen.ts";
import type { Cause, CauseWords, FailedStep } from "./cause.ts";
import { execOf, ownPlace, seenAt } from "./cause.ts";
import { pathsIn } from "./log-paths.ts";

const MISSING =
  /no such file or directory|\bENOENT\b|cannot find the (?:file|path)|does not exist|not found|cannot access/i;
const MOST_PATHS = 3;

interface Left {
  readonly path: string;
  readonly step: Step;
  readonly mount: Mount;
  /** Where it can be seen in the mount; undefined for a tmpfs, which is gone. */
  readonly place: Place | undefined;
}

export const leftInMount: Cause = {
  asks: (failed) => leftOf(failed).flatMap((left) => asksFor(left, failed)),
  words: (failed) => {
    for (const left of leftOf(failed)) {
      const words = isSo(left, failed) ? wordsFor(left) : undefined;
      if (words !== undefined) return words;
    }
    return undefined;
  },
};

function asksFor({ path, place }: Left, failed: FailedStep): readonly PathAsked[] {
  const here: readonly PathAsked[] =
    failed.reason.kind === "source-missing" ? [] : [{ place: ownPlace(failed.facts), path }];
  // The mount is only asked when the path is really missing here.
  if (place === undefined || !isMissingHere(path, failed)) return here;
  return [...here, { place, path }];
}

/** What the engine searched for and did not find is missing; what a log names is looked at. */
function isMissingHere(path: string, { facts, reason }: FailedStep): boolean {
  if (reason.kind === "source-missing") return true;
  return isMissing(seenAt(facts, ownPlace(facts)), path);
}

function isSo({ path, place }: Left, failed: FailedStep): boolean {
  if (!isMissingHere(path, failed)) return false;
  return place === undefined || entryAt(seenAt(failed.facts, place), path) !== undefined;
}

function wordsFor({ path, step, mount: { kind, dest } }: Left): CauseWords {
  const where = `the ${kind} mount at ${dest} of line ${step.start}`;
  switch (kind) {
    case "cache":
      return {
        why: [
          `${path} is in ${where}: what is in a cache is in no image.`,
          "Mount the same cache in this step, or copy it out of the cache in that one.",
        ],
        isExact: true,
      };
    case "tmpfs":
      return {
        // Nobody has seen it there: what else is known is said as well.
        why: [`${path} would lie in ${where}: what is written there is gone when that step ends.`],
      };
    default:
      return {
        why: [
          `${path} is in ${where}: it is there during that step only.`,
          "Mount it in this step as well, or COPY it.",
        ],
        isExact: true,
      };
  }
}

/** Of all paths that are said to be missing, those that an earlier step had in a mount. The latest such step counts. */
function leftOf(failed: FailedStep): readonly Left[] {
  const { facts } = failed;
  const { program, failure, step } = facts;
  if (!facts.hasBase && failed.reason.kind !== "source-missing") return [];
  const own = execOf(facts).mounts;
  const { from, paths } = missingPaths(failed, failure.vertex ?? step.vertex);
  const steps = from === undefined ? [] : earlierSteps(program, from);
  return paths
    .filter((path) => !own.some(({ dest }) => dest !== "/" && isWithin(path, dest)))
    .flatMap((path) => {
      for (const earlier of steps) {
        const mount = mountsOf(program, earlier.vertex).find(({ dest }) => isWithin(path, dest));
        if (mount === undefined || (mount.kind === "tmpfs" && !names(program, earlier.vertex, path)))
          continue;
        const place: Place = { vertex: earlier.vertex, side: "base" };
        return [{ path, step: earlier, mount, place: mount.kind === "tmpfs" ? undefined : place }];
      }
      return [];
    });
}

/** The command has the path or its last part as a word: only such a step is said to have written what nobody can see. */
function names(program: Program, vertex: Digest, path: string): boolean {
  const command = program.graph.vertices.get(vertex)?.exec?.meta.args.join(" ") ?? "";
  const words = command.split(/[^\w./@%+~-]+/);
  const name = posix.basename(path);
  return words.some((word) => word === name || word.endsWith(`/${name}`));
}

/** Which paths are missing, and in the history of which vertex. */
function missingPaths(
  { facts, reason }: FailedStep,
  vertex: Digest,
): { readonly from: Digest | undefined; readonly paths: readonly string[] } {
  if (reason.kind === "source-missing") {
    for (const { place, path, isPattern } of takenSources(facts, reason.path)) {
      if (place.kind !== "stage" || isPattern) continue;
      return { from: place.edge.vertex, paths: [posix.resolve("/", path)] };
    }
    return { from: undefined, paths: [] };
  }
  const { cwd } = execOf(facts);
  const program = reason.kind === "program-missing" ? (reason.program ?? "") : "";
  const named = program.includes("/") ? [posix.resolve(cwd, program)] : [];
  const said = pathsIn(facts.lastLines, MISSING, { cwd, most: MOST_PATHS });
  const { base } = facts.step;
  // The step itself is not earlier, but a COPY --link stands beside its base.
  return { from: base?.vertex ?? vertex, paths: [...new Set([...named, ...said])].slice(0, MOST_PATHS) };
}

/** Steps whose root file system a vertex builds upon, itself included, latest first. */
function earlierSteps(program: Program, from: Digest): readonly Step[] {
  const steps: Step[] = [];
  for (let at: Digest | undefined = from; at !== undefined; ) {
    const vertex = program.graph.vertices.get(at);
    const step = stepOfVertex(program, at);
    if (step !== undefined && !steps.includes(step)) steps.push(step);
    at = vertex?.rootInput === undefined ? undefined : vertex.inputs[vertex.rootInput]?.vertex;
  }
  return steps;
}

function mountsOf(program: Program, vertex: Digest): readonly Mount[] {
  const mounts = program.graph.vertices.get(vertex)?.exec?.mounts ?? [];
  return mounts.filter(
    ({ kind, dest }) => dest !== "/" && (kind === "cache" || kind === "bind" || kind === "tmpfs"),
  );
}
