/** A failure that has no explanation of its own: the engine's text, with what is known of the place. */

import type { Reason } from "../failures/reasons.ts";
import type { ReasonWords } from "./explanation.ts";
import type { StepFacts } from "./facts.ts";

export function fileWords(
  reason: Extract<Reason, { kind: "no-space" | "stuck" | "other" }>,
  { step, failure, program }: StepFacts,
  took: string,
): ReasonWords {
  const began = failure.states?.subject !== "cache" && failure.states !== undefined;
  if (reason.kind === "no-space") {
    return {
      what: `the engine has no space left${took}`,
      why: ["A disk of the engine is full."],
      next: [
        { kind: "program", text: "docker system df", label: "tells what uses it" },
        { kind: "program", text: "docker buildx du", label: "tells what the build cache holds" },
      ],
      began,
    };
  }
  if (reason.kind === "stuck") {
    return {
      what: `${step.instruction} was interrupted, and this engine cannot run it again in the same build`,
      why: ["Another step had failed while it ran. A rerun starts a new build."],
      next: [{ kind: "command", command: "rerun", label: "rerun from here" }],
      began: false,
    };
  }
  // What this side could not send, and what the engine made of it.
  const [, own = reason.text, engines] = /^(context file [\s\S]*?) \(([\s\S]*)\)$/.exec(reason.text) ?? [];
  const isCommand = program.graph.vertices.get(step.vertex)?.exec !== undefined;
  const what = isCommand ? own : `${step.instruction}: ${own}`;
  return { what, why: engines === undefined ? [] : [engines], next: [], began };
}
