/** COPY, ADD or a mount did not find its source, in words. */
import { unreachable } from "../../base/errors.ts";
import { isGlob } from "../../base/glob.ts";
import { contextDirectory } from "../../engine/build-sources.ts";
import { placeWords, type SearchedIn, type TakenSource, takenSources } from "../failures/missing-source.ts";
import type { SourceFinding } from "../questions/finding.ts";
import type { Question, SourcePlace } from "../questions/questions.ts";
import type { NextStep, ReasonWords, SearchedDirectory } from "./explanation.ts";
import type { StepFacts } from "./facts.ts";
import { findingWhy, quoted, shown } from "./sources/finding-words.ts";
import { contextHints, emptyVariables, type Guess, guessesFor } from "./sources/written.ts";

interface Looked {
  readonly source: TakenSource;
  /** Undefined while it is not known. */
  readonly finding: SourceFinding | undefined;
}

/** @param target where the instruction puts things, when that may be the reason */
export function sourceQuestion(
  path: string,
  facts: StepFacts,
  target?: string,
): Extract<Question, { kind: "sources" }> | undefined {
  const sources = takenSources(facts, path).flatMap(({ path: own, isPattern, place }) => {
    const known = placeOf(place);
    return known === undefined ? [] : [{ path: own, isPattern, place: known }];
  });
  const { base } = facts.step;
  const asked =
    target === undefined || base === undefined || !facts.hasBase ? undefined : { edge: base, path: target };
  if (sources.length === 0 && asked === undefined) return undefined;
  const guesses = guessesOf(path, facts).map((guess) => guess.path);
  return { kind: "sources", sources, guesses, target: asked };
}

/** Whether a source was looked for and is not what the build needs. */
export function isSourceMissing(path: string, facts: StepFacts): boolean {
  return lookedAt(path, facts).some(({ finding }) => finding !== undefined && finding.kind !== "there");
}

function guessesOf(path: string, facts: StepFacts): readonly Guess[] {
  return takenSources(facts, path).flatMap((source) => guessesFor(source.path, facts.step));
}

function placeOf(place: SearchedIn): SourcePlace | undefined {
  if (place.kind === "unknown") return undefined;
  if (place.kind === "context") return place;
  return { kind: "state", edge: place.edge, stage: place.kind === "stage" };
}

/** @param path as the engine names it */
export function sourceWords(path: string, facts: StepFacts): ReasonWords {
  const looked = lookedAt(path, facts);
  const missing = looked.filter(({ finding }) => finding !== undefined && finding.kind !== "there");
  const main = missing[0] ?? looked[0];
  const edit: NextStep = { kind: "command", command: "edit", label: `edit line ${facts.step.start}` };
  if (main === undefined) {
    return {
      what: `${facts.step.instruction}: "${path}" was not found`,
      why: [],
      next: [edit],
      began: false,
    };
  }
  const others = missing.slice(1).map(({ source }) => quoted(shown(source)));
  const searched = searchedAt(main);
  const { place } = main.source;
  return {
    what: headline(main, facts),
    why: [
      ...textHints(
        (missing.length === 0 ? [main] : missing).map(({ source }) => source),
        guessesOf(path, facts),
        facts,
      ),
      ...findingWhy(
        main.finding,
        main.source,
        facts.request === undefined ? undefined : contextDirectory(facts.request),
      ),
      ...(others.length === 0 ? [] : [`Not found either: ${others.slice(0, MOST_OTHERS).join(", ")}.`]),
    ],
    next: [...(searched === undefined || place.kind !== "stage" ? [] : [openAt(place.name, searched)]), edit],
    searched,
    began: false,
  };
}

const MOST_OTHERS = 5;

function lookedAt(path: string, { answer, ...facts }: StepFacts): readonly Looked[] {
  const sources = takenSources(facts, path);
  const findings = answer?.kind === "sources" ? answer.findings : [];
  // Sources of unknown places were not asked for.
  let at = 0;
  return sources.map((source) => ({
    source,
    finding: source.place.kind === "unknown" ? undefined : findings[at++],
  }));
}

function headline({ source, finding }: Looked, { step }: StepFacts): string {
  const { mount, isPattern } = source;
  const verb = mount === undefined ? step.instruction : `${step.instruction}: mount at ${mount}`;
  return `${verb}: ${problemOf(source, finding, isPattern)}`;
}

function problemOf(source: TakenSource, finding: SourceFinding | undefined, isPattern: boolean): string {
  const name = quoted(shown(source));
  const where = placeWords(source.place);
  switch (finding?.kind) {
    case "hidden":
      if (finding.hop !== undefined) return `${name} is a link to what is kept from the build`;
      return isPattern ? `all that matches ${name} is kept from the build` : `${name} is not in ${where}`;
    case "literal":
      return `${name} is taken for a pattern`;
    case "link":
      return linkProblem(name, finding, source);
    default:
      if (source.inCache === true) return `${name} is not in its cache`;
      if (where === "") return `${name} was not found`;
      return isPattern ? `nothing in ${where} matches ${name}` : `${name} is not in ${where}`;
  }
}

function linkProblem(
  name: string,
  { problem, hops: [first] }: Extract<SourceFinding, { kind: "link" }>,
  source: TakenSource,
): string {
  const link = `${name} ${linkVerb(first?.link ?? "", source)} a link that`;
  switch (problem) {
    case "dangling":
      return `${link} leads to nothing`;
    case "outside":
      return `${link} leads out of the context`;
    case "loop":
      return `${link} leads in a circle`;
    default:
      return unreachable(problem);
  }
}

function linkVerb(link: string, source: TakenSource): string {
  const path = shown(source);
  if (link === path) return "is";
  const isMatch = source.isPattern && link.split("/").length === path.split("/").length;
  return isMatch ? "matches" : "goes through";
}

/** What the way in which they are written says. */
function textHints(
  sources: readonly TakenSource[],
  guesses: readonly Guess[],
  { answer, step, program, request }: StepFacts,
): readonly string[] {
  const known = answer?.kind === "sources" ? answer : undefined;
  const hits = guesses.filter((_, index) => known?.guesses[index] === true).map(({ words }) => words);
  const inWorkdir =
    known?.inWorkdir === undefined
      ? []
      : [`There is ${quoted(known.inWorkdir)}: paths of --from begin at /, not at the WORKDIR of the stage.`];
  const hints = sources.flatMap(({ path, place, mount, inCache }) => {
    if (inCache === true) return [CACHE_BEGINS_EMPTY];
    if (mount !== undefined) return isGlob(path) ? [NO_PATTERNS] : [];
    const empty = emptyVariables(path, step, program, request?.buildArgs ?? {});
    return place.kind === "context"
      ? [...empty, ...contextHints(path, step, request === undefined ? undefined : contextDirectory(request))]
      : empty;
  });
  return [...new Set([...hits, ...inWorkdir, ...hints])];
}

const CACHE_BEGINS_EMPTY = "A cache begins empty, and source= names a directory that must be in it already.";
const NO_PATTERNS = "The source of a mount is one path; it takes no patterns.";

function searchedAt({ source: { place }, finding }: Looked): SearchedDirectory | undefined {
  if (place.kind !== "stage" || finding?.kind !== "absent") return undefined;
  return { step: place.step, directory: finding.directory };
}

function openAt(stage: string, { directory }: SearchedDirectory): NextStep {
  return { kind: "command", command: "open-sought", label: `open ${directory} of stage ${stage}` };
}
