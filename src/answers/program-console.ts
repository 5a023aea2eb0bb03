/** The console for programs: takes the lines of the console's grammar, answers each with plain data, tells what happens. */
import { BktuiError, toBktuiError } from "../base/errors.ts";
import { Attempts } from "../console/attempts.ts";
import { BaseFirst } from "../console/base-first.ts";
import type { Surroundings } from "../console/build-options.ts";
import { rowOf } from "../console/command-table.ts";
import { Console, type Given } from "../console/console.ts";
import { EngineWatch } from "../console/engine-silence.ts";
import type { LogQuery } from "../console/log-lines.ts";
import { releaseCaches } from "../console/losses.ts";
import type { NextBuild } from "../console/next-build.ts";
import { exitCodeAtEnd } from "../console/phrases/output-words.ts";
import { type LineCommand, readLine } from "../console/read-command.ts";
import { RunClock } from "../console/run-clock.ts";
import type { Settings } from "../console/settings.ts";
import { ShownState } from "../console/shown-state.ts";
import type { StepName } from "../console/step-names.ts";
import type { BreakpointOrder } from "../debugger/breakpoint.ts";
import type { Command, Debugger, Phase } from "../debugger/debugger.ts";
import type { Explanation } from "../debugger/explain/explanation.ts";
import { lookAndExplain } from "../debugger/explain/look-up.ts";
import { OpenStates } from "../debugger/shells/open-states.ts";
import type { OpenedShell } from "../debugger/shells/shared-container.ts";
import { isBusy } from "../debugger/state/at-rest.ts";
import { programOf, stopOf } from "../debugger/state/inspect.ts";
import { programsOf } from "../debugger/state/threads.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { readSource } from "../engine/build-sources.ts";
import type { Answer, ConsoleEvent, Result, StateAnswer } from "./answers.ts";
import { BREAKS } from "./breakpoint-answer.ts";
import { BuildEvents } from "./build-events.ts";
import { EXPECT } from "./expect.ts";
import { FILE_COMMANDS, fileAnswer } from "./files.ts";
import { harmless } from "./harmless.ts";
import { lastErrorAnswer } from "./last-error.ts";
import { Listeners, type Wanted } from "./listeners.ts";
import { logAnswer, stepNumbers } from "./log-answer.ts";
import { LOOKS } from "./looks.ts";
import type { Handlers, Parts } from "./parts.ts";
import { PROGRAMS, programAnswer } from "./programs.ts";
import { RUNS } from "./runs.ts";
import { errorAnswer, stateAnswer } from "./state-answer.ts";

export interface ProgramConsoleOptions extends Partial<Pick<Parts, "editors">> {
  /** Connected and idle; the caller disposes it. */
  readonly debug: Debugger;
  readonly request: BuildRequest;
  /** What typed paths and variables refer to. */
  readonly surroundings: Surroundings;
  readonly settings: Settings;
}

export interface LaunchOptions {
  readonly breakpoints: readonly BreakpointOrder[];
  /** Do not stop on entry. */
  readonly run: boolean;
  readonly signal: AbortSignal;
}

const HANDLERS: Handlers<LineCommand["id"]> = {
  ...RUNS,
  ...LOOKS,
  ...BREAKS,
  ...FILE_COMMANDS,
  ...PROGRAMS,
  ...EXPECT,
  quit: (_command, { debug }) => ({ kind: "quit", exitCode: exitCodeAtEnd(debug.state.phase) }),
};

/** These do not wait for what was asked before them. */
const AT_ONCE: ReadonlySet<LineCommand["id"]> = new Set<LineCommand["id"]>(["pause", "cancel", "reconnect"]);
/** As Ctrl-C for who types: ends the program, export or read under way, else pauses the build. */
const INTERRUPT = /^:?interrupt$/;

/**
 * One for each debugger. Commands are done one after the other in the order in which they come, and each once the build
 * stands; `pause`, `cancel`, `reconnect` and `interrupt` act at once. Nothing that it answers or tells can do harm to a
 * terminal, has the value of a secret in it, or is without bounds. Disposing ends what runs in states, not the build.
 */
export class ProgramConsole implements AsyncDisposable {
  readonly #debug: Debugger;
  readonly #request: BuildRequest;
  readonly #console: Console;
  readonly #shown: ShownState;
  readonly #base: BaseFirst;
  readonly #states: OpenStates<OpenedShell>;
  readonly #attempts = new Attempts();
  readonly #clock = new RunClock();
  readonly #patience: EngineWatch;
  readonly #parts: Parts;
  readonly #listeners = new Listeners();
  readonly #unsubscribe: () => void;
  #notes: string[] = [];
  #refused: unknown;
  #last: Result | undefined;
  /** Settles when what was asked for before is done. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Ends the command under way. */
  #underWay: AbortController | undefined;
  #explained: { readonly phase: Phase; readonly explanation: Explanation | undefined } | undefined;
  #lastError: BktuiError | undefined;
  /** Undefined while nobody listens. */
  #events: BuildEvents | undefined;

  constructor({ debug, request, surroundings, settings, editors }: ProgramConsoleOptions) {
    this.#debug = debug;
    this.#request = request;
    this.#shown = new ShownState(debug);
    this.#base = new BaseFirst(debug, (words) => this.#note(words));
    this.#states = new OpenStates<OpenedShell>({
      debug,
      start: () => ({ talk: { kind: "lines" }, command: settings.shell.command, prompt: false }),
      show: (opened) => opened,
    });
    this.#console = this.#makeConsole(surroundings);
    this.#patience = new EngineWatch(debug, settings.engine.patienceMs);
    this.#parts = this.#makeParts({ surroundings, editors });
    this.#unsubscribe = debug.subscribe(() => this.#observe());
  }

  /** Sets breakpoints, opens the build and waits until it stands. */
  async launch({ breakpoints, run, signal }: LaunchOptions): Promise<Answer> {
    return await this.#inTurn("launch", signal, async (ending) => {
      for (const order of breakpoints) this.#debug.dispatch({ kind: "add-breakpoint", ...order });
      this.#debug.dispatch({ kind: "launch", request: this.#request, stopOnEntry: !run });
      return await this.#settled(ending);
    });
  }

  /**
   * Does what a line asks for. Never rejects for what the user did: such an answer has an error. When the signal fires what
   * is waited for is given up, and programs and exports are ended; a build that runs goes on.
   */
  async perform(text: string, { signal }: { readonly signal: AbortSignal }): Promise<Answer> {
    if (INTERRUPT.test(text.trim())) return await this.#interrupt();
    const reading = readLine(text);
    if (reading.kind === "nothing") return { ok: true, result: { kind: "nothing" } };
    if (reading.kind === "unknown") return this.#failed(undefined, new BktuiError("usage", reading.why));
    const { command } = reading;
    const name = rowOf(command.id)?.name ?? command.id;
    const work = (ending: AbortSignal): Promise<Result> => this.#obey(command, ending);
    return AT_ONCE.has(command.id)
      ? await this.#answered(name, signal, work)
      : await this.#inTurn(name, signal, work);
  }

  /**
   * Gives commands without waiting for what comes of them, for who follows the build by its events.
   * @throws {BktuiError} with why it is refused.
   */
  async give(ask: (commands: Console) => Given): Promise<void> {
    await this.#taken(ask(this.#console));
  }

  /** A piece of a file of the state that is shown, in turn as other commands. */
  async readFile(
    asked: {
      readonly step?: StepName | undefined;
      readonly path: string;
      readonly offset: number;
      readonly length: number;
    },
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Answer> {
    const work = (ending: AbortSignal): Promise<Result> =>
      fileAnswer(this.#parts, { step: undefined, ...asked }, ending);
    return await this.#inTurn("cat", signal, work);
  }

  /** Lines of the log of a step, or of the one that is stood at: a range, the last ones, those with a match. */
  async readLog(
    { step, ...query }: LogQuery & { readonly step?: StepName | undefined },
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Answer> {
    return await this.#inTurn("log", signal, async () => {
      const { debug, shown } = this.#parts;
      const numberOf = stepNumbers(programsOf(debug.state));
      return logAnswer(shown.step(step), debug.progress, numberOf, { ...query, raw: false });
    });
  }

  /** Runs a program once in the state of a step that is shown. */
  async runProgram(
    args: readonly string[],
    { step, signal }: { readonly step?: StepName | undefined; readonly signal: AbortSignal },
  ): Promise<Answer> {
    return await this.#inTurn("exec", signal, (ending) => programAnswer(step, args, this.#parts, ending));
  }

  /** What the next build is asked for. */
  get next(): NextBuild {
    return this.#console.next;
  }

  /** Where the build stands now. What went wrong is explained in it once that is known: `perform("here")` waits for it. */
  state(): StateAnswer {
    return harmless(this.#stateNow(), (text) => this.#debug.masked(text));
  }

  /**
   * Tells what happens to the build, in order; returns the function that ends it.
   * @param isWanted what is left out is not even made; default: nothing
   */
  onEvent(listener: (event: ConsoleEvent) => void, isWanted: Wanted = () => true): () => void {
    const listeners = this.#listeners;
    listeners.add(listener, isWanted);
    this.#events ??= new BuildEvents({
      debug: this.#debug,
      state: () => this.#stateNow(),
      isWanted: listeners.isWanted,
      tell: (event) => listeners.tell(harmless(event, (text) => this.#debug.masked(text))),
    });
    return () => {
      listeners.remove(listener);
      if (!listeners.isEmpty) return;
      this.#events?.[Symbol.dispose]();
      this.#events = undefined;
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#underWay?.abort(new BktuiError("cancelled", "the console was closed"));
    this.#unsubscribe();
    this.#events?.[Symbol.dispose]();
    this.#patience[Symbol.dispose]();
    await this.#states[Symbol.asyncDispose]();
  }

  #makeConsole(surroundings: Surroundings): Console {
    return new Console({
      debug: this.#debug,
      request: this.#request,
      surroundings,
      port: {
        refused: (_kind, error) => {
          this.#refused = error;
        },
        releaseCaches: (conflicts) =>
          releaseCaches(conflicts, this.#states, {
            ask: () => Promise.resolve(true),
            say: (words) => this.#note(words),
          }),
        // What programs leave in states goes with them: there is nothing to be lost.
        mayRerun: () => true,
        beforeOpen: () => undefined,
      },
    });
  }

  #makeParts(given: Pick<Parts, "surroundings" | "editors">): Parts {
    return {
      debug: this.#debug,
      console: this.#console,
      shown: this.#shown,
      states: this.#states,
      attempts: this.#attempts,
      ...given,
      explanation: () => this.#explanation,
      lastError: () => lastErrorAnswer(this.#debug, this.#lastError, this.#explanation),
      state: () => this.#stateNow(),
      last: () => this.#last,
      give: (command: Command) => this.#taken(this.#console.give(command)),
      taken: (given) => this.#taken(given),
      settled: (signal) => this.#settled(signal),
    };
  }

  #observe(): void {
    const { state, progress } = this.#debug;
    this.#clock.observe(state, progress);
    const cacheBreak = state.attempt > 1 && !isBusy(state) ? this.#console.cacheBreak() : undefined;
    this.#attempts.observe(state, { ranMs: this.#clock.ranMs, cacheBreak });
  }

  get #explanation(): Explanation | undefined {
    return this.#explained?.phase === this.#debug.state.phase ? this.#explained.explanation : undefined;
  }

  #stateNow(): StateAnswer {
    const { state, progress } = this.#debug;
    const stop = stopOf(state);
    const step = stop === undefined ? undefined : programOf(state)?.steps[stop.step];
    const shown = step === undefined ? undefined : this.#shown.side(step);
    return stateAnswer({ state, progress, explanation: this.#explanation, shown, notes: this.#notes });
  }

  #note(words: string): void {
    this.#notes.push(words);
  }

  async #taken(given: boolean | Promise<boolean>): Promise<void> {
    const isTaken = await given;
    // A refusal comes before this is reached, or while it is waited for.
    const refused = this.#refused;
    this.#refused = undefined;
    if (!isTaken) throw refused ?? new BktuiError("not-now", "another command waits for its turn");
  }

  /** @throws {BktuiError} "cancelled"; "engine-unreachable" when the engine has been silent for too long. */
  async #settled(signal: AbortSignal): Promise<StateAnswer> {
    const { gaveUp } = this.#patience;
    try {
      await this.#debug.rest({ signal: AbortSignal.any([signal, gaveUp]) });
    } catch (error) {
      throw gaveUp.aborted && !signal.aborted ? gaveUp.reason : error;
    }
    const { phase, request = this.#request } = this.#debug.state;
    if (this.#explained?.phase !== phase) {
      const explanation = await lookAndExplain(this.#debug, await readSource(request), { signal });
      this.#explained = { phase, explanation };
    }
    return this.#stateNow();
  }

  /** One after the other; a command that is not waited for any more is not begun. */
  async #inTurn(
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Answer> {
    let hasBegun = false;
    const answer = this.#turn.then(async () => {
      hasBegun = true;
      this.#notes = [];
      const stop = new AbortController();
      this.#underWay = stop;
      try {
        return await this.#answered(name, AbortSignal.any([signal, stop.signal]), work);
      } finally {
        this.#underWay = undefined;
      }
    });
    this.#turn = answer;
    return await new Promise((resolve) => {
      // Whoever gives a command up before its turn need not wait for it.
      const giveUp = (): void => {
        if (!hasBegun) resolve(this.#failed(name, toBktuiError(signal.reason, "cancelled")));
      };
      signal.addEventListener("abort", giveUp, { once: true });
      void answer.then((given) => {
        signal.removeEventListener("abort", giveUp);
        resolve(given);
      });
    });
  }

  async #answered(
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Answer> {
    try {
      signal.throwIfAborted();
      const result = await work(signal);
      return this.#clean({ ok: true, command: name, result });
    } catch (error) {
      return this.#failed(name, toBktuiError(error, signal.aborted ? "cancelled" : "internal"));
    }
  }

  #failed(command: string | undefined, error: BktuiError): Answer {
    this.#lastError = error;
    return this.#clean({ ok: false, command, error: errorAnswer(error) });
  }

  #clean(answer: Answer): Answer {
    return harmless(answer, (text) => this.#debug.masked(text));
  }

  async #obey(command: LineCommand, signal: AbortSignal): Promise<Result> {
    const waits = rowOf(command.id)?.when === "at-rest";
    if (waits && isBusy(this.#debug.state)) await this.#settled(signal);
    if (!this.#base.holds(command)) return await this.#perform(command, signal);
    await this.#settled(signal);
    const due = this.#base.due();
    if (due === undefined) throw new BktuiError("not-now", this.#notes.at(-1) ?? "BASE was not made");
    return await this.#perform(due, signal);
  }

  async #perform(command: LineCommand, signal: AbortSignal): Promise<Result> {
    const perform = HANDLERS[command.id] as (
      command: LineCommand,
      parts: Parts,
      signal: AbortSignal,
    ) => Result | Promise<Result>;
    const result = await perform(command, this.#parts, signal);
    if (command.id !== "expect") this.#last = result;
    return result;
  }

  async #interrupt(): Promise<Answer> {
    if (this.#underWay !== undefined && !isBusy(this.#debug.state)) {
      this.#underWay.abort(new BktuiError("cancelled", "interrupted"));
      return this.#clean({ ok: true, command: "interrupt", result: this.#stateNow() });
    }
    const { signal } = new AbortController();
    return await this.#answered("interrupt", signal, (ending) => this.#obey({ id: "pause" }, ending));
  }
}
