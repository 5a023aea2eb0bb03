/** A failure -> words. Pure: what must be looked up is asked for by `questionOf` and comes in with the scene. */
import { type BktuiError, unreachable } from "../../base/errors.ts";
import { exactTime, roundTime } from "../../base/words.ts";
import { SolveFailed } from "../../engine/failures.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Step } from "../../graph/program.ts";
import { frontendReasonOf } from "../failures/frontend-reasons.ts";
import { exitCodeIn, type Reason, reasonOf } from "../failures/reasons.ts";
import { lastLines } from "../progress/last-lines.ts";
import type { Answer, Question } from "../questions/questions.ts";
import { withSeen } from "../questions/seen.ts";
import type { Refusal } from "../remedies.ts";
import { canReproduce, keepsFailedState, stopOf } from "../state/inspect.ts";
import { writtenAt } from "../state/line-steps.ts";
import { causeWords, nextLook } from "./causes/all.ts";
import type { Explanation, NextStep, OtherFailure, ReasonWords } from "./explanation.ts";
import { type Scene, type StepFacts, stepFacts } from "./facts.ts";
import { fileWords } from "./file-words.ts";
import { lineEndWords } from "./line-end-words.ts";
import { explainLint } from "./lint-words.ts";
import { missingInputWords } from "./missing-input-words.ts";
import { explainRefusal, refusalQuestion } from "./refused-words.ts";
import { imageWords, urlQuestion, urlWords } from "./remote-words.ts";
import { runQuestion, runWords } from "./run-words.ts";
import { sourceWords } from "./source-words.ts";
import { placeQuestion, wrongKindWords } from "./wrong-kind-words.ts";

type Sight = Extract<Question, { kind: "sight" }>;

/** Undefined when nothing went wrong. */
export function explain(scene: Scene): Explanation | undefined {
  const { phase } = scene.state;
  switch (phase.kind) {
    case "paused":
      if (phase.reason.kind === "cancelled") return explainCancel(scene);
      return explainStep(stepFacts(scene));
    case "broken":
    case "lost":
      return explainError(phase.error, scene);
    case "idle":
    case "opening":
    case "running":
    case "built":
    case "finishing":
    case "finished":
    case "ended":
      return undefined;
    default:
      return unreachable(phase);
  }
}

/** What to look up before the next `explain`; undefined when there is nothing that would help. */
export function questionOf(scene: Scene): Question | undefined {
  const { phase } = scene.state;
  if (phase.kind === "broken") {
    return refusalQuestion(frontendReasonOf(phase.error, []), scene.text ?? "");
  }
  const facts = stepFacts(scene);
  if (facts === undefined) return undefined;
  const reason = reasonOfStep(facts);
  return placeQuestion(reason, facts) ?? urlQuestion(reason, facts) ?? runQuestion(reason, facts);
}

/** What to look at for causes before the next `explain`; undefined when all that would help has been seen. */
export function sightQuestion(scene: Scene): Sight | undefined {
  const facts = stepFacts(scene);
  if (facts === undefined) return undefined;
  const look = nextLook({ facts, reason: reasonOfStep(facts) });
  return look === undefined ? undefined : { kind: "sight", ...look };
}

/** With what was seen; undefined when that is nothing of what was asked: the same would be asked again, without end. */
export function sighted(scene: Scene, { paths }: Sight, answer: Answer): Scene | undefined {
  if (answer.kind !== "sight") return undefined;
  const { place, seen } = answer;
  if (!seen.isFull && !paths.some((path) => seen.paths.has(path))) return undefined;
  return { ...scene, sights: withSeen(scene.sights ?? new Map(), place, seen) };
}

function explainStep(facts: StepFacts | undefined): Explanation | undefined {
  if (facts === undefined) return undefined;
  const { step } = facts;
  const words = withCauses(reasonOfStep(facts), facts);
  return {
    headline: `${numberOf(facts, step)} failed: ${words.what}`,
    why: [...triggerWords(facts), ...words.why, ...lineEndWords(facts, words.why)],
    kept: keptWords(words, facts),
    next: [...words.next, ...usualNext(words, facts)].filter(
      (next) => !isEdit(next) || facts.program.form !== "listing",
    ),
    also: facts.others.map((other) => otherFailure(other, facts)),
    cancelled: cancelledWords(facts),
    searched: words.searched,
  };
}

function reasonOfStep({ failure, step, program, lastLines: lines }: StepFacts): Reason {
  return reasonOf(failure, lines, program.graph.vertices.get(failure.vertex ?? step.vertex));
}

/** The reason's words, and before them the causes that were seen. */
function withCauses(reason: Reason, facts: StepFacts): ReasonWords {
  const words = wordsOf(reason, facts);
  const causes = causeWords({ facts, reason });
  return {
    ...words,
    what: causes.what ?? words.what,
    why: causes.isExact === true ? causes.why : [...causes.why, ...words.why],
    next: [...words.next, ...(causes.next ?? []).filter((step) => !words.next.some(isSame(step)))],
  };
}

function isSame(step: NextStep): (other: NextStep) => boolean {
  return (other) => step.kind === "program" && other.kind === "program" && step.text === other.text;
}

function wordsOf(reason: Reason, facts: StepFacts): ReasonWords {
  switch (reason.kind) {
    case "exit":
    case "program-missing":
    case "library-missing":
    case "not-executable":
    case "wrong-format":
    case "signal":
    case "user-missing":
      return runWords(reason, facts, tookWords(facts));
    case "source-missing":
      return sourceWords(reason.path, facts);
    case "wrong-kind":
    case "mount-kind":
    case "pattern":
    case "archive":
      return wrongKindWords(reason, facts);
    case "url":
    case "checksum":
      return urlWords(reason, facts);
    case "image":
      return imageWords(reason, facts);
    case "secret":
    case "ssh":
    case "entitlement":
      return missingInputWords(reason, facts);
    case "no-space":
    case "stuck":
    case "other":
      return fileWords(reason, facts, tookWords(facts));
    default:
      return unreachable(reason);
  }
}

function tookWords({ tookMs }: StepFacts): string {
  return tookMs === undefined || tookMs === 0 ? "" : ` after ${exactTime(tookMs)}`;
}

/** A trigger runs at a FROM and stands elsewhere: in an image, or at the ONBUILD of another stage. */
function triggerWords({ step, program }: StepFacts): readonly string[] {
  if (!step.onbuild) return [];
  const from = program.stages.find(({ name }) => name === step.stage)?.from ?? "its base image";
  const written = step.alsoAt.find(({ kind }) => kind === "trigger");
  if (written !== undefined)
    return [`It is the trigger of line ${written.start}, which FROM ${from} in line ${step.start} brings.`];
  return [
    `The instruction comes from the image: FROM ${from} in line ${step.start} brings the trigger "${step.text}".`,
  ];
}

function keptWords({ began }: ReasonWords, facts: StepFacts): Refusal {
  const { failure, engine, program, hasBase } = facts;
  if (engine.isRecord === true) {
    const why = "This is the record of a build that is over: nothing that it made is here.";
    return { why, remedy: { command: "rerun", does: "makes it again here" } };
  }
  if (facts.lacksBase)
    return { why: "It failed before the steps above had run. What asks for BASE runs them first." };
  if (!hasBase) {
    const why =
      "Nothing is kept: a step above was interrupted, and this engine runs it again only in a new build.";
    return { why, remedy: { command: "rerun", does: "starts one" } };
  }
  if (keepsFailedState(failure)) {
    return {
      why: began
        ? "Kept: FAILED (what the command left) and BASE (before it). Both open at once."
        : "Kept: BASE. Nothing of the step had run yet, so FAILED is the same.",
    };
  }
  if (!began) return { why: "Kept: BASE. Nothing of the step had run yet, so BASE is all there is." };
  const version = engine.version?.match(/^v?\d+\.\d+/)?.[0];
  const name = version === undefined ? engine.kind : `${engine.kind} ${version}`;
  if (canReproduce(failure, program)) {
    const why = `This engine keeps no FAILED state (${name}).`;
    const does = "runs the command again and opens the shell where it left off";
    return { why, remedy: { command: "shell", does } };
  }
  return {
    why: `Kept: BASE. This engine keeps no FAILED state (${name}); BASE is what the command started from.`,
  };
}

function usualNext({ next }: ReasonWords, { step, engine }: StepFacts): readonly NextStep[] {
  if (engine.isRecord === true) return [];
  const usual: readonly NextStep[] = [
    { kind: "command", command: "shell", label: "shell" },
    { kind: "command", command: "swap", label: "other state" },
    { kind: "command", command: "changes", label: "files it changed" },
    { kind: "command", command: "edit", label: `edit line ${writtenAt(step).start}` },
    { kind: "command", command: "rerun", label: "rerun from here" },
    { kind: "command", command: "export", label: "export as image" },
  ];
  const given = new Set(next.flatMap((each) => (each.kind === "command" ? [each.command] : [])));
  return usual.filter((each) => each.kind !== "command" || !given.has(each.command));
}

/** What was made of a definition has no file that one could edit. */
function isEdit(next: NextStep): boolean {
  return next.kind === "command" && next.command === "edit";
}

/** Of another step only what the engine has told so far; nothing is looked up for it. */
function otherFailure(step: Step, facts: StepFacts): OtherFailure {
  const { program, progress, known } = facts;
  const reported = step.vertices.find((digest) => progress.vertex(digest)?.status === "failed");
  const failure =
    known.get(step.id) ?? reportedFailure(reported, progress.vertex(reported ?? step.vertex)?.error);
  const lines = lastLines(progress.logOf(failure.vertex ?? step.vertex));
  const other: StepFacts = {
    ...facts,
    step,
    failure,
    lastLines: lines,
    tookMs: undefined,
    answer: undefined,
  };
  const reason = reasonOfStep(other);
  const last = reason.kind === "exit" ? lines.at(-1) : undefined;
  const said = last === undefined ? "" : `: ${last}`;
  return {
    step: step.id,
    headline: `${numberOf({ program }, step)} failed: ${wordsOf(reason, other).what}${said}`,
  };
}

/** A failure as the report of its vertex tells it, without states. */
function reportedFailure(vertex: Digest | undefined, error = ""): SolveFailed {
  return new SolveFailed(error, { vertex, exitCode: exitCodeIn(error), ranges: [], states: undefined });
}

function cancelledWords({ cancelled }: StepFacts): string | undefined {
  const numbers = cancelled.map(({ id }) => String(id + 1));
  const last = numbers.at(-1);
  if (last === undefined) return undefined;
  if (numbers.length === 1) return `Step ${last} was cancelled with it; it did not fail itself.`;
  return `Steps ${numbers.slice(0, -1).join(", ")} and ${last} were cancelled with it; they did not fail themselves.`;
}

function numberOf({ program }: Pick<StepFacts, "program">, step: Step): string {
  return `step ${step.id + 1}/${program.steps.length}`;
}

function explainCancel(scene: Scene): Explanation | undefined {
  const { phase } = scene.state;
  const stop = stopOf(scene.state);
  if (phase.kind !== "paused" || stop === undefined) return undefined;
  const { program } = phase.execution;
  const step = program.steps[stop.step];
  if (step === undefined) return undefined;
  const took = scene.progress.vertex(step.vertex);
  const ran =
    took?.status === "cancelled" && took.startedMs !== undefined && took.completedMs !== undefined
      ? ` after ${roundTime(took.completedMs - took.startedMs)}`
      : "";
  const where = stop.kind === "end" ? `end of stage ${stop.stage}` : numberOf({ program }, step);
  return {
    headline: `${where}: cancelled by you${ran} (state: ${stop.kind === "end" ? "AFTER" : "BASE"})`,
    why: [],
    kept: undefined,
    next: [
      { kind: "command", command: "next", label: "run it again" },
      { kind: "command", command: "rerun", label: "rerun" },
    ],
    also: [],
    cancelled: undefined,
  };
}

function explainError(error: BktuiError, scene: Scene): Explanation {
  const failed = scene.progress
    .vertices()
    .flatMap(([, { name, error: text }]) => (text === "" ? [] : [name]));
  const reason = frontendReasonOf(error, failed);
  if (reason.kind === "lint") return explainLint(reason.rules, scene);
  const known = scene.answer?.kind === "flags" ? scene.answer.known : undefined;
  return explainRefusal(error, reason, scene.text ?? "", known);
}
