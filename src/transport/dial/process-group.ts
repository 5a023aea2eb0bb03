/** The processes of a dial command, ended together. */

/** From asking them to end to ending them. */
const GRACE_MS = 2000;
const CHECK_MS = 50;

/** All processes that a leader has started, itself included; whoever of them is there when bktui ends is ended with it. */
export class ProcessGroup {
  readonly #leader: number;
  readonly #kill = (): void => void this.#signal("SIGKILL");
  #isEnding = false;

  constructor(leader: number) {
    this.#leader = leader;
    process.once("exit", this.#kill);
  }

  /** Asks all of them to end, and ends those that do not within two seconds. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#signal("SIGTERM");
    const latest = Date.now() + GRACE_MS;
    const check = setInterval(() => {
      const isThere = this.#signal(0);
      if (isThere && Date.now() < latest) return;
      if (isThere) this.#kill();
      clearInterval(check);
      process.off("exit", this.#kill);
    }, CHECK_MS).unref();
  }

  /** False when nobody is left. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.#leader, signal);
    } catch {
      // ESRCH; EPERM of a process that became another user's, which is not ours to end.
      return false;
    }
  }
}
