/** What happens to a build, told as data: compares states and reports, and tells each thing once. */
import { BuildWatch } from "../console/build-watch.ts";
import type { BuildEvent } from "../console/phrases/build-events.ts";
import type { Debugger, DebugState } from "../debugger/debugger.ts";
import type { LogView } from "../debugger/progress/progress-store.ts";
import { programOf, type StepStatus, stepStatuses, stepView } from "../debugger/state/inspect.ts";
import { programsOf } from "../debugger/state/threads.ts";
import type { Program, StepId } from "../graph/program.ts";
import type { BreakpointAnswer, ConsoleEvent, StateAnswer } from "./answers.ts";
import { BOUNDS } from "./bounds.ts";
import { breakpointAnswer } from "./breakpoint-answer.ts";
import { logLineAnswer, type StepNumber, stepNumbers } from "./log-answer.ts";
import { warningAnswer } from "./looks.ts";
import { errorAnswer, outputAnswer, placeOf } from "./state-answer.ts";

export interface BuildEventsOptions {
  readonly debug: Debugger;
  /** Where the build stands now. */
  state(): StateAnswer;
  /** What nobody wants need not be told. */
  isWanted(type: ConsoleEvent["type"]): boolean;
  /** Gets one event after the other. */
  tell(event: ConsoleEvent): void;
}

/** Follows one debugger from where it is now until it is disposed. */
export class BuildEvents implements Disposable {
  readonly #options: BuildEventsOptions;
  readonly #watch: BuildWatch;
  readonly #unsubscribe: readonly (() => void)[];
  #told: DebugState;
  #program: Program | undefined;
  #numbers: StepNumber = () => undefined;
  #statuses: readonly StepStatus[] = [];
  #log: LogView;
  /** Index of the first line that was not told. */
  #line: number;
  #breakpoints: ReadonlyMap<number, BreakpointAnswer>;
  #soon: NodeJS.Immediate | undefined;

  constructor(options: BuildEventsOptions) {
    const { debug, tell } = options;
    this.#options = options;
    this.#told = debug.state;
    this.#log = debug.progress.log;
    this.#line = this.#log.end;
    this.#breakpoints = breakpointsOf(debug.state);
    this.#watch = new BuildWatch(debug, (events) => {
      for (const event of events) for (const each of eventsOf(event)) tell(each);
    });
    this.#unsubscribe = [
      debug.subscribe(() => this.#notice()),
      debug.progress.subscribe(() => this.#observe()),
    ];
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#soon);
    for (const end of this.#unsubscribe) end();
    this.#watch[Symbol.dispose]();
  }

  /** That a build goes on from a stop is told while the engine works, not before it has been asked; all else at once. */
  #notice(): void {
    const { phase, attempt, breakpoints } = this.#options.debug.state;
    const told = this.#told;
    const goesOn =
      phase.kind === "running" &&
      told.phase.kind === "paused" &&
      told.phase.execution.program === this.#program;
    if (goesOn && told.attempt === attempt && told.breakpoints === breakpoints)
      this.#soon ??= setImmediate(() => this.#observe());
    else this.#observe();
  }

  #observe(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    const { debug, tell, state, isWanted } = this.#options;
    this.#tellSteps();
    this.#tellLines();
    this.#watch.observe();
    if (isWanted("breakpoint")) this.#tellBreakpoints();
    const { phase } = debug.state;
    const before = this.#told;
    this.#told = debug.state;
    if (!hasNews(before, debug.state)) return;
    if (isWanted("state")) tell({ type: "state", state: state() });
    if (phase.kind !== "finished" || phase === before.phase) return;
    tell({ type: "output", imageId: phase.imageId, outputs: phase.outputs.map(outputAnswer) });
  }

  #tellSteps(): void {
    const { debug, tell } = this.#options;
    const program = programOf(debug.state);
    if (program === undefined) return;
    if (program !== this.#program) {
      this.#program = program;
      this.#numbers = stepNumbers(programsOf(debug.state));
      this.#statuses = [];
    }
    const former = this.#statuses;
    const statuses = stepStatuses(debug.state, debug.progress);
    this.#statuses = statuses;
    for (let index = 0; index < statuses.length; index++) {
      const status = statuses[index] ?? "waiting";
      if ((former[index] ?? "waiting") === status) continue;
      const view = stepView(debug.state, index as StepId, debug.progress);
      if (view === undefined) continue;
      const { attempt } = debug.state;
      const times = { startedAt: view.startedMs, completedAt: view.completedMs };
      tell({ type: "step", ...placeOf(view.step, program), status, attempt, ...times });
    }
  }

  #tellLines(): void {
    const { log } = this.#options.debug.progress;
    if (log !== this.#log) {
      this.#log = log;
      this.#line = 0;
    }
    const lost = log.first - this.#line;
    if (lost > 0) {
      this.#options.tell({ type: "gap", lines: lost, events: 0 });
      this.#line = log.first;
    }
    while (this.#line < log.end) {
      const to = Math.min(log.end, this.#line + BOUNDS.eventLines);
      const lines = [];
      for (let index = this.#line; index < to; index++) {
        const line = log.line(index);
        if (line !== undefined) lines.push(logLineAnswer(line, index, this.#numbers(line.vertex), false));
      }
      this.#line = to;
      this.#options.tell({ type: "log", lines });
    }
  }

  #tellBreakpoints(): void {
    const { debug, tell } = this.#options;
    if (debug.state.breakpoints === this.#told.breakpoints && debug.state.attempt === this.#told.attempt)
      return;
    const [former, now] = [this.#breakpoints, breakpointsOf(debug.state)];
    this.#breakpoints = now;
    for (const [number, breakpoint] of now) {
      const before = former.get(number);
      if (before === undefined) tell({ type: "breakpoint", change: "set", breakpoint });
      else if (JSON.stringify(before) !== JSON.stringify(breakpoint))
        tell({ type: "breakpoint", change: "changed", breakpoint });
    }
    for (const [number, breakpoint] of former)
      if (!now.has(number)) tell({ type: "breakpoint", change: "deleted", breakpoint });
  }
}

function breakpointsOf(state: DebugState): ReadonlyMap<number, BreakpointAnswer> {
  const program = programOf(state);
  return new Map(state.breakpoints.map((each) => [each.id, breakpointAnswer(each, program)] as const));
}

/** There is something new about where the build stands. */
function hasNews(before: DebugState, now: DebugState): boolean {
  return (
    before.attempt !== now.attempt ||
    before.stops !== now.stops ||
    before.shown !== now.shown ||
    before.engineSilent !== now.engineSilent ||
    before.phase.kind !== now.phase.kind ||
    askedIn(before) !== askedIn(now) ||
    isLooking(before) !== isLooking(now)
  );
}

function askedIn({ phase }: DebugState): string | undefined {
  return phase.kind === "running" ? phase.asked : undefined;
}

function isLooking({ phase }: DebugState): boolean {
  return phase.kind === "paused" && phase.switchingTo !== undefined;
}

/** What has an event of its own in another shape (stops, breakpoints) is left out here. */
function eventsOf(event: BuildEvent): readonly ConsoleEvent[] {
  switch (event.kind) {
    case "warning":
      return [{ type: "warning", warning: warningAnswer(event.warning) }];
    case "engine-silent":
      return [{ type: "engine", engine: "silent", words: event.words }];
    case "engine-still-silent":
      return [{ type: "engine", engine: "still-silent", words: event.words, silentMs: event.silentMs }];
    case "engine-answers":
      return [{ type: "engine", engine: "answers", words: event.words, silentMs: event.silentMs }];
    case "connection-lost":
      return [{ type: "engine", engine: "lost", words: event.words, error: errorAnswer(event.error) }];
    case "reconnected":
      return [{ type: "engine", engine: "back", words: event.words }];
    case "log-point": {
      const { breakpoint, line, attempt, platform } = event.said;
      return [{ type: "log-point", breakpoint, line, attempt, platform, text: event.text }];
    }
    case "paused":
    case "failed":
    case "finished":
    case "refused":
    case "breakpoint-lost":
      return [];
    default:
      return [{ type: "note", words: event.words }];
  }
}
