/** What the console answers, told to a model: by the names of its tools, texts of the build in quotes. */
import type { ErrorAnswer, Result, StateAnswer } from "../answers/answers.ts";
import { quoted } from "../answers/words/quoted.ts";
import * as words from "../answers/words/result-words.ts";
import type { Told, Voice } from "../answers/words/voice.ts";
import { count } from "../base/words.ts";

const TO_A_MODEL: Voice = {
  quoted,
  rest: {
    state: "log shows more",
    source: "line or lines shows others",
    log: "from, lines and search show others",
    files: "name a directory in it",
    file: "offset shows the rest",
    changes: "diff with a path shows one",
    program: "print less, e.g. with head or grep",
  },
  states: "the first is shown; side: chooses",
  thread: "thread shows another",
  // The console's commands are those that tools perform; a model has tools of the same names.
  advice: {
    command: "a command of the console; see the tools",
    option: "an option for the next launch",
    program: "a program of the user's",
  },
  command: (command) => `the console's ${quoted(command)}`,
  next: nextLines,
};

export function told(result: Result): Told {
  return words.told(result, TO_A_MODEL);
}

/** What failed, why, and what to do next. */
export function errorWords(error: ErrorAnswer): readonly string[] {
  return words.errorWords(error, TO_A_MODEL);
}

/** What can be done now, by the names of the tools. */
function nextLines({ status, failure, counts }: StateAnswer): readonly string[] {
  switch (status) {
    case "failed":
      return [
        failure?.exitCode === undefined
          ? "next: source and explain show more; edit changes a file, rerun runs the build again to here"
          : "next: log, diff, cat and exec look into what the step left; edit changes a file, rerun runs the build again to here",
      ];
    case "broken":
      return ["next: source shows the file; edit changes it, rerun loads the build again"];
    case "loaded":
    case "paused":
      return ["next: continue, step, run_to; exec, files and cat look into the state"];
    case "finished":
      return [
        `next: the build is done (${count(counts.done, "step")} ran); rerun runs it again, quit ends it`,
      ];
    case "running":
    case "loading":
    case "connecting":
      return ["next: wait waits on, pause stops before the next step, cancel cancels what runs"];
    case "lost":
      return ["next: rerun connects again and comes back to here"];
    case "ended":
      return ["next: launch begins a build"];
  }
}
