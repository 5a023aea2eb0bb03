/** Parts of logs, as data. Pure. */
import { joinedLogs, type LogQuery, partOfLog } from "../console/log-lines.ts";
import type { LogLine, LogView, ProgressStore } from "../debugger/progress/progress-store.ts";
import type { Digest } from "../graph/graph.ts";
import type { Program, Step } from "../graph/program.ts";
import type { LogAnswer, LogLineAnswer, ResultOf } from "./answers.ts";
import { BOUNDS } from "./bounds.ts";

/** Number of the step that a vertex belongs to, from 1. */
export type StepNumber = (vertex: Digest) => number | undefined;

/** @throws {BktuiError} as `partOfLog`. */
export function logAnswer(
  step: Step | undefined,
  progress: ProgressStore,
  numberOf: StepNumber,
  query: LogQuery & { readonly raw: boolean },
): ResultOf<"log"> {
  const log =
    step === undefined ? progress.log : joinedLogs(step.vertices.map((digest) => progress.logOf(digest)));
  const count = Math.min(query.count ?? BOUNDS.logLines, BOUNDS.mostLogLines);
  const { lines, before, after, lost, matches } = partOfLog(log, { ...query, count });
  return {
    kind: "log",
    step: step === undefined ? undefined : step.id + 1,
    matches,
    total: log.end,
    lost,
    before,
    after,
    lines: lines.map(({ index, line }) => logLineAnswer(line, index, numberOf(line.vertex), query.raw)),
  };
}

/** The last lines of one step. */
export function logTail(log: LogView, step: Step | undefined, count: number): LogAnswer {
  const { lines, before, after, lost } = partOfLog(log, { count });
  const number = step === undefined ? undefined : step.id + 1;
  return {
    total: log.end,
    lost,
    before,
    after,
    lines: lines.map(({ index, line }) => logLineAnswer(line, index, number, false)),
  };
}

export function logLineAnswer(
  { stream, atMs, text, raw }: LogLine,
  index: number,
  step: number | undefined,
  withRaw: boolean,
): LogLineAnswer {
  return { number: index + 1, step, stream, at: atMs, text, raw: withRaw ? raw : undefined };
}

/** Of the programs of all threads, that of the shown one first. */
export function stepNumbers(programs: readonly Program[]): StepNumber {
  const numbers = new Map<Digest, number>();
  for (const { steps } of programs)
    for (const step of steps)
      for (const digest of step.vertices) if (!numbers.has(digest)) numbers.set(digest, step.id + 1);
  return (vertex) => numbers.get(vertex);
}
