/** What was made of the target, in words. */
import { byteSize, count } from "../../base/words.ts";
import type { Phase } from "../../debugger/debugger.ts";
import { livePhase } from "../../debugger/state/live.ts";
import type { MadeOutput } from "../../engine/outputs.ts";
import { FINISHED, UNMADE } from "./stop-words.ts";

type Finished = Extract<Phase, { kind: "finished" }>;

/** How a build ended whose target was reached: what was made, or why nothing could be. */
export function finishedLines({ outputs, problem }: Finished): readonly string[] {
  if (problem === undefined) return [FINISHED, ...madeLines(outputs)];
  return [`${UNMADE}: ${problem.message}`, ...(problem.hint === undefined ? [] : [`  ${problem.hint}`])];
}

/** 0 only when nothing is missing that was asked for. */
export function exitCodeAtEnd(phase: Phase): number {
  const live = livePhase(phase);
  return live.kind === "finished" && live.problem === undefined ? 0 : 1;
}

/** A line for each; untrusted text, as all here. */
export function madeLines(outputs: readonly MadeOutput[]): readonly string[] {
  return outputs.map(madeWords);
}

/** E.g. `written to /home/me/out: 12 files, 3.1 MB`. */
function madeWords(output: MadeOutput): string {
  switch (output.kind) {
    case "directory":
      return `written to ${output.path}: ${count(output.files, "file")}, ${byteSize(output.bytes)}`;
    case "file":
      return `written to ${output.path === "-" ? "standard output" : output.path}: ${byteSize(output.bytes)}`;
    case "layout":
      return `written to ${output.path}, an OCI layout${under(output.names)}`;
    case "loaded":
      return `in docker's store${under(output.names)}`;
    case "pushed":
      return `pushed${under(output.names)}`;
    case "stored":
      return `in the engine's image store${under(output.names)}`;
  }
}

function under(names: readonly string[]): string {
  return names.length === 0 ? "" : `: ${names.join(", ")}`;
}
