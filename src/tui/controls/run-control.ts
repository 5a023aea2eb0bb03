/** Keys that run, pause, rerun and set breakpoints: from a key to the debugger's commands. */

import { BktuiError } from "../../base/errors.ts";
import { releaseCaches } from "../../console/losses.ts";
import { boundWords } from "../../console/phrases/breakpoint-words.ts";
import { placeWords, type TypedBreak } from "../../debugger/breakpoints/break-spec.ts";
import { breakpointOf } from "../../debugger/breakpoints/breakpoints.ts";
import { stopsOf } from "../../debugger/breakpoints/triggers.ts";
import type { Breakpoint, BreakpointSpec, Command, Debugger } from "../../debugger/debugger.ts";
import { type WhichFailure, wantedFailure } from "../../debugger/failures/failures.ts";
import { type CacheConflict, cacheConflicts } from "../../debugger/shells/caches.ts";
import { type OpenState, statesInUse } from "../../debugger/shells/open-state.ts";
import type { OpenStates } from "../../debugger/shells/open-states.ts";
import { programOf, runningEdges } from "../../debugger/state/inspect.ts";
import { rankOnLine, writtenAt } from "../../debugger/state/line-steps.ts";
import type { BuildRequest } from "../../engine/engine.ts";
import { type Line, lineOf } from "../../graph/graph.ts";
import type { Step, StepId } from "../../graph/program.ts";
import { stepsAt } from "../../graph/source-map.ts";
import { noBreakpointWords } from "../panes/breaks/breaks-pane.ts";
import { sourceAt, sourceAtStep } from "../panes/source/source-cursor.ts";
import { isAt, type SourceDocument } from "../panes/source/source-document.ts";
import type { App } from "./app.ts";
import { askToRerun, lossAsker } from "./ask-loss.ts";
import { pointed, pointedRank } from "./pointed-row.ts";

export interface RunControlOptions {
  readonly app: App;
  /** What a rerun would end, and what may hold a cache that a step needs. */
  readonly states: Pick<OpenStates<unknown>, "all" | "release">;
  /** Called right before the engine reads the files anew. */
  beforeOpen(): void;
}

const MAX_DELETED = 100;

/** Performs the commands that run and rerun the build or set breakpoints. */
export class RunControl {
  readonly #app: App;
  readonly #options: RunControlOptions;
  /** A command waits for a shell to end. */
  #isReleasing = false;
  /** A rerun waits for the answer whether the shells may end. */
  #isAskingToRerun = false;
  /** What `u` brings back, the latest last. */
  #deleted: readonly { readonly spec: BreakpointSpec; readonly enabled: boolean }[] = [];
  /** What was changed since the last start; it counts from the next one on. */
  #given: BuildRequest | undefined;

  constructor(options: RunControlOptions) {
    this.#app = options.app;
    this.#options = options;
  }

  /**
   * Gives a command to the debugger; a refusal is shown in words. Shells that hold a cache which a step on the way needs
   * are ended first.
   */
  dispatch(command: Command): boolean {
    const { debug } = this.#app;
    if (debug === undefined || this.#isReleasing) return false;
    const conflicts = cacheConflicts(debug.state, command, debug.heldCaches);
    if (conflicts.length === 0) return this.#give(debug, command);
    this.#isReleasing = true;
    this.#app.background(this.#makeWayFor(debug, command, conflicts));
    return true;
  }

  async #makeWayFor(debug: Debugger, command: Command, conflicts: readonly CacheConflict[]): Promise<void> {
    const port = { ask: lossAsker(this.#app), say: (text: string) => this.#app.say(text) };
    try {
      if (!(await releaseCaches(conflicts, this.#options.states, port))) return;
    } finally {
      this.#isReleasing = false;
    }
    this.#give(debug, command);
  }

  #give(debug: Debugger, command: Command): boolean {
    try {
      debug.dispatch(command);
      return true;
    } catch (error) {
      this.#app.fail(error);
      return false;
    }
  }

  pause(): void {
    const { debug } = this.#app;
    const program = programOf(debug?.state);
    if (debug === undefined || program === undefined) return;
    this.dispatch({ kind: "pause", running: runningEdges(program, debug.progress) });
  }

  /** Stands at another step that failed in parallel. */
  showFailure(which: WhichFailure): void {
    const { debug } = this.#app;
    if (debug === undefined) return;
    try {
      debug.dispatch({ kind: "show-failure", step: wantedFailure(debug.state, debug.progress, which) });
    } catch (error) {
      this.#app.fail(error);
    }
  }

  /** Runs to the line under the cursor; a line that runs nothing means the next place to stop in its stage. */
  runToCursor(): void {
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
    if (this.dispatch({ kind: "run-to", line, ...nth }) && runsNothing) {
      this.#app.say(`line ${line} runs nothing: running to the next step of its stage`);
    }
  }

  /** `nth`: which of the line's steps, from 1. */
  runTo(line: Line, nth?: number): void {
    this.dispatch({ kind: "run-to", line, ...(nth === undefined ? {} : { nth }) });
  }

  /** Stops before the same instruction again (`here`) or at the start. Asks when something would be lost with shells. */
  rerun(options: { readonly here: boolean; readonly request?: BuildRequest }): void {
    const states = statesInUse(this.#options.states.all);
    if (states.length === 0) this.#rerunNow(options);
    else if (!this.#isAskingToRerun) this.#app.background(this.#rerunAfterAsking(options, states));
  }

  async #rerunAfterAsking(
    options: { readonly here: boolean; readonly request?: BuildRequest },
    states: readonly OpenState[],
  ): Promise<void> {
    this.#isAskingToRerun = true;
    try {
      if (!(await askToRerun(this.#app, states, this.#request().dockerfile))) return;
    } finally {
      this.#isAskingToRerun = false;
    }
    this.#rerunNow(options);
  }

  /** Everything runs, this time. */
  rerunWithoutCache(): void {
    this.rerun({ here: false, request: { ...this.#request(), noCache: true } });
  }

  /** Sets or removes a build argument and starts over. */
  setArgument(name: string, value: string | undefined): void {
    const request = this.#request();
    const { [name]: _removed, ...others } = request.buildArgs;
    const buildArgs = value === undefined ? others : { ...others, [name]: value };
    this.rerun({ here: false, request: { ...request, buildArgs } });
  }

  /** Changes what the next build is asked for; a rerun takes it. What is not understood is said. */
  give(change: (request: BuildRequest) => BuildRequest): void {
    try {
      this.#given = change(this.#request());
      this.#app.say(`given to the next build: ${this.#app.keys.keyOf("rerun")} reruns`);
    } catch (error) {
      this.#app.fail(error);
    }
  }

  /** What the next build is asked for unless something is changed: `--no-cache` of one rerun ends with it. */
  #request(): BuildRequest {
    const asked = this.#app.view().request;
    const last = this.#given ?? this.#app.debug?.state.request ?? asked;
    return last.noCache === asked.noCache ? last : { ...last, noCache: asked.noCache };
  }

  #rerunNow({
    here,
    request = this.#request(),
  }: {
    readonly here: boolean;
    readonly request?: BuildRequest;
  }): void {
    this.#options.beforeOpen();
    const taken = this.dispatch({ kind: "rerun", here: here || this.#reconnects(request), request });
    if (taken) this.#given = undefined;
  }

  /** A connection is made again in order to go on with the same build where it stood. */
  #reconnects(request: BuildRequest): boolean {
    const state = this.#app.debug?.state;
    if (state === undefined || state.request !== request) return false;
    return state.phase.kind === "lost" || state.engineSilent;
  }

  /** Sets the target stage and starts over; "" is the last one. */
  setTarget(stage: string): void {
    this.rerun({ here: false, request: { ...this.#request(), target: stage === "" ? undefined : stage } });
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
    const existing = debug.state.breakpoints.find(
      ({ spec }) => spec.kind === "stage-end" && spec.stage === stage,
    );
    if (existing === undefined) this.add({ kind: "stage-end", stage });
    else this.#remove(existing);
  }

  #remove({ id, spec, enabled, bound }: Breakpoint): void {
    if (!this.dispatch({ kind: "remove-breakpoint", id })) return;
    // A line follows its instruction: where it is now counts.
    const line = bound.kind === "verified" && spec.kind === "line" ? { ...spec, line: bound.line } : spec;
    this.#deleted = [...this.#deleted, { spec: line, enabled }].slice(-MAX_DELETED);
  }

  /** `u`: the breakpoint that was deleted last is there again. */
  undoDelete(): void {
    const { debug } = this.#app;
    const last = this.#deleted.at(-1);
    if (debug === undefined || last === undefined) {
      this.#app.say(`${this.#app.keys.keyOf("break-undo")}: no breakpoint was deleted`);
      return;
    }
    this.#deleted = this.#deleted.slice(0, -1);
    this.add(last.spec);
    const added = breakpointOf(debug.state.breakpoints, last.spec);
    if (!last.enabled && added !== undefined) {
      this.dispatch({ kind: "enable-breakpoint", id: added.id, enabled: false });
    }
  }

  /** What was typed: a breakpoint, or none at all. */
  addTyped(typed: TypedBreak): void {
    if (typed.kind !== "none") {
      this.add(typed);
      return;
    }
    const all = this.#app.debug?.state.breakpoints ?? [];
    for (const breakpoint of all) this.#remove(breakpoint);
    const undo = this.#app.keys.keyOf("break-undo");
    this.#app.say(
      all.length === 0 ? "there are no breakpoints" : `all breakpoints deleted; ${undo} brings them back`,
    );
  }

  /** Adds a breakpoint and says where it really is. */
  add(spec: BreakpointSpec): void {
    const { debug } = this.#app;
    if (debug === undefined || !this.dispatch({ kind: "add-breakpoint", spec })) return;
    const added = breakpointOf(debug.state.breakpoints, spec);
    const words = added === undefined ? undefined : boundWords(added, programOf(debug.state));
    if (words !== undefined) this.#app.say(words);
  }

  /** @throws {BktuiError} "not-found", as `enableNumbered`. */
  removeNumbered(number: number): void {
    this.#remove(this.#numbered(number));
  }

  enableNumbered(number: number, enabled: boolean): void {
    this.dispatch({ kind: "enable-breakpoint", id: this.#numbered(number).id, enabled });
  }

  #numbered(number: number): Breakpoint {
    const found = this.#app.debug?.state.breakpoints.find(({ id }) => id === number);
    if (found !== undefined) return found;
    throw new BktuiError("not-found", `no breakpoint ${number}`);
  }

  /** Keys of the Breaks pane, for the selected breakpoint. */
  selectedBreakpoint(what: "toggle" | "delete" | "go"): void {
    const { debug, ui, keys } = this.#app;
    const breakpoint = debug?.state.breakpoints[ui.breaks.cursor];
    if (breakpoint === undefined) {
      this.#app.say(noBreakpointWords(keys));
      return;
    }
    const { id, enabled } = breakpoint;
    if (what === "toggle") this.dispatch({ kind: "enable-breakpoint", id, enabled: !enabled });
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
