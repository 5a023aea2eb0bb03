/** The engine left out a part of the output. */
import type { Cause } from "./cause.ts";

export const clipped: Cause = {
  asks: () => [],
  words: ({ facts: { progress, failure, step } }) => {
    const clip = progress.clipOf(failure.vertex ?? step.vertex);
    if (clip === undefined) return undefined;
    return {
      why: [
        `The engine clipped the output at ${clip.limit}, after line ${clip.line}: lines are missing there.`,
        "A private engine of bktui (Docker 23 or newer) clips nothing.",
      ],
    };
  },
};
