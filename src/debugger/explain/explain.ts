/** A failure -> words. Pure: what must be looked up is asked for by `questionOf` and comes in with the scene. */
import { type BktuiError, unreachable } from "../../base/errors.ts";
import { exactTime, roundTime } from "../../base/time-words.ts";
import type { Step } from "../../graph/program.ts";
import { canReproduce, keepsFailedState, stopOf } from "../view.ts";
import type { Explanation, NextStep, OtherFailure } from "./explanation.ts";
import { lastLines, otherFailedSteps, type Scene, type StepFacts, stepFacts } from "./facts.ts";
import { fileWords } from "./file-words.ts";
import { frontendReasonOf } from "./frontend-reasons.ts";
import { givenWords } from "./given-words.ts";
import type { Question } from "./questions.ts";
import { plainText, type Reason, reasonOf } from "./reasons.ts";
import { explainRefusal } from "./refused-words.ts";
import { imageWords, urlWords } from "./remote-words.ts";
import { runQuestion, runWords } from "./run-words.ts";
import { sourceQuestion, sourceWords } from "./source-words.ts";

/** What one reason says; the frame around it is the same for all. */
export interface ReasonWords {
  /** Goes behind `step 6/9 failed: `. */
  readonly what: string;
  readonly why: readonly string[];
  /** Instead of the usual offers, which come behind them. */
  readonly next: readonly NextStep[];
  /** The step had begun: something of it may be left. */
  readonly began: boolean;
}

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
  const facts = stepFacts(scene);
  if (facts === undefined) return undefined;
  const reason = reasonOfStep(facts);
  return reason.kind === "source-missing" ? sourceQuestion(reason.path, facts) : runQuestion(reason, facts);
}

function explainStep(facts: StepFacts | undefined): Explanation | undefined {
  if (facts === undefined) return undefined;
  const { step } = facts;
  const words = wordsOf(reasonOfStep(facts), facts);
  return {
    headline: `${numberOf(facts, step)} failed: ${words.what}`,
    why: [...triggerWords(facts), ...words.why],
    kept: keptWords(words, facts),
    next: [...words.next, ...usualNext(words, facts)],
    also: otherFailedSteps(facts).map((other) => otherFailure(other, facts)),
  };
}

function reasonOfStep({ failure, step, program, lastLines: lines }: StepFacts): Reason {
  return reasonOf(failure, lines, program.graph.vertices.get(failure.vertex ?? step.vertex));
}

function wordsOf(reason: Reason, facts: StepFacts): ReasonWords {
  switch (reason.kind) {
    case "exit":
    case "program-missing":
    case "not-executable":
    case "wrong-format":
    case "signal":
    case "user-missing":
      return runWords(reason, facts, tookWords(facts));
    case "source-missing":
      return sourceWords(reason.path, facts);
    case "url":
    case "checksum":
      return urlWords(reason, facts);
    case "image":
      return imageWords(reason, facts);
    case "secret":
    case "ssh":
    case "entitlement":
      return givenWords(reason, facts);
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

/** ONBUILD triggers stand in no line of the file: the image brought them. */
function triggerWords({ step, program }: StepFacts): readonly string[] {
  if (!step.text.startsWith("ONBUILD ")) return [];
  const from = program.stages.find(({ name }) => name === step.stage)?.from ?? "its base image";
  return [
    `The instruction comes from the image: FROM ${from} in line ${step.start} brings the trigger "${step.text}".`,
  ];
}

function keptWords({ began }: ReasonWords, { failure, engine, program, hasBase }: StepFacts): string {
  if (!hasBase) {
    return "Nothing is kept: a step above was interrupted, and this engine runs it again only in a new build (rerun).";
  }
  if (keepsFailedState(failure)) {
    return began
      ? "Kept: FAILED (what the command left) and BASE (before it). Both open at once."
      : "Kept: BASE. Nothing of the step had run yet, so FAILED is the same.";
  }
  if (!began) return "Kept: BASE. Nothing of the step had run yet, so BASE is all there is.";
  const version = engine.version?.match(/^v?\d+\.\d+/)?.[0];
  const name = version === undefined ? engine.kind : `${engine.kind} ${version}`;
  if (canReproduce(failure, program)) {
    return `This engine keeps no FAILED state (${name}); ! runs the command again and opens the shell where it left off.`;
  }
  return `Kept: BASE. This engine keeps no FAILED state (${name}); BASE is what the command started from.`;
}

function usualNext({ next }: ReasonWords, { step }: StepFacts): readonly NextStep[] {
  const usual: readonly NextStep[] = [
    { kind: "command", command: "shell", label: "shell" },
    { kind: "command", command: "swap", label: "other state" },
    { kind: "command", command: "edit", label: `edit line ${step.start}` },
    { kind: "command", command: "rerun", label: "rerun from here" },
    { kind: "command", command: "rerun-start", label: "from the start" },
  ];
  const given = new Set(next.flatMap((each) => (each.kind === "command" ? [each.command] : [])));
  return usual.filter((each) => each.kind !== "command" || !given.has(each.command));
}

/** Of another step only what the engine's own report says; nothing is looked up for it. */
function otherFailure(step: Step, facts: StepFacts): OtherFailure {
  const vertex = step.vertices.find((digest) => facts.progress.vertex(digest)?.status === "failed");
  const report = vertex === undefined ? undefined : facts.progress.vertex(vertex);
  const text = plainText(report?.error ?? "");
  const code = /exit code: (\d+)/.exec(text)?.[1];
  const why = code === undefined ? text : `exit code ${code}`;
  const last = vertex === undefined ? undefined : lastLines(facts.progress.logOf(vertex)).at(-1);
  const said = code === undefined || last === undefined ? "" : `: ${last}`;
  return { step: step.id, headline: `${numberOf(facts, step)} failed: ${why}${said}` };
}

function numberOf({ program }: Pick<StepFacts, "program">, step: Step): string {
  return `step ${step.id + 1}/${program.steps.length}`;
}

function explainCancel(scene: Scene): Explanation | undefined {
  const { phase } = scene.state;
  const stop = stopOf(scene.state);
  if (phase.kind !== "paused" || stop === undefined) return undefined;
  const { program } = phase.session;
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
  };
}

function explainError(error: BktuiError, scene: Scene): Explanation {
  const failed = scene.progress
    .vertices()
    .flatMap(([, { name, error: text }]) => (text === "" ? [] : [name]));
  return explainRefusal(error, frontendReasonOf(error, failed), scene.text ?? "");
}
