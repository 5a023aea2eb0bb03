/** Keys that run, pause, rerun and set breakpoints: from a key to the debugger's commands. */
import type { BreakpointSpec, Command } from "../debugger/debugger.ts";
import { sideWord } from "../debugger/shell-launch.ts";
import { cacheBrokeAt, runningEdges } from "../debugger/view.ts";
import type { BuildRequest } from "../engine/engine.ts";
import { lineOf } from "../graph/graph.ts";
import type { Desk } from "./desk.ts";
import { boundWords } from "./models/breaks.ts";
import { isAt } from "./models/source.ts";
import { programOf } from "./models/standing.ts";
import { sourceAt } from "./motions.ts";
import type { Shell } from "./shells.ts";

export interface RunControlOptions {
  readonly desk: Desk;
  /** Shells that a rerun would end. */
  shells(): readonly Shell[];
  /** Called right before the engine reads the files anew. */
  beforeOpen(): void;
}

export class RunControl {
  readonly #desk: Desk;
  readonly #options: RunControlOptions;

  constructor(options: RunControlOptions) {
    this.#desk = options.desk;
    this.#options = options;
  }

  /** Gives a command to the debugger; a refusal is shown in words. */
  dispatch(command: Command): boolean {
    const { debug } = this.#desk;
    if (debug === undefined) return false;
    try {
      debug.dispatch(command);
      return true;
    } catch (error) {
      this.#desk.fail(error);
      return false;
    }
  }

  pause(): void {
    const { debug } = this.#desk;
    const program = programOf(debug?.state);
    if (debug === undefined || program === undefined) return;
    this.dispatch({ kind: "pause", running: runningEdges(program, debug.progress) });
  }

  /** Runs to the line under the cursor; a line that runs nothing means the next place to stop in its stage. */
  runToCursor(): void {
    const { document, ui } = this.#desk.view();
    const row = document.layout.rowAt(ui.source.cursor);
    if (row === undefined) return;
    const line = row.kind === "end" ? document.endStopByStage.get(row.stage)?.line : row.line;
    if (line === undefined) return;
    const runsNothing = row.kind === "line" && document.stepByLine.get(row.line) === undefined;
    if (this.dispatch({ kind: "run-to", line }) && runsNothing) {
      this.#desk.say(`line ${line} runs nothing: running to the next step of its stage`);
    }
  }

  /** Stops before the same instruction again (`here`) or at the start. Asks when a used shell would be lost. */
  rerun(options: { readonly here: boolean; readonly request?: BuildRequest }): void {
    const used = this.#options.shells().filter((shell) => shell.used);
    if (used.length === 0) this.#rerunNow(options);
    else this.#desk.background(this.#rerunAfterAsking(options, used));
  }

  async #rerunAfterAsking(
    options: { readonly here: boolean; readonly request?: BuildRequest },
    used: readonly Shell[],
  ): Promise<void> {
    const shells = used.map(({ step, side }) => `${sideWord(side)} of step ${step.id + 1}`).join(", ");
    const yes = await this.#desk.ask({
      title: "Rerun?",
      lines: [`This ends the shell on ${shells}; what was changed in it is lost.`],
    });
    if (yes) this.#rerunNow(options);
  }

  #rerunNow({ here, request }: { readonly here: boolean; readonly request?: BuildRequest }): void {
    this.#options.beforeOpen();
    if (request !== undefined) this.dispatch({ kind: "rerun", here, request });
    else this.dispatch({ kind: "rerun", here: here || this.#reconnects() });
  }

  /** A connection is made again in order to go on where the build stood. */
  #reconnects(): boolean {
    const state = this.#desk.debug?.state;
    return state?.phase.kind === "lost" || state?.engineSilent === true;
  }

  /** Sets the target stage and starts over. */
  setTarget(stage: string): void {
    const request = this.#desk.debug?.state.request ?? this.#desk.view().request;
    this.rerun({ here: false, request: { ...request, target: stage } });
  }

  /** Sets or removes a breakpoint at the cursor's row. */
  toggleAtCursor(): void {
    const { document, ui, debug } = this.#desk.view();
    const row = document.layout.rowAt(ui.source.cursor);
    if (row === undefined || row.kind === "message" || debug === undefined) return;
    const here = debug.state.breakpoints.filter((breakpoint) => isAt(document, breakpoint, row));
    if (here.length > 0) {
      for (const { id } of here) this.dispatch({ kind: "remove-breakpoint", id });
      return;
    }
    this.add(row.kind === "end" ? { kind: "stage-end", stage: row.stage } : { kind: "line", line: row.line });
  }

  /** At the end of the stage that the cursor is in. */
  toggleStageEnd(): void {
    const { document, ui, debug } = this.#desk.view();
    const row = document.layout.rowAt(ui.source.cursor);
    if (row === undefined || debug === undefined) return;
    const stage =
      row.kind === "end"
        ? row.stage
        : document.program?.stages.find(({ start, end }) => start <= row.line && row.line <= end)?.name;
    if (stage === undefined) {
      this.#desk.say("B: the cursor is in no stage");
      return;
    }
    const existing = debug.state.breakpoints.find(
      ({ spec }) => spec.kind === "stage-end" && spec.stage === stage,
    );
    if (existing === undefined) this.add({ kind: "stage-end", stage });
    else this.dispatch({ kind: "remove-breakpoint", id: existing.id });
  }

  /** Adds a breakpoint and says where it really is. */
  add(spec: BreakpointSpec): void {
    const { debug } = this.#desk;
    if (debug === undefined || !this.dispatch({ kind: "add-breakpoint", spec })) return;
    const added = debug.state.breakpoints.at(-1);
    const words = added === undefined ? undefined : boundWords(added, programOf(debug.state));
    if (words !== undefined) this.#desk.say(words);
  }

  /** Keys of the Breaks pane, for the selected breakpoint. */
  selectedBreakpoint(what: "toggle" | "delete" | "go"): void {
    const { debug, ui } = this.#desk;
    const breakpoint = debug?.state.breakpoints[ui.breaks.cursor];
    if (breakpoint === undefined) {
      this.#desk.say("there is no breakpoint; b sets one at the cursor, a adds one by name");
      return;
    }
    const { id, enabled } = breakpoint;
    if (what === "toggle") this.dispatch({ kind: "enable-breakpoint", id, enabled: !enabled });
    else if (what === "delete") this.dispatch({ kind: "remove-breakpoint", id });
    else this.#goTo(breakpoint.id);
  }

  #goTo(id: number): void {
    const view = this.#desk.view();
    const breakpoint = view.debug?.state.breakpoints.find((candidate) => candidate.id === id);
    if (breakpoint === undefined) return;
    const { layout } = view.document;
    for (let row = 0; row < layout.rows; row += 1) {
      const place = layout.rowAt(row);
      if (place === undefined || place.kind === "message" || !isAt(view.document, breakpoint, place))
        continue;
      this.#desk.act({ kind: "focus", pane: "source" }, sourceAt(row));
      return;
    }
  }

  /** `:12` and breakpoints by line: the cursor goes to a line of the file. */
  goToLine(line: number): void {
    const view = this.#desk.view();
    const last = view.document.layout.lines;
    const wanted = lineOf(Math.min(Math.max(1, line), Math.max(1, last)));
    this.#desk.act({ kind: "focus", pane: "source" }, sourceAt(view.document.layout.indexOfLine(wanted)));
  }

  /** Names the first step of a rerun that was not in the cache; undefined when all were. */
  cacheBreak(): string | undefined {
    const { debug } = this.#desk;
    const program = programOf(debug?.state);
    if (debug === undefined || program === undefined) return undefined;
    const step = cacheBrokeAt(program, debug.progress);
    return step === undefined ? undefined : `cache broke at step ${step.id + 1}: ${step.text}`;
  }

  /** The line that `e` opens the editor at. */
  cursorLine(): number {
    const { document, ui } = this.#desk.view();
    const row = document.layout.rowAt(ui.source.cursor);
    if (row === undefined) return 1;
    if (row.kind !== "end") return row.line;
    const stop = document.endStopByStage.get(row.stage);
    return stop === undefined ? 1 : (document.program?.steps[stop.step]?.end ?? stop.line);
  }
}
