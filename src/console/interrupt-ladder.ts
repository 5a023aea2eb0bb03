/** What each Ctrl-C outside the shell means. Pure, apart from remembering when the last ones came. */

export type Interrupt = "pause" | "cancel" | "quit-hint" | "leave";

const LEAVE_PRESSES = 3;
const LEAVE_WITHIN_MS = 2000;
const CANCEL_WITHIN_MS = 3000;

/** Remembers the latest presses of Ctrl-C and says what the present one does. */
export class InterruptLadder {
  #presses: number[] = [];
  #askedToPauseAt: number | undefined;

  /** `busy`: something runs and has not been asked to pause, has been asked, or nothing runs. */
  press(nowMs: number, busy: "running" | "pausing" | "no"): Interrupt {
    this.#presses = [...this.#presses.filter((at) => nowMs - at < LEAVE_WITHIN_MS), nowMs];
    if (this.#presses.length >= LEAVE_PRESSES) return "leave";
    if (busy === "no") return "quit-hint";
    const asked = this.#askedToPauseAt;
    if (busy === "pausing" || (asked !== undefined && nowMs - asked < CANCEL_WITHIN_MS)) {
      this.#askedToPauseAt = undefined;
      return "cancel";
    }
    this.#askedToPauseAt = nowMs;
    return "pause";
  }
}
