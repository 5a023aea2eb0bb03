/** A script in the line mode: what went wrong in it, whether it goes on then, and how it ends. */
import { visibleLine } from "../../base/visible.ts";
import { timeText } from "../../console/values/time.ts";
import type { DebugState, Phase } from "../../debugger/debugger.ts";
import { livePhase } from "../../debugger/state/live.ts";

export interface ScriptOptions {
  /** As it was typed, "-" for standard input. */
  readonly name: string;
  /** After an error too. */
  readonly keepGoing: boolean;
  /** How long it may take; 0 = as long as it likes. */
  readonly timeoutMs: number;
}

/** Keeps the verdict on a script. */
export class ScriptRun {
  readonly #options: ScriptOptions;
  /** Gets one harmless line: errors, each with its place. */
  readonly #tell: (line: string) => void;
  #line = 0;
  #hasFailed = false;
  /** Where a failure was expected. */
  #expected: Phase | undefined;
  readonly #left: Promise<void>;
  #setLeft: () => void = () => undefined;

  constructor(options: ScriptOptions, tell: (line: string) => void) {
    this.#left = new Promise((resolve) => {
      this.#setLeft = resolve;
    });
    this.#options = options;
    this.#tell = tell;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** It is to be left: something went wrong, and nobody said that it goes on. */
  get isOver(): boolean {
    return this.#hasFailed && !this.#options.keepGoing;
  }

  /** Settles when it is left before its end. */
  get left(): Promise<void> {
    return this.#left;
  }

  leave(): void {
    this.#setLeft();
  }

  /** Says that it takes too long, when it does. */
  limit(over: () => void): Disposable {
    const { timeoutMs } = this.#options;
    const late = (): void => {
      this.wrong([`the script was not done within ${timeText(timeoutMs)} (--script-timeout)`]);
      over();
    };
    const timer = timeoutMs === 0 ? undefined : setTimeout(late, timeoutMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  /** A line is being done. */
  begin(line: number): void {
    this.#line = line;
  }

  /** @param lines the first one says what is wrong, the others more of it */
  wrong([first = "", ...more]: readonly string[]): void {
    this.#hasFailed = true;
    this.#tell(`${visibleLine(this.#options.name)}:${this.#line}: ${first}`);
    for (const line of more) this.#tell(line);
  }

  /** It has said that the build is to stand where it does, which is no good end. */
  expectedEnd({ phase }: DebugState): void {
    this.#expected = livePhase(phase);
  }

  /**
   * 0 when all was done and everything that was expected held. A build that has failed is no failure of a script that
   * expects it, and one that is paused is just ended.
   */
  verdict(state: DebugState): number {
    const phase = livePhase(state.phase);
    if (!this.#hasFailed && isBad(phase) && !isSameEnd(this.#expected, phase))
      this.wrong([
        `the script has ended where the build has ${badWord(phase)}, and expects nothing of the kind`,
      ]);
    return this.#hasFailed ? 1 : 0;
  }
}

/** The position may have been moved since, and back: that makes it another object. */
function isSameEnd(expected: Phase | undefined, phase: Phase): boolean {
  if (expected?.kind === "paused" && phase.kind === "paused")
    return expected.reason === phase.reason && expected.execution.failures === phase.execution.failures;
  if (expected?.kind === "finished" && phase.kind === "finished") return expected.problem === phase.problem;
  return expected === phase;
}

function isBad(phase: Phase): boolean {
  switch (phase.kind) {
    case "paused":
      return phase.reason.kind === "exception";
    case "finished":
      return phase.problem !== undefined;
    default:
      return phase.kind === "broken" || phase.kind === "lost";
  }
}

function badWord({ kind }: Phase): string {
  switch (kind) {
    case "paused":
      return "failed";
    case "finished":
      return "no outputs";
    case "lost":
      return "lost its engine";
    default:
      return "not begun";
  }
}
