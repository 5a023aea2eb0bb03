/** COPY, ADD or a mount did not find its source, in words. */
import { nearest } from "../../base/near.ts";
import type { StepId } from "../../graph/program.ts";
import type { ReasonWords } from "./explain.ts";
import type { NextStep, Sought } from "./explanation.ts";
import type { StepFacts } from "./facts.ts";
import type { Question } from "./questions.ts";
import { soughtIn } from "./sought.ts";

export function sourceQuestion(path: string, facts: StepFacts): Question | undefined {
  const where = soughtIn(facts, path);
  switch (where.kind) {
    case "context":
      return { kind: "context", path: relative(path) };
    case "stage":
    case "image":
      return { kind: "path", edge: where.edge, path };
    case "unknown":
      return undefined;
  }
}

export function sourceWords(path: string, facts: StepFacts): ReasonWords {
  const where = soughtIn(facts, path);
  const verb = facts.step.instruction;
  const edit: NextStep = { kind: "command", command: "edit", label: `edit line ${facts.step.start}` };
  const frame = { next: [edit], began: false } as const;
  switch (where.kind) {
    case "context":
      return {
        ...frame,
        what: `${verb}: "${relative(path)}" is not in the context`,
        why: contextWhy(facts),
      };
    case "stage": {
      const sought = soughtAt(where.step, facts);
      return {
        ...frame,
        next: [...(sought === undefined ? [] : [openAt(where.name, sought)]), edit],
        sought,
        what: `${verb}: "${path}" is not in stage ${where.name}`,
        why: stateWhy(path, facts),
      };
    }
    case "image":
      return {
        ...frame,
        what: `${verb}: "${path}" is not in image ${where.name}`,
        why: stateWhy(path, facts),
      };
    case "unknown":
      return { ...frame, what: `${verb}: "${path}" was not found`, why: [] };
  }
}

function soughtAt(step: StepId, { answer }: StepFacts): Sought | undefined {
  return answer?.kind === "path" ? { step, directory: answer.deepest } : undefined;
}

function openAt(stage: string, { directory }: Sought): NextStep {
  return { kind: "command", command: "open-sought", label: `open ${directory} of stage ${stage}` };
}

function contextWhy({ answer, request }: StepFacts): readonly string[] {
  const context = request === undefined ? "" : ` ${request.context}`;
  if (answer?.kind !== "context") return [`Sought in the context${context}.`];
  const { exists, hiddenBy, near } = answer.found;
  if (hiddenBy !== undefined) {
    return [
      `It exists, but ${hiddenBy.file} line ${hiddenBy.line} keeps it from the build: ${hiddenBy.pattern}`,
    ];
  }
  const looks = near.length === 0 ? [] : [`In the context there is ${near.map(quoted).join(", ")}.`];
  if (exists) return ["It exists now; a rerun will find it.", ...looks];
  return [...looks, `Sought in the context${context}.`];
}

function stateWhy(path: string, { answer }: StepFacts): readonly string[] {
  if (answer?.kind !== "path") return [];
  const { deepest, names } = answer;
  const [part = ""] = path.slice(deepest.length).split("/").filter(Boolean);
  const near = nearest(
    part,
    names.map((name) => name.replace(/\/$/, "")),
  );
  const beyond = deepest === "/" ? "" : deepest;
  const looks =
    near.length === 0
      ? []
      : [`Names that look like it: ${near.map((name) => quoted(`${beyond}/${name}`)).join(", ")}.`];
  return [...looks, `${deepest} is there and holds ${listed(names)}.`];
}

const MOST_LISTED = 8;

function listed(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : "";
  return `${names.slice(0, MOST_LISTED).join(", ")}${more}`;
}

function relative(path: string): string {
  return path.replace(/^\/+/, "");
}

function quoted(text: string): string {
  return `"${text}"`;
}
