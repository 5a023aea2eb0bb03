/** Where a build stands and why, told to a model: enough to act on. */
import type { ErrorAnswer, FailureAnswer, StateAnswer } from "../answers/answers.ts";
import { count } from "../base/words.ts";
import type { Block, Told } from "./fence.ts";
import { quoted } from "./quoted.ts";

const MOST = 10;

export function stateTold(state: StateAnswer): Told {
  const { status, words, counts, running, states, thread, threads, failure, error, notes, asked } = state;
  const lines = [
    `${status}: ${quoted(words)}`,
    ...atLines(state),
    `steps: ${countWords(counts)}; attempt ${state.attempt}`,
    ...(states.length === 0
      ? []
      : [
          `states to look into: ${states.map((side) => side.toUpperCase()).join(", ")} (the first is shown; side: chooses)`,
        ]),
    ...(thread === undefined
      ? []
      : [`platform ${thread.number} of ${threads}: ${quoted(thread.platform)}; thread shows another`]),
    ...running
      .slice(0, MOST)
      .map(({ step, line, text }) => `running: step ${step}, line ${line}: ${quoted(text)}`),
    ...(asked === undefined ? [] : [`${asked} was asked for`]),
    ...(failure === undefined ? [] : failureLines(failure)),
    ...(error === undefined || failure !== undefined ? [] : errorLines(error)),
    ...outputLines(state),
    ...(state.engineSilent ? ["the engine does not answer; it is waited for"] : []),
    ...notes.slice(0, MOST).map((note) => `note: ${quoted(note)}`),
    ...nextLines(state),
  ];
  const log = failure?.log;
  const blocks: Block[] =
    log === undefined || log.lines.length === 0
      ? []
      : [
          {
            title: `last lines of the log of step ${failure?.step ?? "?"} (${log.total} in all)`,
            text: log.lines.map(({ text }) => text).join("\n"),
            keeps: "end",
            rest: "log shows more",
          },
        ];
  return { words: lines, blocks };
}

function atLines({ at, why }: StateAnswer): readonly string[] {
  if (at === undefined) return [];
  const { step, of, line, endLine, stage, text, where } = at;
  const lines = endLine > line ? `lines ${line}-${endLine}` : `line ${line}`;
  const by = why === undefined || why.kind === "exception" ? "" : `, ${whyWords(why)}`;
  const place = `${where === "end" ? "at the end of the stage, behind" : "at"} step ${step}/${of}`;
  return [`${place}, ${lines}, stage ${quoted(stage)}${by}: ${quoted(text)}`];
}

function whyWords({ kind, breakpoint }: NonNullable<StateAnswer["why"]>): string {
  switch (kind) {
    case "entry":
      return "stopped on entry";
    case "breakpoint":
      return `stopped by breakpoint ${breakpoint}`;
    case "cursor":
      return "stopped where it was to run to";
    case "rerun":
      return "stopped where it stood before the rerun";
    default:
      return `stopped by ${kind}`;
  }
}

function countWords(counts: StateAnswer["counts"]): string {
  const kinds = ["done", "cached", "running", "failed", "cancelled", "waiting"] as const;
  const shown = kinds.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`);
  return [`${counts.steps} in all`, ...shown].join(", ");
}

function failureLines({
  exitCode,
  why,
  kept,
  next,
  also,
  cancelled,
  message,
}: FailureAnswer): readonly string[] {
  return [
    ...(exitCode === undefined ? [`the engine says: ${quoted(message)}`] : [`exit code ${exitCode}`]),
    ...why.slice(0, MOST).map((reason) => `cause: ${quoted(reason)}`),
    ...also
      .slice(0, MOST)
      .map(({ step, headline }) => `failed in parallel: step ${step}: ${quoted(headline)}`),
    ...(cancelled === undefined ? [] : [quoted(cancelled)]),
    ...(kept === undefined ? [] : [quoted(kept)]),
    ...next
      .slice(0, MOST)
      .map(({ kind, text, label }) => `advice (${ADVICE[kind]}): ${quoted(text)} ${quoted(label)}`),
  ];
}

/** The console's commands are those that tools perform; a model has tools of the same names. */
const ADVICE = {
  command: "a command of the console; see the tools",
  option: "an option for the next launch",
  program: "a program of the user's",
} as const;

function errorLines({ code, message, hint, remedies }: ErrorAnswer): readonly string[] {
  return [
    `error (${code}): ${quoted(message)}`,
    ...(hint === undefined ? [] : [`what to do: ${quoted(hint)}`]),
    ...remedies.map(({ command, does }) => `the console's ${quoted(command)} ${quoted(does)}`),
  ];
}

function outputLines({ imageId, outputs = [] }: StateAnswer): readonly string[] {
  return [
    ...(imageId === undefined ? [] : [`image ${quoted(imageId)}`]),
    ...outputs.slice(0, MOST).map(({ kind, path, names }) => {
      return `${kind}: ${[...(path === undefined ? [] : [path]), ...(names ?? [])].map(quoted).join(", ")}`;
    }),
  ];
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
