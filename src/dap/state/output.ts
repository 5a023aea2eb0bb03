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

/** By kind of event; the other kinds are told by other means, as stops and breakpoints. */
type Tellers = { readonly [Type in ConsoleEvent["type"]]?: (event: EventOf<Type>) => void };

export function tellOutput(session: Session): OutputTeller {
  return new StepOutput(session);
}

/** The lines of one step at a time are a group: what others print meanwhile stands in it too, as it came. */
class StepOutput implements OutputTeller {
  readonly #session: Session;
  readonly #tellers: Tellers = {
    log: ({ lines }) => {
      for (const run of runsOf(lines)) this.#tellRun(run);
    },
    gap: ({ lines }) => {
      const body = { category: "console", output: gapWords(lines) };
      this.#session.connection.thinEvent("output", body, 1);
    },
    step: (event) => this.#tellStep(event),
    warning: ({ warning }) => this.#say("stderr", `warning: ${warning.text}`),
    "log-point": ({ text, line }) => this.#say("console", text, this.#session.place(lineOf(line))),
    note: ({ words }) => this.#say("console", words),
    engine: ({ words }) => this.#say("console", words),
  };
  readonly #end: () => void;
  /** Steps that were told of: one that is quick may be done before anybody has seen it run. */
  readonly #told = new Set<string>();
  /** The step that has the group. */
  #group: string | undefined;
  #isEnding = false;

  constructor(session: Session) {
    this.#session = session;
    this.#end = session.build.console.onEvent(
      (event) => this.#take(event),
      (type) => this.#tellers[type] !== undefined,
    );
  }

  flush(): void {
    if (this.#isEnding) this.#endGroup();
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #take(event: ConsoleEvent): void {
    const tell = this.#tellers[event.type] as ((event: ConsoleEvent) => void) | undefined;
    tell?.(event);
  }

  #say(category: "console" | "stderr", words: string, place: object = {}): void {
    this.#session.connection.event("output", { category, output: `${words}\n`, ...place });
  }

  #tellStep({ attempt, step, status, text, line }: EventOf<"step">): void {
    const key = `${attempt} ${step}`;
    if (status !== "waiting" && status !== "cancelled" && !this.#told.has(key)) {
      this.#told.add(key);
      const begins = status === "running" && this.#group === undefined;
      if (begins) this.#group = key;
      const output = `#${step} ${status === "cached" ? "CACHED " : ""}${text}\n`;
      const body = { category: "console", output, ...this.#session.place(lineOf(line)) };
      // A group that is begun is ended: neither may be left out.
      if (begins) this.#session.connection.event("output", { ...body, group: "start" });
      else this.#session.connection.thinEvent("output", body, 1);
    }
    if (status === "running" || this.#group !== key || this.#isEnding) return;
    // Its last lines are told right behind this.
    this.#isEnding = true;
    queueMicrotask(() => this.flush());
  }

  #endGroup(): void {
    this.#isEnding = false;
    this.#group = undefined;
    this.#session.connection.event("output", { category: "console", output: "", group: "end" });
  }

  #tellRun(run: readonly LogLine[]): void {
    const [first] = run;
    if (first === undefined) return;
    const { debug, connection } = this.#session;
    const step = first.step === undefined ? undefined : programOf(debug.state)?.steps[first.step - 1];
    const place = step === undefined ? {} : this.#session.place(step.start);
    const output = `${run.map(({ text }) => text).join("\n")}\n`;
    connection.thinEvent("output", { category: first.stream, output, ...place }, run.length);
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
