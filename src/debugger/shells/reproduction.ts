/**
 * FAILED on engines that keep no failed state (BuildKit 0.8 inside Docker 20.10): the step's command runs again over
 * BASE, and a shell takes its place in the same container. What is said about it.
 */

import { SolveFailed } from "../../engine/failures.ts";
import { lastLines } from "../progress/last-lines.ts";
import type { ProgressStore } from "../progress/progress-store.ts";

/**
 * A mount that could not be made looks there like a command that failed: only the container runtime's line in the log tells
 * (BuildKit 0.8 with runc 1.1). The command has not run then, so there is no exit code, and nothing to run again.
 */
export function withoutRun(failure: SolveFailed, progress: Pick<ProgressStore, "logOf">): SolveFailed {
  const { states, exitCode, vertex, ranges } = failure;
  if (states !== undefined || exitCode === undefined || vertex === undefined) return failure;
  const line = lastLines(progress.logOf(vertex)).findLast((each) => UNMADE_MOUNT.test(each));
  if (line === undefined) return failure;
  return new SolveFailed(line, { vertex, exitCode: undefined, ranges, states, cause: failure });
}

const UNMADE_MOUNT = /^runc run failed: .*error mounting "[^"]+" to rootfs at .*: no such file or directory$/;

/** Said before the command's output. */
export const REPRODUCTION_BEGINS = "attempt 2: the command runs again, over BASE";

/** Said when the command has ended. */
export function reproductionWords(code: number): string {
  return code === 0
    ? "attempt 2 passed this time: a flaky step"
    : `attempt 2 failed with exit code ${code}; the shell opens where it left off`;
}
