/** The line mode: the debugger for screen readers, scripts and terminals that cannot draw. */

import { type BktuiError, toBktuiError, unreachable } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { Attempts } from "../../console/attempts.ts";
import { BaseFirst } from "../../console/base-first.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { InterruptLadder } from "../../console/interrupt-ladder.ts";
import { engineInWords } from "../../console/phrases/engine-words.ts";
import { exitCodeAtEnd, finishedLines } from "../../console/phrases/output-words.ts";
import { remedyLines } from "../../console/phrases/remedy-words.ts";
import { builtWords, ofPlatform } from "../../console/phrases/thread-words.ts";
import { type LineCommand, readLine } from "../../console/read-command.ts";
import type { RememberedStore } from "../../console/remembered-breakpoints.ts";
import { RunClock } from "../../console/run-clock.ts";
import type { Settings } from "../../console/settings.ts";
import type { BreakpointSpec, Debugger, DebugState, Phase } from "../../debugger/debugger.ts";
import { lookAndExplain } from "../../debugger/explain/look-up.ts";
import { isBusy } from "../../debugger/state/at-rest.ts";
import { standsStill } from "../../debugger/state/threads.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { readSource, sourcePlace } from "../../engine/build-sources.ts";
import { exitCodeOf, exitCodeOfSignal } from "../exit-code.ts";
import { readingOrder, reportRefusal } from "../headless.ts";
import type { Output } from "../output.ts";
import { PlainProgress } from "../plain-progress.ts";
import { reportError, wholeError } from "../report.ts";
import { pausedLines, promptOf } from "./describe.ts";
import { EngineContact } from "./engine-contact.ts";
import { LineCommands } from "./line-commands.ts";
import type { LineInput } from "./line-input.ts";
import { LineNews } from "./line-news.ts";
import type { PlainShells } from "./line-shells.ts";
import { LookCommands } from "./look-commands.ts";
import { ReadAhead } from "./read-ahead.ts";
import { ShellUse } from "./shell-use.ts";
import { Transcript } from "./transcript.ts";

const OTHERS = "thread next shows another, continue runs them";

export interface LineModeRun {
  /** Connected and idle; the caller disposes it. */
  readonly debugger: Debugger;
  readonly request: BuildRequest;
  /** What typed paths and variables refer to. */
  readonly surroundings: Surroundings;
  readonly breakpoints: readonly BreakpointSpec[];
  /** Those of other runs; undefined = there are none, and none are kept. */
  readonly remembered: RememberedStore | undefined;
  /** Do not stop on entry. */
  readonly run: boolean;
  /** Things to say first, one harmless line each. */
  readonly notes: readonly string[];
  readonly input: LineInput;
  readonly shells: PlainShells;
  readonly stdout: Output;
  /**
   * Somebody types: commands act at once and questions are asked. Else the lines are a script: each waits until the
   * build has come to rest, and is repeated in the output.
   */
  readonly interactive: boolean;
  readonly settings: Settings;
  /** Show causes and stacks of errors. */
  readonly debug: boolean;
}

/**
 * Debugs by lines until `quit` or the end of the input; answers the exit code: 0 when the target was built, 130 after
 * the third Ctrl-C, else 1.
 */
export class LineMode {
  readonly #run: LineModeRun;
  readonly #debug: Debugger;
  readonly #transcript: Transcript;
  readonly #look: LookCommands;
  readonly #base: BaseFirst;
  readonly #ahead: ReadAhead;
  readonly #ladder = new InterruptLadder();
  readonly #contact: EngineContact;
  #progress: PlainProgress | undefined;
  #attempt = 0;
  /** The phase that was told about last. */
  #reported: Phase | undefined;
  #told: DebugState | undefined;
  #repeated: LineCommand | undefined;
  #lastError: BktuiError | undefined;
  #explained: Awaited<ReturnType<typeof lookAndExplain>>;
  #exitCode: number | undefined;
  #wake: () => void = () => undefined;
  /** Ends whatever is being waited for. */
  readonly #stop = new AbortController();
  readonly #shellUse: ShellUse;
  readonly #commands: LineCommands;
  readonly #news: LineNews;
  readonly #attempts = new Attempts();
  readonly #clock = new RunClock();

  constructor(run: LineModeRun) {
    this.#run = run;
    this.#debug = run.debugger;
    this.#transcript = new Transcript(run.stdout, { repeatsInput: !run.interactive });
    this.#ahead = new ReadAhead(run.input);
    this.#look = new LookCommands(run.debugger, run.shells, (line) => this.#transcript.say(line));
    this.#base = new BaseFirst(run.debugger, (line) => this.#transcript.say(line));
    this.#shellUse = new ShellUse({
      debug: run.debugger,
      shells: run.shells,
      look: this.#look,
      transcript: this.#transcript,
      ahead: this.#ahead,
      input: run.input,
      interactive: run.interactive,
      confirm: run.settings.confirm,
      ask: (question) => this.#ask(question),
      fail: (error) => this.#fail(error),
    });
    const { patienceMs } = run.settings.engine;
    this.#news = new LineNews({ ...run, debug: run.debugger, patienceMs, say: (line) => this.#report(line) });
    this.#contact = new EngineContact({
      ...run,
      debug: run.debugger,
      patienceMs,
      silentAfterMs: run.settings.notify.silentAfterMs,
      say: (line) => this.#report(line),
      onGaveUp: (reason) => {
        this.#fail(toBktuiError(reason));
        this.#leave(exitCodeOf(toBktuiError(reason)));
      },
    });
    this.#commands = this.#makeCommands();
  }

  #makeCommands(): LineCommands {
    return new LineCommands({
      debug: this.#debug,
      request: this.#run.request,
      surroundings: this.#run.surroundings,
      attempts: this.#attempts,
      explanation: () => this.#explained,
      look: this.#look,
      shells: this.#run.shells,
      shellUse: this.#shellUse,
      contact: this.#contact,
      say: (line) => this.#transcript.say(line),
      errorLines: () => this.#errorLines(),
      tellAgain: () => {
        this.#reported = undefined;
      },
      quit: () => this.#quit(),
      fail: (error) => this.#fail(error),
    });
  }

  /** @throws {BktuiError} "cancelled" when the signal fires. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<number> {
    const { request, breakpoints, notes } = this.#run;
    this.#transcript.say(`debugging ${visibleLine(sourcePlace(request))} with ${engineInWords(this.#debug)}`);
    for (const note of notes) this.#transcript.say(`note: ${note}`);
    this.#transcript.say("help lists the commands");
    const unsubscribe = this.#debug.subscribe(() => this.#changed());
    const abort = (): void => {
      this.#stop.abort(signal.reason);
      this.#shellUse.interrupt(signal.reason);
      this.#commands.interrupt(signal.reason);
      this.#wake();
    };
    signal.addEventListener("abort", abort);
    try {
      await this.#news.setBreakpoints(breakpoints);
      this.#debug.dispatch({ kind: "launch", request, stopOnEntry: !this.#run.run });
      while (this.#exitCode === undefined) {
        signal.throwIfAborted();
        await this.#turn();
      }
      return this.#exitCode;
    } finally {
      signal.removeEventListener("abort", abort);
      unsubscribe();
      this.#contact[Symbol.dispose]();
      this.#progress?.[Symbol.dispose]();
      await this.#news[Symbol.asyncDispose]();
    }
  }

  /** Ctrl-C outside of a shell on a terminal. */
  interrupt(nowMs: number): void {
    if (this.#shellUse.interrupt(new Error("the shell was interrupted"))) return;
    if (this.#commands.interrupt(new Error("the program was interrupted"))) return;
    this.#transcript.interrupted();
    const { phase } = this.#debug.state;
    const pausing = phase.kind === "running" ? phase.asked !== "nothing" : this.#isBusy();
    switch (this.#ladder.press(nowMs, this.#isBusy() ? (pausing ? "pausing" : "running") : "no")) {
      case "leave":
        this.#leave(exitCodeOfSignal("SIGINT"));
        return;
      case "pause":
        void this.#commands.pause();
        return;
      case "cancel":
        void this.#commands.cancel();
        return;
      case "quit-hint":
        this.#transcript.say("quit leaves bktui");
        this.#wake();
        return;
    }
  }

  #isTold(): boolean {
    const { state } = this.#debug;
    return this.#reported === state.phase || (this.#reported !== undefined && standsStill(this.#told, state));
  }

  /** One thing that happened, or one line that was waiting for its moment. */
  async #turn(): Promise<void> {
    if (!this.#isBusy() && !this.#isTold()) {
      await this.#tell();
      const due = this.#isBusy() ? undefined : this.#base.due();
      if (due !== undefined) await this.#try(due);
      return;
    }
    const { held } = this.#ahead;
    if (held !== undefined && !this.#mustWait(held.text)) {
      this.#ahead.drop();
      await this.#take(held.text);
      return;
    }
    if (!this.#isBusy() && this.#exitCode === undefined) this.#transcript.prompt(promptOf(this.#debug.state));
    await this.#next();
  }

  /** Resolves when something has happened: a line has come, the state has changed, it is time to leave. */
  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#ahead.want(() => this.#wake());
    });
  }

  #changed(): void {
    const { attempt } = this.#debug.state;
    if (attempt !== this.#attempt) {
      this.#attempt = attempt;
      this.#progress?.[Symbol.dispose]();
      this.#progress = new PlainProgress(this.#debug.progress, (line) => this.#report(line), {
        nowMs: Date.now,
        placeOf: readingOrder(this.#debug),
      });
    }
    this.#news.observe();
    const { state } = this.#debug;
    this.#clock.observe(state, this.#debug.progress);
    const cacheBreak = attempt > 1 && !this.#isBusy() ? this.#commands.cacheBreak() : undefined;
    this.#attempts.observe(state, { ranMs: this.#clock.ranMs, cacheBreak });
    this.#wake();
  }

  /** Progress may come late, when the prompt stands already: it is written again. */
  #report(line: string): void {
    this.#transcript.say(line);
    this.#wake();
  }

  #isBusy(): boolean {
    return isBusy(this.#debug.state);
  }

  #mustWait(text: string | undefined): boolean {
    if (!this.#isBusy()) return false;
    if (text === undefined) return !this.#run.interactive;
    const reading = readLine(text);
    const id = reading.kind === "command" ? reading.command.id : undefined;
    if (id === "pause" || id === "cancel" || id === "reconnect") return false;
    if (!this.#run.interactive) return true;
    const canWait = reading.kind === "nothing" || (reading.kind === "command" && reading.when === "at-rest");
    return canWait && this.#debug.state.phase.kind === "opening";
  }

  /** Says where the build has come to rest. */
  async #tell(): Promise<void> {
    const { phase } = this.#debug.state;
    const hadFailed = this.#reported?.kind === "paused" && this.#reported.reason.kind === "exception";
    this.#reported = phase;
    this.#told = this.#debug.state;
    const request = this.#debug.state.request ?? this.#run.request;
    const explanation = await lookAndExplain(this.#debug, await readSource(request), {
      signal: this.#stop.signal,
    });
    const { state, progress } = this.#debug;
    this.#explained = explanation;
    if (state.phase !== phase) return;
    this.#progress?.settle(state);
    for (const line of this.#news.take(phase)) this.#transcript.say(line);
    switch (phase.kind) {
      case "paused":
        // It has been told: only BASE was made.
        if (this.#base.isFor(phase)) return;
        for (const line of pausedLines(phase, { state, progress, explanation })) this.#transcript.say(line);
        if (phase.reason.kind === "exception" && !hadFailed) await this.#failed();
        return;
      case "built":
        this.#transcript.say(`${visibleLine(ofPlatform(state, builtWords(state)))}; ${OTHERS}`);
        return;
      case "finished":
        for (const line of finishedLines(phase)) this.#transcript.say(visibleLine(line));
        if (phase.imageId !== undefined) this.#transcript.say(visibleLine(phase.imageId));
        return;
      case "broken":
      case "lost":
        this.#lastError = phase.error;
        for (const line of await reportRefusal(phase, { ...this.#run, request, progress }, explanation))
          this.#transcript.say(line);
        if (phase.kind === "lost") this.#transcript.say(this.#contact.lostHint);
        return;
      case "idle":
      case "opening":
      case "running":
      case "finishing":
      case "ended":
        return;
      default:
        unreachable(phase);
    }
  }

  async #failed(): Promise<void> {
    const { onError } = this.#run.settings.build;
    if (onError === "exit") this.#leave(1);
    else if (onError === "shell") await this.#try({ id: "shell", step: undefined });
  }

  /** A line, or the end of the input. */
  async #take(text: string | undefined): Promise<void> {
    if (text === undefined) {
      const { phase } = this.#debug.state;
      this.#transcript.say("the input has ended");
      if (phase.kind === "paused" && phase.execution.done.size === 0)
        this.#transcript.say("nothing has run; bktui --run builds without stopping on entry");
      this.#leave(exitCodeAtEnd(phase));
      return;
    }
    this.#transcript.entered(text, promptOf(this.#debug.state));
    const reading = readLine(text);
    if (reading.kind === "unknown") this.#transcript.say(reading.why);
    const again = reading.kind === "nothing" ? this.#repeated : undefined;
    const meant = reading.kind === "command" ? reading.command : again;
    this.#repeated = meant !== undefined && REPEATED.has(meant.id) ? meant : undefined;
    if (meant !== undefined) await this.#try(meant);
  }

  async #try(command: LineCommand): Promise<void> {
    try {
      if (!this.#base.holds(command)) await this.#commands.obey(command);
    } catch (error) {
      this.#fail(toBktuiError(error));
    }
  }

  async #quit(): Promise<void> {
    if (!(await this.#shellUse.mayQuit())) return;
    this.#leave(exitCodeAtEnd(this.#debug.state.phase));
  }

  async #ask(question: string): Promise<boolean> {
    this.#transcript.prompt(question);
    const answer = await this.#run.input.line();
    this.#transcript.entered(answer ?? "", question);
    return answer === undefined || /^\s*y(es)?\s*$/i.test(answer);
  }

  #fail(error: BktuiError): void {
    this.#lastError = error;
    for (const line of reportError(error, this.#run)) this.#transcript.say(line.replace(/^bktui: /, ""));
    for (const line of remedyLines(error)) this.#transcript.say(`  ${visibleLine(line)}`);
  }

  #errorLines(): readonly string[] {
    const { phase } = this.#debug.state;
    const error =
      phase.kind === "paused" && phase.reason.kind === "exception" ? phase.reason.failure : this.#lastError;
    if (error === undefined) return ["there was no error"];
    const known = { explanation: this.#explained, warnings: this.#debug.progress.warnings };
    return wholeError(error, known, this.#run);
  }

  #leave(exitCode: number): void {
    this.#exitCode = exitCode === 0 && this.#shellUse.leftOut ? 1 : exitCode;
    this.#wake();
  }
}

/** An empty line after them means the same again, as in gdb. */
const REPEATED: ReadonlySet<LineCommand["id"]> = new Set<LineCommand["id"]>(["next", "into", "continue"]);
