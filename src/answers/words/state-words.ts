/** Where a build stands and why, told to a model or a person: enough to act on. Pure. */
import type { ErrorAnswer, FailureAnswer, StateAnswer } from "../answers.ts";
import type { Block, Told, Voice } from "./voice.ts";

const MOST = 10;

export function stateTold(state: StateAnswer, voice: Voice): Told {
  const { quoted } = voice;
  const { status, words, counts, running, states, thread, threads, failure, error, notes, asked } = state;
  const lines = [
    `${status}: ${quoted(words)}`,
    ...atLines(state, voice),
    `steps: ${countWords(counts)}; attempt ${state.attempt}`,
    ...(states.length === 0
      ? []
      : [`states to look into: ${states.map((side) => side.toUpperCase()).join(", ")} (${voice.states})`]),
    ...(thread === undefined
      ? []
      : [`platform ${thread.number} of ${threads}: ${quoted(thread.platform)}; ${voice.thread}`]),
    ...running
      .slice(0, MOST)
      .map(({ step, line, text }) => `running: step ${step}, line ${line}: ${quoted(text)}`),
    ...(asked === undefined ? [] : [`${asked} was asked for`]),
    ...(failure === undefined ? [] : failureLines(failure, voice)),
    ...(error === undefined || failure !== undefined ? [] : errorLines(error, voice)),
    ...outputLines(state, voice),
    ...(state.engineSilent ? ["the engine does not answer; it is waited for"] : []),
    ...notes.slice(0, MOST).map((note) => `note: ${quoted(note)}`),
    ...voice.next(state),
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
          },
        ];
  return { words: lines, blocks };
}

function atLines({ at, why, live }: StateAnswer, { quoted }: Voice): readonly string[] {
  if (at === undefined) return [];
  const { step, of, line, endLine, stage, text, where } = at;
  const lines = endLine > line ? `lines ${line}-${endLine}` : `line ${line}`;
  const by = why === undefined || why.kind === "exception" ? "" : `, ${whyWords(why)}`;
  const place = `${where === "end" ? "at the end of the stage, behind" : "at"} step ${step}/${of}`;
  const there = `${place}, ${lines}, stage ${quoted(stage)}${by}: ${quoted(text)}`;
  if (live === undefined) return [there];
  return [
    there,
    `this is an earlier stop; the build really is at ${quoted(live.words)} (${live.status}): continue and step go on up to there without running anything`,
  ];
}

function whyWords({ kind, breakpoint }: NonNullable<StateAnswer["why"]>): string {
  switch (kind) {
    case "entry":
      return "stopped on entry";
    case "breakpoint":
      return `stopped by breakpoint ${breakpoint}`;
    case "cursor":
      return "stopped where it was to run to";
    case "travel":
      return "where the position was moved to";
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

function failureLines(
  { exitCode, why, kept, next, also, cancelled, message }: FailureAnswer,
  { quoted, advice }: Voice,
): readonly string[] {
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
      .map(({ kind, text, label }) => `advice (${advice[kind]}): ${quoted(text)} ${quoted(label)}`),
  ];
}

function errorLines(
  { code, message, hint, remedies }: ErrorAnswer,
  { quoted, command: typed }: Voice,
): readonly string[] {
  return [
    `error (${code}): ${quoted(message)}`,
    ...(hint === undefined ? [] : [`what to do: ${quoted(hint)}`]),
    ...remedies.map(({ command, does }) => `${typed(command)} ${quoted(does)}`),
  ];
}

function outputLines({ imageId, outputs = [] }: StateAnswer, { quoted }: Voice): readonly string[] {
  return [
    ...(imageId === undefined ? [] : [`image ${quoted(imageId)}`]),
    ...outputs.slice(0, MOST).map(({ kind, path, names }) => {
      return `${kind}: ${[...(path === undefined ? [] : [path]), ...(names ?? [])].map(quoted).join(", ")}`;
    }),
  ];
}
