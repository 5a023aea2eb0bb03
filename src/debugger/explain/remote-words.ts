/** Something could not be fetched by a step, in words. */
import type { ReasonWords } from "./explain.ts";
import type { NextStep } from "./explanation.ts";
import type { StepFacts } from "./facts.ts";
import type { Reason, RemoteProblemKind } from "./reasons.ts";
import { pullWhy, registryOf, stageMeant } from "./registry-words.ts";

export function urlWords(
  reason: Extract<Reason, { kind: "url" | "checksum" }>,
  { step }: StepFacts,
): ReasonWords {
  const next: readonly NextStep[] = [
    { kind: "command", command: "edit", label: `edit line ${step.start}` },
    { kind: "command", command: "rerun", label: "rerun from here" },
  ];
  if (reason.kind === "checksum") {
    return {
      what: "ADD: the file is another one than --checksum says",
      why: [`It has ${reason.got}`, `wanted is ${reason.wanted}`],
      next,
      began: false,
    };
  }
  const { words, text } = reason.problem;
  const network = reason.problem.kind === "network" ? [NETWORK] : [];
  return {
    what: `ADD ${reason.url}: ${words}`,
    why: [...network, ...(text === words ? [] : [text])],
    next,
    began: false,
  };
}

const NETWORK = "The engine fetches it, with its own network and proxy, not this machine.";

export function imageWords(
  { image, problem }: Extract<Reason, { kind: "image" }>,
  { step, program }: StepFacts,
): ReasonWords {
  const names = program.stages.map(({ name }) => name);
  return {
    what: `cannot pull ${image ?? "an image"}: ${problem.words}`,
    why: [...stageMeant(image, names), ...pullWhy(image, problem, undefined)],
    next: [
      { kind: "command", command: "edit", label: `edit line ${step.start}` },
      { kind: "command", command: "rerun", label: "rerun from here" },
      ...loginNext(image, problem.kind),
    ],
    began: false,
  };
}

/** Offered where other credentials could help. */
export function loginNext(image: string | undefined, kind: RemoteProblemKind): readonly NextStep[] {
  if (kind !== "unauthorized" && kind !== "limited") return [];
  const host = image === undefined ? undefined : registryOf(image);
  const text = host === undefined || host === "docker.io" ? "docker login" : `docker login ${host}`;
  return [{ kind: "program", text, label: "stores credentials" }];
}
