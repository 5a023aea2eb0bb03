/** The Dockerfile, the target, a base image or the whole build was refused: in words. */
import { type BktuiError, unreachable } from "../../base/errors.ts";
import { nearest } from "../../base/near.ts";
import { FrontendFailed } from "../../engine/failures.ts";
import { readInstructions, readStages, syntaxImage } from "../../graph/dockerfile-text.ts";
import type { Line } from "../../graph/graph.ts";
import { type FrontendReason, frontendReasonOf } from "../failures/frontend-reasons.ts";
import type { Question } from "../questions/questions.ts";
import type { Explanation, NextStep } from "./explanation.ts";
import { frontendEnd, ownWords } from "./frontend-words.ts";
import { FLAGS, INSTRUCTIONS } from "./instructions.ts";
import { lintHeadline } from "./lint-words.ts";
import { type MissingInput, missingInputWords } from "./missing-input-words.ts";
import { AGAIN, atLine, EDIT, type RefusalWords } from "./refusal-parts.ts";
import { pullWhy, shortName, stageMeant } from "./registry-words.ts";
import { loginNext } from "./remote-words.ts";

/**
 * @param text the Dockerfile as it is on disk; "" when it cannot be read
 * @param known flags that the frontend takes in the instruction; undefined while that is not known
 */
export function explainRefusal(
  error: BktuiError,
  reason: FrontendReason,
  text: string,
  known?: readonly string[],
): Explanation {
  return { kept: undefined, also: [], cancelled: undefined, ...refusalWords(error, reason, text, known) };
}

/** Frontends differ in the flags that they take. */
export function refusalQuestion(reason: FrontendReason, text: string): Question | undefined {
  if (reason.kind !== "syntax" || reason.problem.kind !== "flag" || reason.line === undefined)
    return undefined;
  const keyword = instructionWord(text, reason.line);
  const flags = keyword === undefined ? undefined : FLAGS.get(keyword);
  return keyword === undefined || flags === undefined ? undefined : { kind: "flags", text, keyword, flags };
}

/** Why a file was refused, for the line where it stands: without the line's number. */
export function refusalAtLine(error: FrontendFailed, text: string): string {
  const { headline } = explainRefusal(error, frontendReasonOf(error, []), text);
  return headline.replace(/^line \d+: /, "");
}

/**
 * Every line of what was refused. BuildKit 0.9 to 0.32 gives a range per line of an instruction, 0.8 its first line in the
 * text; the file tells the others. Undefined when no line is named.
 */
export function refusedLines(
  { ranges }: Pick<FrontendFailed, "ranges">,
  text: string,
): { readonly start: Line; readonly end: Line } | undefined {
  const [first] = ranges;
  if (first === undefined) return undefined;
  const named = ranges
    .filter(({ source, start }) => source === first.source && start >= first.start)
    .toSorted((a, b) => a.start - b.start);
  // Ranges that do not follow on each other are other places.
  const lastReported = named.reduce(
    (end, range) => (range.start <= end + 1 && range.end > end ? range.end : end),
    first.end,
  );
  const written = readInstructions(text).find(({ start }) => start === first.start)?.end ?? lastReported;
  return { start: first.start, end: written > lastReported ? written : lastReported };
}

function refusalWords(
  error: BktuiError,
  reason: FrontendReason,
  text: string,
  known: readonly string[] | undefined,
): RefusalWords {
  switch (reason.kind) {
    case "syntax":
      return { ...problemWords(reason, text, known), next: [EDIT] };
    case "target":
      return targetWords(reason.name, text);
    case "stage-number":
      return numberWords(reason, text);
    case "pull":
      return pullWords(reason, error, text);
    case "given": {
      if (!isGiven(reason.reason))
        return ownWords(error, { kind: "other", text: error.message, line: undefined });
      const { what, why, next } = missingInputWords(reason.reason, undefined);
      return { headline: what, why, next: [...next, AGAIN] };
    }
    case "lint":
      return ownWords(error, { kind: "other", text: lintHeadline(reason.rules), line: undefined });
    case "ended":
    case "unknown":
      return frontendEnd(error, reason);
    case "other":
      return ownWords(error, reason);
    default:
      return unreachable(reason);
  }
}

function isGiven(reason: { readonly kind: string }): reason is MissingInput {
  return reason.kind === "secret" || reason.kind === "ssh" || reason.kind === "entitlement";
}

function problemWords(
  { problem, line }: Extract<FrontendReason, { kind: "syntax" }>,
  text: string,
  known: readonly string[] | undefined,
): Omit<RefusalWords, "next"> {
  switch (problem.kind) {
    case "instruction": {
      const [near] = nearest(problem.word.toUpperCase(), INSTRUCTIONS, 1);
      const meant = near === undefined ? "" : `, did you mean ${near}?`;
      return { headline: atLine(line, `unknown instruction ${problem.word}${meant}`), why: [] };
    }
    case "flag":
      return flagWords(problem.flag, line, text, known);
    case "image-name":
      return {
        headline: atLine(line, `"${problem.name}" is no image name`),
        why: [
          ...stageOfName(problem.name, text),
          /[:@/]$/.test(problem.name)
            ? "Something is missing at its end: an ARG without a value? --build-arg NAME=VALUE gives one."
            : "Image names are in lower case, with an optional tag behind a colon.",
        ],
      };
    case "other":
      return { headline: atLine(line, problem.text), why: [] };
    default:
      return unreachable(problem);
  }
}

/** Where an image is meant, a stage is found by its name in lower case only. */
function stageOfName(name: string, text: string): readonly string[] {
  const stage = readStages(text).find((each) => each.name.toLowerCase() === name.toLowerCase());
  return stage === undefined
    ? []
    : [`There is a stage ${stage.name}: FROM finds it as ${name.toLowerCase()}.`];
}

/** A flag that the language knows and the frontend does not comes with a newer one. */
function flagWords(
  flag: string,
  line: Line | undefined,
  text: string,
  known: readonly string[] | undefined,
): Omit<RefusalWords, "next"> {
  const word = line === undefined ? undefined : instructionWord(text, line);
  const language = word === undefined ? [...FLAGS.values()].flat() : (FLAGS.get(word) ?? []);
  const subject = `${word === undefined ? "" : `${word}: `}unknown flag --${flag}`;
  if (language.includes(flag)) {
    const image = flag === "security" ? "docker/dockerfile:1-labs" : "docker/dockerfile:1";
    const own = syntaxImage(text);
    const reader = own === undefined ? "The engine's own reader of Dockerfiles" : `# syntax=${own}`;
    return {
      headline: atLine(line, subject),
      why: [
        `${reader} does not know it.`,
        `A newer one is pulled when the first line of the file is: # syntax=${image}`,
      ],
    };
  }
  if (known === undefined) return { headline: atLine(line, subject), why: [] };
  const [near] = nearest(flag, known, 1);
  const meant = near === undefined ? "" : `, did you mean --${near}?`;
  const [newer] = near === undefined ? nearest(flag, language, 1) : [];
  return {
    headline: atLine(line, `${subject}${meant}`),
    why: [
      takes(word, known),
      ...(newer === undefined
        ? []
        : [`--${newer} comes with a newer reader: # syntax=docker/dockerfile:1 as the first line.`]),
    ],
  };
}

function takes(word = "It", known: readonly string[]): string {
  if (known.length === 0) return `${word} takes no flags here.`;
  return `${word} knows ${known.map((name) => `--${name}`).join(", ")}.`;
}

function targetWords(name: string, text: string): RefusalWords {
  const stages = readStages(text).flatMap((stage) => (stage.isNamed ? [stage.name] : []));
  const [near] = nearest(name, stages, 1);
  return {
    headline: `no stage "${name}"${near === undefined ? "" : `, did you mean ${near}?`}`,
    why: stages.length === 0 ? [] : [`Stages: ${stages.join(", ")}.`],
    next: [{ kind: "command", command: "target", label: "choose a stage" }, EDIT],
  };
}

function numberWords(
  { number, line }: Extract<FrontendReason, { kind: "stage-number" }>,
  text: string,
): RefusalWords {
  const above = readInstructions(text).filter(
    ({ from, start }) => from !== undefined && (line === undefined || start <= line),
  );
  // The last of them is the one that the line stands in.
  const names = above
    .slice(0, line === undefined ? undefined : -1)
    .map(({ from }, at) => [at, from?.alias] as const);
  const known = names.map(([at, name]) => (name === undefined ? String(at) : `${at} (${name})`));
  return {
    headline: atLine(line, `no stage ${number} above it`),
    why: known.length === 0 ? [] : [`Stages are counted from 0: ${known.join(", ")}.`],
    next: [EDIT],
  };
}

function pullWords(
  { image, problem, line }: Extract<FrontendReason, { kind: "pull" }>,
  error: BktuiError,
  text: string,
): RefusalWords {
  const asked = error instanceof FrontendFailed ? error.credentials : undefined;
  const why = pullWhy(image, problem, asked);
  const syntax = syntaxImage(text);
  const next: readonly NextStep[] = [EDIT, AGAIN, ...loginNext(image, problem.kind)];
  const isFrontend = syntax !== undefined && (image === undefined || shortName(image) === shortName(syntax));
  if (isFrontend) {
    return {
      headline: atLine(line, `# syntax=${syntax} cannot be pulled: ${problem.words}`),
      why: ["Without that line the engine reads the file itself.", ...why],
      next,
    };
  }
  const own = error instanceof FrontendFailed ? error.frontend : undefined;
  if (own !== undefined && syntax === undefined && image !== undefined && shortName(image) === shortName(own))
    return { headline: `the frontend ${own} cannot be pulled: ${problem.words}`, why, next };
  const names = readStages(text).map((stage) => stage.name);
  return {
    headline: atLine(line, `cannot pull ${image ?? "a base image"}: ${problem.words}`),
    why: [...stageMeant(image, names), ...why],
    next,
  };
}

function instructionWord(text: string, line: Line): string | undefined {
  return readInstructions(text).find(({ start, end }) => start <= line && line <= end)?.keyword;
}
