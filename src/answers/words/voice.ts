/** Who an answer is told to, and what is told: words of bktui, and texts of the build apart from them. Types alone. */
import type { FailureAnswer, Result, StateAnswer } from "../answers.ts";

/** Text that bktui did not write: of a build, an image, a Dockerfile, a file. */
export interface Block {
  /** What it is, in bktui's words, e.g. "log of step 7". */
  readonly title: string;
  /** Untrusted; without a line end at its end. */
  readonly text: string;
  /** Which end is kept of one that is too long; of a log it is the last lines. */
  readonly keeps: "start" | "end";
  /** How the rest is asked for, e.g. "from: LINE shows others". */
  readonly rest?: string;
}

/** What an answer says. */
export interface Told {
  /** Lines of bktui's own. Texts of the build in it are short, as the voice writes them: names, paths, a line of a Dockerfile. */
  readonly words: readonly string[];
  readonly blocks?: readonly Block[];
}

/** How it is said to a model, or to a person. */
export interface Voice {
  /** A short text of the build among bktui's own words. */
  quoted(text: string): string;
  /** How the rest of what is left out is asked for. */
  readonly rest: Partial<Readonly<Record<Result["kind"], string>>>;
  /** Behind the states that can be looked at. */
  readonly states: string;
  /** Behind a platform of several. */
  readonly thread: string;
  readonly advice: Readonly<Record<FailureAnswer["next"][number]["kind"], string>>;
  /** A command of the console that helps. */
  command(command: string): string;
  /** What can be done now. */
  next(state: StateAnswer): readonly string[];
}
