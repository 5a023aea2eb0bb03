/** What breakpoints are found again by. Types only. */

/** What a breakpoint of a line was on, as it is found again. */
export interface BreakpointAnchor {
  /** Of its instruction; untrusted text. */
  readonly text: string;
  readonly stage: string | undefined;
  /** Counts from 0 among the instructions of the stage. */
  readonly ordinal: number;
  /** Lines below the first one of the instruction. */
  readonly offset: number;
}
