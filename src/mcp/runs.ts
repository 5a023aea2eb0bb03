/** Running the build for a call: waits until it stands, but no longer than the client would. */
import { setTimeout as delay } from "node:timers/promises";
import type { ConsoleEvent, Result, StateAnswer } from "../answers/answers.ts";
import { quoted } from "../answers/words/quoted.ts";
import type { Told } from "../answers/words/voice.ts";
import { toBktuiError } from "../base/errors.ts";
import { told } from "./tell.ts";
import type { Around } from "./tool.ts";

/** Clients give a call up after a minute unless they were told otherwise. */
const PATIENCE_SECONDS = 45;
const BETWEEN_REPORTS_MS = 1000;
/** A client that is told something does not give the call up. */
const BEAT_MS = 2000;

/**
 * @param lines one after the other; what the last one answers is told
 * @param seconds undefined = as long as clients usually wait; 0 = not at all
 */
export async function runs(
  lines: string | readonly string[],
  seconds: number | undefined,
  around: Around,
): Promise<Told> {
  const all = typeof lines === "string" ? [lines] : lines;
  return await inTime(
    async (signal) => {
      let result: Result | undefined;
      for (const line of all) result = await around.current.perform(line, signal);
      return result === undefined ? { words: [] } : told(result);
    },
    seconds,
    around,
  );
}

export async function waitFor(seconds: number | undefined, around: Around): Promise<Told> {
  return await runs("here", seconds, around);
}

/** The work goes on when its time is over; when the call is cancelled, what runs is cancelled too. */
export async function inTime(
  work: (signal: AbortSignal) => Promise<Told>,
  seconds: number = PATIENCE_SECONDS,
  around: Around,
): Promise<Told> {
  const { signal, current } = around;
  const stop = new AbortController();
  const over = new AbortController();
  const cancel = (): void => {
    stop.abort(signal.reason);
    cancelRun(around);
  };
  signal.addEventListener("abort", cancel, { once: true });
  const unsubscribe = reports(around);
  try {
    const timeout = delay(Math.max(seconds, 1) * 1000, undefined, { signal: over.signal }).then(
      () => undefined,
      () => undefined,
    );
    const working = work(stop.signal);
    // When its time is over nobody looks at how it ended: the state tells that.
    working.catch(() => undefined);
    const first = await Promise.race([working, timeout]);
    signal.throwIfAborted();
    if (first !== undefined) return first;
    stop.abort(toBktuiError(new Error("the call was answered"), "cancelled"));
    const { words, blocks } = told(current.state());
    return { words: [`the build runs on after ${seconds} s; wait waits on`, ...words], blocks: blocks ?? [] };
  } finally {
    over.abort();
    signal.removeEventListener("abort", cancel);
    unsubscribe();
  }
}

function cancelRun({ current }: Around): void {
  const { launched } = current;
  if (launched === undefined) return;
  const { signal } = new AbortController();
  // Nothing may run any more.
  launched.console.perform("cancel", { signal }).catch(() => undefined);
}

/** Tells how far the build is, not more often than a person could read, and from time to time that it still runs. */
function reports({ current, report }: Around): () => void {
  let lastMs = performance.now();
  const tell = (words: string): void => {
    lastMs = performance.now();
    report(current.masked(words));
  };
  const listen = (event: ConsoleEvent): void => {
    const words = eventWords(event);
    if (words !== undefined && performance.now() - lastMs >= BETWEEN_REPORTS_MS) tell(words);
  };
  const beat = setInterval(() => {
    const { launched } = current;
    if (launched !== undefined && performance.now() - lastMs >= BEAT_MS / 2)
      tell(runningWords(current.state()));
  }, BEAT_MS);
  const unsubscribe = current.launched?.console.onEvent(listen);
  return () => {
    clearInterval(beat);
    unsubscribe?.();
  };
}

function runningWords({ status, running }: StateAnswer): string {
  const [first] = running;
  if (first === undefined) return status;
  return `${status}: step ${first.step}/${first.of}, line ${first.line}: ${quoted(first.text)}`;
}

function eventWords(event: ConsoleEvent): string | undefined {
  switch (event.type) {
    case "step":
      return `step ${event.step}/${event.of} ${event.status}: ${quoted(event.text)}`;
    case "log": {
      const line = event.lines.at(-1);
      return line === undefined ? undefined : `step ${line.step ?? "?"} printed ${quoted(line.text)}`;
    }
    default:
      return undefined;
  }
}
