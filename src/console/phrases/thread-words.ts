/** Threads in words. Untrusted text: the front end makes it harmless. */
import type { DebugState, Thread } from "../../debugger/debugger.ts";
import { shownThread, unfinished } from "../../debugger/state/threads.ts";
import { failedWords, stopWords } from "./stop-words.ts";

/** "linux/arm64: step 3/4 failed: exit code 1"; the words alone where the build is for one platform. */
export function ofPlatform(state: Pick<DebugState, "threads" | "shown">, words: string): string {
  const thread = shownThread(state);
  return thread === undefined ? words : `${thread.platform}: ${words}`;
}

/** "built, waits for linux/arm64". */
export function builtWords(state: Pick<DebugState, "threads">): string {
  const left = unfinished(state);
  return left.length === 0 ? "built" : `built, waits for ${left.join(", ")}`;
}

/** Where one stands: "paused before step 3/4 · line 7: RUN make (step)", "running". */
export function threadWords(state: DebugState, { phase, breakpoints }: Thread): string {
  switch (phase.kind) {
    case "paused": {
      const { program } = phase.execution;
      const stop = program.stops[phase.at];
      const step = stop === undefined ? undefined : program.steps[stop.step];
      return phase.reason.kind === "exception" && step !== undefined
        ? failedWords(phase.reason.failure, step, program)
        : `paused ${stopWords(phase, { ...state, breakpoints })}`;
    }
    case "built":
      return builtWords(state);
    case "opening":
      return "is loaded";
    case "finishing":
      return "the outputs are made";
    case "lost":
      return "the connection was lost";
    default:
      return phase.kind;
  }
}

/** `> 1 linux/amd64  paused before step …`, `>` before the shown one; a line for each. */
export function threadLines(state: DebugState): readonly string[] {
  const { threads, shown } = state;
  const width = Math.max(...threads.map(({ platform }) => platform.length));
  return threads.map((thread) => {
    const mark = thread.id === shown ? ">" : " ";
    return `${mark} ${thread.id + 1} ${thread.platform.padEnd(width)}  ${threadWords(state, thread)}`;
  });
}
