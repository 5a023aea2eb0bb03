/** What steps print, as output events: in the order in which it came, each run of lines with the place of its step. */
import type { ConsoleEvent, EventOf } from "../../answers/answers.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import { lineOf } from "../../graph/graph.ts";
import type { Session } from "./session.ts";

export interface OutputTeller extends Disposable {
  /** What has been reported is told before what comes now. */
  flush(): void;
}

type LogLine = EventOf<"log">["lines"][number];

export function tellOutput(session: Session): OutputTeller {
  // A step that is quick may be done before anybody has seen it run.
  const told = new Set<string>();
  const isNew = ({ attempt, step, status }: EventOf<"step">): boolean => {
    const key = `${attempt} ${step}`;
    if (status === "waiting" || status === "cancelled" || told.has(key)) return false;
    told.add(key);
    return true;
  };
  const end = session.build.console.onEvent((event) => {
    if (event.type !== "step" || isNew(event)) take(event, session);
  });
  return { flush: () => undefined, [Symbol.dispose]: end };
}

function take(event: ConsoleEvent, session: Session): void {
  const { connection } = session;
  switch (event.type) {
    case "log":
      for (const run of runsOf(event.lines)) tellRun(run, session);
      break;
    case "gap":
      connection.thinEvent("output", { category: "console", output: gapWords(event.lines) }, 1);
      break;
    case "step":
      tellLine(
        `#${event.step} ${event.status === "cached" ? "CACHED " : ""}${event.text}`,
        event.line,
        session,
      );
      break;
    case "warning":
      connection.event("output", { category: "stderr", output: `warning: ${event.warning.text}\n` });
      break;
    case "note":
    case "engine":
      connection.event("output", { category: "console", output: `${event.words}\n` });
      break;
    default:
      break;
  }
}

export function gapWords(lines: number): string {
  return `[${lines} ${lines === 1 ? "line was" : "lines were"} left out here; the command log of the console has what is kept]\n`;
}

/** Lines one after the other that are of one step and stream. */
function runsOf(lines: readonly LogLine[]): readonly (readonly LogLine[])[] {
  const runs: LogLine[][] = [];
  for (const line of lines) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && last.step === line.step && last.stream === line.stream) runs.at(-1)?.push(line);
    else runs.push([line]);
  }
  return runs;
}

function tellRun(run: readonly LogLine[], session: Session): void {
  const [first] = run;
  if (first === undefined) return;
  const step = first.step === undefined ? undefined : programOf(session.debug.state)?.steps[first.step - 1];
  const place = step === undefined ? {} : session.place(step.start);
  const output = `${run.map(({ text }) => text).join("\n")}\n`;
  session.connection.thinEvent("output", { category: first.stream, output, ...place }, run.length);
}

function tellLine(text: string, line: number, session: Session): void {
  const place = session.place(lineOf(line));
  session.connection.thinEvent("output", { category: "console", output: `${text}\n`, ...place }, 1);
}
