/** What steps printed in earlier attempts: a step that comes from the cache prints nothing. */
import type { Program, Step } from "../../graph/program.ts";
import type { LogLine, LogView, ProgressStore } from "./progress-store.ts";

export interface EarlierLog {
  /** The attempt in which the step ran; counts from 1. */
  readonly attempt: number;
  /** Its last lines, copied. */
  readonly log: LogView;
  /** Epoch milliseconds of the engine's clock. */
  readonly startedMs: number | undefined;
}

/** Lines that are copied: of one step, and of all. */
const MAX_STEP_LINES = 5000;
const MAX_LINES = 50_000;

/** Steps are the same when their stage and their text are: digests change with everything that comes before. */
export class EarlierLogs {
  /** In the order in which the steps ran, the oldest first. */
  readonly #logs = new Map<string, EarlierLog>();
  #lines = 0;

  /** Takes what has ended by now in this attempt. Call whenever the build comes to rest. */
  observe(program: Program, attempt: number, progress: Pick<ProgressStore, "vertex" | "logOf">): void {
    for (const step of program.steps) {
      const report = progress.vertex(step.vertex);
      if (report?.status !== "done" && report?.status !== "failed") continue;
      const log = progress.logOf(step.vertex);
      const known = this.#logs.get(keyOf(step));
      const isKnown = known?.attempt === attempt && known.log.end === log.end;
      if (isKnown || log.end === log.first) continue;
      this.#forget(keyOf(step));
      const copy = copyOf(log);
      this.#logs.set(keyOf(step), { attempt, log: copy, startedMs: report.startedMs });
      this.#lines += copy.end - copy.first;
    }
    for (const key of this.#logs.keys()) {
      if (this.#lines <= MAX_LINES) break;
      this.#forget(key);
    }
  }

  /** undefined = the step has not been seen running, or printed nothing. */
  of(step: Pick<Step, "stage" | "text">): EarlierLog | undefined {
    return this.#logs.get(keyOf(step));
  }

  #forget(key: string): void {
    const known = this.#logs.get(key);
    if (known === undefined) return;
    this.#lines -= known.log.end - known.log.first;
    this.#logs.delete(key);
  }
}

/** The store ends its own lines with the attempt. */
function copyOf(log: LogView): LogView {
  const first = Math.max(log.first, log.end - MAX_STEP_LINES);
  const lines: (LogLine | undefined)[] = [];
  for (let index = first; index < log.end; index += 1) lines.push(log.line(index));
  return { first, end: log.end, line: (index) => lines[index - first] };
}

function keyOf({ stage, text }: Pick<Step, "stage" | "text">): string {
  return `${stage}\n${text}`;
}
