/** Something could not be fetched by a step, in words. */
import type { Download } from "../../engine/engine.ts";
import { plainText, type Reason, type RemoteProblemKind, urlProblem } from "../failures/reasons.ts";
import type { Question } from "../questions/questions.ts";
import type { NextStep, ReasonWords } from "./explanation.ts";
import type { StepFacts } from "./facts.ts";
import { pullWhy, registryOf, stageMeant } from "./registry-words.ts";

/** BuildKit compares the checksum with whatever the server sends, an error's page too (0.12 to 0.32). */
export function urlQuestion(reason: Reason, { failure, step }: StepFacts): Question | undefined {
  return reason.kind === "checksum" ? { kind: "download", vertex: failure.vertex ?? step.vertex } : undefined;
}

export function urlWords(
  reason: Extract<Reason, { kind: "url" | "checksum" }>,
  { step, answer }: StepFacts,
): ReasonWords {
  const next: readonly NextStep[] = [
    { kind: "command", command: "edit", label: `edit line ${step.start}` },
    { kind: "command", command: "rerun", label: "rerun from here" },
  ];
  const frame = { next, began: false } as const;
  if (reason.kind === "checksum") {
    return { ...frame, ...checksumWords(reason, answer?.kind === "download" ? answer.download : undefined) };
  }
  const { text } = reason.problem;
  const network = reason.problem.kind === "network" ? [NETWORK] : [];
  const words = answered(reason.problem.words);
  return {
    ...frame,
    what: `ADD ${reason.url}: ${words}`,
    why: [...network, ...(text === words ? [] : [text])],
  };
}

function checksumWords(
  { got, wanted, url }: Extract<Reason, { kind: "checksum" }>,
  download: Download | undefined,
): Pick<ReasonWords, "what" | "why"> {
  const digests = [`It has ${got}`, `wanted is ${wanted}`];
  if (download?.kind === "refused") {
    const { words, text } = urlProblem(plainText(download.text));
    return {
      what: `ADD ${url}: ${answered(words)}`,
      why: [
        `The engine has compared the checksum with what came in place of the file; asked again, it says: ${text}`,
        ...digests,
      ],
    };
  }
  const page = download?.kind === "file" && isPage(download.start) && !/\.html?$/.test(url);
  return {
    what: "ADD: the file is another one than --checksum says",
    why: [...(page ? ["What the server sends is a web page: it begins with HTML."] : []), ...digests],
  };
}

function isPage(start: Uint8Array): boolean {
  return /^\s*<(?:!doctype html|html)/i.test(Buffer.from(start).toString("latin1"));
}

/** A status is a word of the server's. */
function answered(words: string): string {
  return /^\d{3}$/.test(words) ? `the server answered ${words}` : words;
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
