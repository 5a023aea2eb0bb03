/**
 * FAILED on engines that keep no failed state (BuildKit 0.8 inside Docker 20.10): the step's command runs again over
 * BASE, and a shell takes its place in the same container. What is said about it.
 */

/** Said before the command's output. */
export const REPRODUCTION_BEGINS = "attempt 2: the command runs again, over BASE";

/** Said when the command has ended. */
export function reproductionWords(code: number): string {
  return code === 0
    ? "attempt 2 passed this time: a flaky step"
    : `attempt 2 failed with exit code ${code}; the shell opens where it left off`;
}
