/** A child was killed, for memory as it seems, and the step ended with a code of its own. */
import { byteSize } from "../../../base/words.ts";
import type { Seen } from "../../questions/seen.ts";
import type { Cause, FailedStep } from "./cause.ts";
import { ownPlace, seenAt } from "./cause.ts";

/** What shells, make, compilers, Python and Go say when a child was ended by SIGKILL. */
const KILLED =
  /(?:^|[:\]]\s+)Killed$|^.*:\s+(?:line )?\d+:\s+\d+ Killed\b|\bsignal:? (?:9\b|Killed|killed)|Killed signal terminated|\bSIGKILL\b|\bError 137\b|exit(?:ed)?(?: with)? (?:status|code):? 137\b|signal terminated program|out of memory: killed/;
/** Exit code of what was killed itself, which has words of its own. */
const KILLED_CODE = 137;
const LONGEST = 100;

export const killedChild: Cause = {
  asks: (failed) => {
    const { facts } = failed;
    return lineOf(failed) === undefined || !facts.hasBase ? [] : [{ place: ownPlace(facts), path: "/" }];
  },
  words: (failed) => {
    const line = lineOf(failed);
    const seen = seenAt(failed.facts, ownPlace(failed.facts));
    if (line === undefined || seen === undefined || !isForMemory(seen)) return undefined;
    return {
      why: [`A process of the step was killed ("${line}"); ${countWords(seen)}.`, ...memoryWords(seen)],
    };
  },
};

function lineOf({ facts, reason }: FailedStep): string | undefined {
  if (facts.failure.exitCode === undefined || reason.kind === "signal") return undefined;
  if (facts.failure.exitCode === KILLED_CODE) return undefined;
  return facts.lastLines
    .findLast((line) => KILLED.test(line.trim()))
    ?.trim()
    .slice(0, LONGEST);
}

/**
 * None means that somebody else sent the signal. What the kernel has counted since it started may have been at any time,
 * for any other program.
 */
function isForMemory({ memoryKills, countedSince }: Seen): boolean {
  return countedSince === "build" && memoryKills !== undefined && memoryKills > 0;
}

/** The kernel counts for the whole machine. */
function countWords({ memoryKills = 0 }: Seen): string {
  return `the kernel has killed ${memoryKills} for lack of memory since this build was loaded`;
}

function memoryWords({ memoryLimit }: Seen): readonly string[] {
  return memoryLimit === undefined ? [] : [`The step may use ${byteSize(memoryLimit)} of memory.`];
}
