/** Keys that run, pause, rerun and set breakpoints: from a key to the debugger's commands. */

import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { Console, type Given } from "../../console/console.ts";
import { releaseCaches } from "../../console/losses.ts";
import { namedThread } from "../../console/named-thread.ts";
import type { NextBuild } from "../../console/next-build.ts";
import { boundWords } from "../../console/phrases/breakpoint-words.ts";
import { privateCopy } from "../../console/private-copy.ts";
import { type BreakCommand, performBreak } from "../../console/typed-breakpoints.ts";
import type { Breakpoint, BreakpointSpec } from "../../debugger/breakpoint.ts";
import type { TypedOrder } from "../../debugger/breakpoints/break-order.ts";
import { placeWords } from "../../debugger/breakpoints/break-spec.ts";
import { stopsOf } from "../../debugger/breakpoints/triggers.ts";
import type { Command, Debugger, DebugState } from "../../debugger/debugger.ts";
import type { WhichFailure } from "../../debugger/failures/failures.ts";
import type { BuildInputOption } from "../../debugger/remedies.ts";
import { statesInUse } from "../../debugger/shells/open-state.ts";
import type { OpenStates } from "../../debugger/shells/open-states.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import { rankOnLine, writtenAt } from "../../debugger/state/line-steps.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { sourcePath, sourcePlace } from "../../engine/build-sources.ts";
import { FrontendFailed } from "../../engine/failures.ts";
import { type Line, lineOf } from "../../graph/graph.ts";
import type { Step, StepId } from "../../graph/program.ts";
import { stepsAt } from "../../graph/source-map.ts";
import { noBreakpointWords } from "../panes/breaks/breaks-pane.ts";
import { sourceAt, sourceAtStep } from "../panes/source/source-cursor.ts";
import { isAt, type SourceDocument } from "../panes/source/source-document.ts";
import type { App } from "./app.ts";
import { askToRerun, lossAsker } from "./ask-loss.ts";
import { pointed, pointedRank } from "./pointed-row.ts";
import { setWords, tellBreak } from "./tell-break.ts";

export interface RunControlOptions {
  readonly app: App;
  readonly debug: Debugger;
  /** As the program was started. */
  readonly request: BuildRequest;
  readonly surroundings: Surroundings;
  /** Shared with the other screens of the debugger. */
  readonly next: NextBuild;
  /** What a rerun would end, and what may hold a cache that a step needs. */
  readonly states: Pick<OpenStates<unknown>, "all" | "release">;
  /** Called right before the engine reads the files anew. */
  beforeOpen(): void;
  /** Called with each file that is edited in place of one that is elsewhere. */
  onCopy(path: string): void;
}

/** The console behind the keys: adds what the cursor means, and tells on the screen what came of it. */
export class RunControl {
  readonly #app: App;
  readonly #debug: Debugger;
  readonly #console: Console;
  readonly #onCopy: (path: string) => void;

  constructor(options: RunControlOptions) {
    const { app, debug, request, surroundings, next, states, beforeOpen, onCopy } = options;
    this.#app = app;
    this.#onCopy = onCopy;
    this.#debug = debug;
    const release = { ask: lossAsker(app), say: (text: string) => app.say(text) };
    const mayRerun = (): true | Promise<boolean> => {
      const used = statesInUse(states.all);
      return used.length === 0 || askToRerun(app, used, sourcePath(this.#console.next.request));
    };
    this.#console = new Console({
      debug,
      request,
      surroundings,
      next,
      port: {
        refused: (_kind, error) => app.fail(error),
        releaseCaches: (conflicts) => releaseCaches(conflicts, states, release),
        mayRerun,
        beforeOpen,
      },
    });
  }

  /** A refusal is shown in words. False when it was refused at once; true also while something is asked before. */
  dispatch(command: Command): boolean {
    return this.#taken(this.#console.give(command));
  }

  #taken(given: Given): boolean {
    if (typeof given === "boolean") return given;
    this.#app.background(given.then(() => undefined));
    return true;
  }

  pause(): void {
    if (programOf(this.#debug.state) !== undefined) this.#taken(this.#console.pause());
  }

  /** Stands at another step that failed in parallel. */
  showFailure(which: WhichFailure): void {
    this.#try(() => this.#console.showFailure(which));
  }

  #try(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#app.fail(error);
    }
  }

  /** To the line under the cursor; one that runs nothing means the next place to stop in its stage. */
  toCursor(kind: "run-to" | "goto"): void {
    const view = this.#app.view();
    const { document } = view;
    const target = pointed(view);
    if (target === undefined) return;
    const { row, step, isExact } = target;
    const line = row.kind === "end" ? document.endStopByStage.get(row.stage)?.line : row.line;
    if (line === undefined) return;
    const { program } = document;
    const rank =
      !isExact || row.kind !== "line" || program === undefined || step === undefined
        ? undefined
        : rankOnLine(program, row.line, step);
    const runsNothing = row.kind === "line" && step === undefined;
    const nth = rank === undefined ? {} : { nth: rank.nth };
    if (this.dispatch({ kind, line, ...nth }) && runsNothing) {
      const then = kind === "goto" ? "the position is" : "running to";
      this.#app.say(`line ${line} runs nothing: ${then} the next step of its stage`);
    }
  }

  /** `nth`: which of the line's steps, from 1. */
  toLine(kind: "run-to" | "goto", line: Line, nth?: number): void {
    this.dispatch({ kind, line, ...(nth === undefined ? {} : { nth }) });
  }

  /** Stops before the same instruction again (`here`) or at the start. Asks when something would be lost with shells. */
  rerun(options: { readonly here: boolean; readonly request?: BuildRequest }): void {
    this.#taken(this.#console.rerun(options));
  }

  /** Everything runs, this time. */
  rerunWithoutCache(): void {
    this.rerun({ here: false, request: this.#console.next.withoutCache });
  }

  /** Sets or removes a build argument and starts over. */
  setArgument(name: string, value: string | undefined): void {
    this.rerun({ here: false, request: this.#console.next.withArgument(name, value) });
  }

  /** Changes what the next build is asked for; a rerun takes it. What is not understood is said. */
  give(option: BuildInputOption, text: string): void {
    this.#try(() => {
      this.#console.next.give(option, text);
      this.#app.say(`given to the next build: ${this.#app.keys.keyOf("rerun")} reruns`);
    });
  }

  /** Sets the target stage and starts over; "" is the last one. */
  setTarget(stage: string): void {
    this.rerun({ here: false, request: this.#console.next.withTarget(stage) });
  }

  /** Another platform of the build, as it was typed or chosen. */
  showThread(which: string): void {
    this.#try(() => this.dispatch({ kind: "thread", id: namedThread(this.#debug.state, which) }));
  }

  /** Sets or removes a breakpoint at the cursor's row. */
  toggleAtCursor(): void {
    const view = this.#app.view();
    const { document, debug } = view;
    const target = pointed(view);
    if (target === undefined || target.row.kind === "message" || debug === undefined) return;
    const { row, step, isExact } = target;
    const nth = pointedRank(target, view);
    // One that also stops elsewhere is not what a key on this line means.
    const here = debug.state.breakpoints.filter(
      (breakpoint) => breakpoint.bound.kind !== "spread" && isAt(document, breakpoint, row),
    );
    const { program } = document;
    const isOneOfSeveral =
      isExact &&
      row.kind === "line" &&
      step !== undefined &&
      program !== undefined &&
      rankOnLine(program, row.line, step) !== undefined;
    const meant = isOneOfSeveral
      ? here.filter((breakpoint) => stopsBefore(breakpoint, step, document))
      : here;
    if (meant.length > 0) {
      for (const breakpoint of meant) this.#remove(breakpoint);
      return;
    }
    if (row.kind === "end") this.add({ kind: "stage-end", stage: row.stage });
    else if (nth === undefined) this.add({ kind: "line", line: row.line });
    else {
      this.add({ kind: "line", line: row.line, nth });
      this.#app.say(`breakpoint at line ${row.line}.${nth}: ${step?.text ?? ""}`);
    }
  }

  /** At the end of the stage that the cursor is in. */
  toggleStageEnd(): void {
    const view = this.#app.view();
    const { document, debug } = view;
    const row = pointed(view)?.row;
    if (row === undefined || debug === undefined) return;
    const stage =
      row.kind === "end"
        ? row.stage
        : document.program?.stages.find(({ start, end }) => start <= row.line && row.line <= end)?.name;
    if (stage === undefined) {
      this.#app.say(`${this.#app.keys.keyOf("break-stage-end")}: the cursor is in no stage`);
      return;
    }
    this.#try(() => this.#sayWhere(this.#console.breakpoints.toggleStageEnd(stage)));
  }

  #remove(breakpoint: Breakpoint): void {
    this.#try(() => this.#console.breakpoints.remove(breakpoint));
  }

  /** `u`: the breakpoint that was deleted last is there again. */
  undoDelete(): void {
    this.#try(() => {
      const added = this.#console.breakpoints.undo();
      if (added === undefined)
        this.#app.say(`${this.#app.keys.keyOf("break-undo")}: no breakpoint was deleted`);
      else this.#sayWhere(added);
    });
  }

  /** What was typed: a breakpoint, or none at all. */
  addTyped(typed: TypedOrder): void {
    this.#try(() => {
      const added = this.#console.breakpoints.addTyped(typed);
      if (typeof added !== "number") this.#sayWhere(added);
      else if (added === 0) this.#app.say("there are no breakpoints");
      else this.#app.say(`all breakpoints deleted; ${this.#app.keys.keyOf("break-undo")} brings them back`);
    });
  }

  /** A log point, another rule, which failures stop, why one does not. */
  ruled(
    command: Extract<BreakCommand, { readonly id: "log-point" | "break-rule" | "break-why" | "catch" }>,
  ): void {
    this.#try(() => {
      const outcome = performBreak(this.#console.breakpoints, this.#debug, command);
      tellBreak(this.#app, outcome, programOf(this.#debug.state));
    });
  }

  /** Adds a breakpoint and says where it really is. */
  add(spec: BreakpointSpec): void {
    this.#try(() => this.#sayWhere(this.#console.breakpoints.add({ spec })));
  }

  #sayWhere(added: Breakpoint | undefined): void {
    const program = programOf(this.#debug.state);
    const words = added?.rule === undefined ? added && boundWords(added, program) : setWords(added, program);
    if (words !== undefined) this.#app.say(words);
  }

  /** @throws {BktuiError} "not-found", as `enableNumbered`. */
  removeNumbered(number: number): void {
    this.#remove(this.#console.breakpoints.numbered(number));
  }

  enableNumbered(number: number, enabled: boolean): void {
    this.#enable(this.#console.breakpoints.numbered(number), enabled);
  }

  #enable(breakpoint: Breakpoint, enabled: boolean): void {
    this.#try(() => this.#console.breakpoints.enable(breakpoint, enabled));
  }

  /** Keys of the Breaks pane, for the selected breakpoint. */
  selectedBreakpoint(what: "toggle" | "delete" | "go"): void {
    const { debug, ui, keys } = this.#app;
    const breakpoint = debug?.state.breakpoints[ui.breaks.cursor];
    if (breakpoint === undefined) {
      this.#app.say(noBreakpointWords(keys));
      return;
    }
    if (what === "toggle") this.#enable(breakpoint, !breakpoint.enabled);
    else if (what === "delete") this.#remove(breakpoint);
    else this.#goTo(breakpoint.id);
  }

  #goTo(id: number): void {
    const view = this.#app.view();
    const breakpoint = view.debug?.state.breakpoints.find((candidate) => candidate.id === id);
    if (breakpoint === undefined) return;
    const { layout } = view.document;
    for (let row = 0; row < layout.rows; row += 1) {
      const place = layout.rowAt(row);
      if (place === undefined || place.kind === "message" || !isAt(view.document, breakpoint, place))
        continue;
      this.#app.act({ kind: "focus", pane: "source" }, sourceAt(row));
      return;
    }
    this.#app.say(`${placeWords(breakpoint.spec)} is at no line of its own`);
  }

  /** `:12` and breakpoints by line: the cursor goes to a line of the file. `nth`: which of its steps, from 1. */
  goToLine(line: number, nth?: number): void {
    const { program, layout } = this.#app.view().document;
    const wanted = lineOf(Math.min(Math.max(1, line), Math.max(1, layout.lines)));
    const row = layout.indexOfLine(wanted);
    const step = nth === undefined || program === undefined ? undefined : stepsAt(program, wanted)[nth - 1];
    this.#app.act({ kind: "focus", pane: "source" }, ...sourceAtStep({ row, step: step?.id }));
    if (nth !== undefined && step === undefined) this.#app.say(`line ${wanted} has no step ${nth}`);
  }

  /** The cursor goes to a step that a line names. */
  goToStep(step: StepId): void {
    const { program, layout } = this.#app.view().document;
    const start = program?.steps[step]?.start;
    if (start === undefined) return;
    this.#app.act(
      { kind: "focus", pane: "source" },
      ...sourceAtStep({ row: layout.indexOfLine(start), step }),
    );
  }

  /**
   * The file that `e` opens: the Dockerfile that the next rerun takes. Of one that is not on this machine it is a private
   * copy, which the reruns take from now on.
   * @throws {BktuiError} "not-now" while nobody has told its text, "io".
   */
  async fileToEdit(): Promise<string> {
    const { next } = this.#console;
    const path = sourcePath(next.request);
    if (path !== undefined) return path;
    const place = visibleLine(sourcePlace(next.request));
    if (next.request.source.kind === "definition")
      throw new BktuiError("not-now", `${place} is no text: what made it is to be edited`, {
        hint: "make the definition anew, then rerun",
      });
    const text = programOf(this.#debug.state)?.text ?? refusedText(this.#debug.state);
    if (text === undefined)
      throw new BktuiError(
        "not-now",
        `${place} is not on this machine, and the engine has not told its text`,
      );
    const copy = await privateCopy(next.request, text);
    next.readFrom(copy);
    this.#onCopy(copy.path);
    this.#app.say(`a private copy of ${place}: reruns take it from now on; it is deleted at the end`);
    return copy.path;
  }

  /** The line that `e` opens the editor at. */
  cursorLine(): number {
    const view = this.#app.view();
    const { document } = view;
    const target = pointed(view);
    if (target === undefined) return 1;
    const { row, step, isExact } = target;
    // Of a trigger that stands in this file, its FROM says nothing.
    if (isExact && step !== undefined && row.kind === "line" && row.line === step.start)
      return writtenAt(step).start;
    if (row.kind !== "end") return row.line;
    const stop = document.endStopByStage.get(row.stage);
    return stop === undefined ? 1 : (document.program?.steps[stop.step]?.end ?? stop.line);
  }
}

function stopsBefore(breakpoint: Breakpoint, step: Step | undefined, { program }: SourceDocument): boolean {
  return stopsOf(breakpoint).some((id) => {
    const stop = program?.stops[id];
    return stop?.kind === "before" && stop.step === step?.id;
  });
}

function refusedText({ phase }: DebugState): string | undefined {
  return phase.kind === "broken" && phase.error instanceof FrontendFailed ? phase.error.text : undefined;
}
