/** A file where a directory is needed, or the other way round, in words. */
import { unreachable } from "../../base/errors.ts";
import { takenSources } from "../failures/missing-source.ts";
import type { Reason } from "../failures/reasons.ts";
import type { TargetFinding } from "../questions/finding.ts";
import type { Question } from "../questions/questions.ts";
import type { NextStep, ReasonWords } from "./explanation.ts";
import type { StepFacts } from "./facts.ts";
import { isSourceMissing, sourceQuestion, sourceWords } from "./source-words.ts";
import { quoted, shown, wayOf } from "./sources/finding-words.ts";

type WrongKind = Extract<Reason, { kind: "wrong-kind" | "mount-kind" | "pattern" | "archive" }>;

/** What to look for of a source, or of the place where it goes. */
export function placeQuestion(reason: Reason, facts: StepFacts): Question | undefined {
  switch (reason.kind) {
    case "source-missing":
      return sourceQuestion(reason.path, facts);
    case "wrong-kind":
      return sourceQuestion(reason.path, facts, reason.path === "" ? destination(facts) : reason.path);
    case "mount-kind":
      return sourceQuestion("", facts, reason.target);
    default:
      return undefined;
  }
}

export function wrongKindWords(reason: WrongKind, facts: StepFacts): ReasonWords {
  const { step } = facts;
  const edit: NextStep = { kind: "command", command: "edit", label: `edit line ${step.start}` };
  const frame = { why: [], next: [edit], began: false } as const;
  switch (reason.kind) {
    case "pattern":
      return { ...frame, ...patternWords(reason.pattern, facts) };
    case "archive":
      return { ...frame, began: true, ...archiveWords(reason.text, facts) };
    case "mount-kind":
      return { ...frame, what: mountWords(reason.target, facts) };
    case "wrong-kind": {
      if (isSourceMissing(reason.path, facts)) return sourceWords(reason.path, facts);
      const { answer } = facts;
      const found = answer?.kind === "sources" ? answer.target : undefined;
      return {
        ...frame,
        began: facts.failure.states?.subject === "file",
        ...targetWords(reason, found, facts),
      };
    }
    default:
      return unreachable(reason);
  }
}

type What = Pick<ReasonWords, "what"> & Partial<Pick<ReasonWords, "why">>;

function patternWords(pattern: string, { step }: StepFacts): What {
  const list = /^(?:ONBUILD )?\w+ +(?:--\S+ +)*(\[.*)$/.exec(step.text)?.[1];
  if (list !== undefined && !isJson(list)) {
    return {
      what: `${step.instruction}: ${list} is no list in JSON, and was read as names`,
      why: ['Write ["source", "destination"]: each in double quotes, with no comma behind the last.'],
    };
  }
  return {
    what: `${step.instruction}: ${quoted(pattern)} is no pattern`,
    why: ["Brackets begin a set of characters, which is not ended here; [[] stands for a bracket itself."],
  };
}

function archiveWords(text: string, facts: StepFacts): What {
  const [source, second] = takenSources(facts, "");
  const name = source === undefined || second !== undefined ? undefined : shown(source);
  return {
    what: `${facts.step.instruction}: ${name === undefined ? "an archive" : quoted(name)} cannot be unpacked: ${text}`,
    why: [
      ...(text === "unexpected EOF"
        ? ["It ends before it should: it is cut off, or is still being written."]
        : []),
      "COPY takes an archive as it is, packed.",
    ],
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function mountWords(target: string, { answer, step, program, failure }: StepFacts): string {
  const known = answer?.kind === "sources" ? answer : undefined;
  const vertex = program.graph.vertices.get(failure.vertex ?? step.vertex);
  const mount = vertex?.exec?.mounts.filter(({ kind, dest }) => kind === "bind" && dest !== "/") ?? [];
  const finding = known?.findings[mount.findIndex(({ dest }) => dest === target)];
  const verb = `${step.instruction}: mount at ${target}`;
  if (finding?.kind === "there" && known?.target?.kind === "directory" && !finding.isDirectory)
    return `${verb}: a file cannot be mounted on a directory`;
  if (finding?.kind === "there" && known?.target?.kind === "file" && finding.isDirectory)
    return `${verb}: a directory cannot be mounted on a file`;
  return `${verb}: a file and a directory cannot be mounted on each other`;
}

function targetWords(
  { path, text }: Extract<WrongKind, { kind: "wrong-kind" }>,
  found: TargetFinding | undefined,
  facts: StepFacts,
): What {
  const verb = facts.step.instruction;
  if (found?.kind === "loop") {
    const [first] = found.hops;
    return {
      what: `${verb}: ${quoted(first?.link ?? path)} is a link that leads in a circle`,
      why: [`${wayOf(found.hops)}.`],
    };
  }
  // Of nothing at all the step has made everything itself.
  const isOwn = found?.kind === "nothing" || facts.step.base === undefined;
  const own = isOwn ? ["Another source of the same instruction has put it there: two have that name."] : [];
  if (text.startsWith("cannot copy to non-directory")) {
    const why = found?.kind === "file" ? madeBy(found.path, facts) : own;
    return { what: `${verb}: a directory cannot be put in place of the file ${quoted(path)}`, why };
  }
  if (text.startsWith("cannot replace to directory")) {
    return { what: `${verb}: a file cannot be put in place of the directory ${quoted(path)}`, why: own };
  }
  if (found?.kind !== "file") return { what: `${verb}: ${text}` };
  return {
    what: `${verb}: ${quoted(found.path)} is a file, and a directory is needed there`,
    why: [...madeBy(found.path, facts), ...slashWords(found.path, facts)],
  };
}

/** The last step above in the stage that copies to just this path. */
function madeBy(path: string, { program, step }: StepFacts): readonly string[] {
  const makers = program.steps.filter(
    ({ id, stage, vertices }) =>
      id < step.id &&
      stage === step.stage &&
      vertices.some((digest) =>
        program.graph.vertices.get(digest)?.fileActions.some(({ copy }) => copy?.dest === path),
      ),
  );
  const maker = makers.at(-1);
  return maker === undefined ? [] : [`Line ${maker.start} copies to it: ${maker.text}`];
}

function slashWords(path: string, facts: StepFacts): readonly string[] {
  return destination(facts) === `${path}/`
    ? [`${quoted(`${path}/`)} ends with a slash: that is a directory.`]
    : [];
}

/** Of the failed action; undefined for what copies nothing. */
function destination({ program, failure, step }: StepFacts): string | undefined {
  const vertex = program.graph.vertices.get(failure.vertex ?? step.vertex);
  const index = failure.states?.subject === "file" ? failure.states.index : 0;
  return vertex?.fileActions[index]?.copy?.dest;
}
