/** What the line mode says where the build has come to rest. */
import { type BktuiError, unreachable } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { finishedLines } from "../../console/phrases/output-words.ts";
import { builtWords, ofPlatform } from "../../console/phrases/thread-words.ts";
import type { Debugger, Phase } from "../../debugger/debugger.ts";
import type { Explanation } from "../../debugger/explain/explanation.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { reportRefusal } from "../headless.ts";
import { wholeError } from "../report.ts";
import { pausedLines } from "./describe.ts";

const OTHERS = "thread next shows another, continue runs them";

export interface Resting {
  readonly debugger: Debugger;
  readonly request: BuildRequest;
  readonly explanation: Explanation | undefined;
  /** Show causes and stacks of errors. */
  readonly debug: boolean;
  /** What to do about an engine that is lost. */
  readonly lostHint: string;
}

export async function stopLines(phase: Phase, resting: Resting): Promise<readonly string[]> {
  const { debugger: debug, explanation } = resting;
  const { state, progress } = debug;
  switch (phase.kind) {
    case "paused":
      return pausedLines(phase, { state, progress, explanation });
    case "built":
      return [`${visibleLine(ofPlatform(state, builtWords(state)))}; ${OTHERS}`];
    case "finished": {
      const id = phase.imageId === undefined ? [] : [phase.imageId];
      return [...finishedLines(phase), ...id].map(visibleLine);
    }
    case "broken":
    case "lost": {
      const lines = await reportRefusal(phase, { ...resting, progress }, explanation);
      return phase.kind === "lost" ? [...lines, resting.lostHint] : lines;
    }
    case "idle":
    case "opening":
    case "running":
    case "finishing":
    case "ended":
      return [];
    default:
      return unreachable(phase);
  }
}

/** All that is known of the failure that is stood at, else of the last error. */
export function errorLines(
  last: BktuiError | undefined,
  explanation: Explanation | undefined,
  run: Pick<Resting, "debugger" | "debug">,
): readonly string[] {
  const { state, progress } = run.debugger;
  const { phase } = state;
  const error = phase.kind === "paused" && phase.reason.kind === "exception" ? phase.reason.failure : last;
  if (error === undefined) return ["there was no error"];
  return wholeError(error, { explanation, warnings: progress.warnings }, run);
}
