/** The line mode: the debugger for screen readers, scripts and terminals that cannot draw. */

import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { Attempts } from "../../console/attempts.ts";
import { BaseFirst } from "../../console/base-first.ts";
import { InterruptLadder } from "../../console/interrupt-ladder.ts";
import { engineInWords } from "../../console/phrases/engine-words.ts";
import { exitCodeAtEnd } from "../../console/phrases/output-words.ts";
import { remedyLines } from "../../console/phrases/remedy-words.ts";
import { type LineCommand, readLine } from "../../console/read-command.ts";
import { RunClock } from "../../console/run-clock.ts";
import { ScriptLines } from "../../console/script-lines.ts";
import type { Debugger, DebugState, Phase } from "../../debugger/debugger.ts";
import { lookAndExplain } from "../../debugger/explain/look-up.ts";
import { isBusy } from "../../debugger/state/at-rest.ts";
import { livePhase } from "../../debugger/state/live.ts";
import { standsStill } from "../../debugger/state/threads.ts";
import { readSource, sourcePlace } from "../../engine/build-sources.ts";
import { exitCodeOf, exitCodeOfSignal } from "../exit-code.ts";
import { readingOrder } from "../headless.ts";
import { PlainProgress } from "../plain-progress.ts";
import { reportError } from "../report.ts";
import { promptOf } from "./describe.ts";
import { EngineContact } from "./engine-contact.ts";
import { LineCommands } from "./line-commands.ts";
import type { LineModeRun } from "./line-mode-run.ts";
import { LineNews } from "./line-news.ts";
import { mustWait, REPEATED } from "./line-waits.ts";
import { LookCommands } from "./look-commands.ts";
import { type HeldLine, ReadAhead } from "./read-ahead.ts";
import { ShellUse } from "./shell-use.ts";
import { errorLines, stopLines } from "./stop-lines.ts";
import { Transcript } from "./transcript.ts";

/** Before each line of a script in the output. */
const SCRIPT_MARK = "> ";

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
    this.#ahead = new ReadAhead(run.input, run.script && new ScriptLines());
    this.#look = new LookCommands(run.debugger, run.shells, {
      say: (line) => this.#transcript.say(line),
      refuse: (line) => this.#refuse(line),
    });
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
      refuse: (line) => this.#refuse(line),
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
      refuse: (line) => this.#refuse(line),
      said: () => this.#transcript.said,
      expected: () => this.#run.script?.expectedEnd(this.#debug.state),
      errorLines: () => this.#errorLines(),
      tellAgain: () => {
        this.#reported = undefined;
      },
      editors: this.#run.editors,
      quit: () => this.#quit(),
      fail: (error) => this.#fail(error),
    });
  }

  /** @throws {BktuiError} "cancelled" when the signal fires. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<number> {
    const { request, breakpoints, notes } = this.#run;
    if (this.#run.hasBegun !== true)
      this.#transcript.say(
        `debugging ${visibleLine(sourcePlace(request))} with ${engineInWords(this.#debug)}`,
      );
    for (const note of notes) this.#transcript.say(`note: ${note}`);
    if (this.#run.script === undefined) this.#transcript.say("help lists the commands");
    const unsubscribe = this.#debug.subscribe(() => this.#changed());
    const abort = (): void => this.#giveUp(signal.reason);
    using _timer = this.#run.script?.limit(() => this.#leaveScript(1));
    signal.addEventListener("abort", abort);
    try {
      if (this.#run.hasBegun !== true) {
        await this.#news.setBreakpoints(breakpoints);
        this.#debug.dispatch({ kind: "launch", request, stopOnEntry: !this.#run.run });
      } else {
        this.#reported = this.#debug.state.phase;
        this.#attempt = this.#debug.state.attempt;
      }
      const { script } = this.#run;
      // A script is left at once, whatever its command waits for.
      await (script === undefined ? this.#loop(signal) : Promise.race([this.#loop(signal), script.left]));
      return this.#exitCode ?? exitCodeAtEnd(this.#debug.state.phase);
    } finally {
      signal.removeEventListener("abort", abort);
      unsubscribe();
      this.#contact[Symbol.dispose]();
      this.#progress?.[Symbol.dispose]();
      await this.#news[Symbol.asyncDispose]();
    }
  }

  async #loop(signal: AbortSignal): Promise<void> {
    while (this.#exitCode === undefined) {
      signal.throwIfAborted();
      await this.#turn();
    }
  }

  /** Ends what is waited for, and what runs in states. */
  #giveUp(reason: unknown): void {
    this.#stop.abort(reason);
    this.#shellUse.interrupt(reason);
    this.#commands.interrupt(reason);
    this.#wake();
  }

  #leaveScript(exitCode: number): void {
    this.#exitCode = exitCode;
    this.#giveUp(new BktuiError("cancelled", "the script was left"));
    this.#run.script?.leave();
  }

  /** Ctrl-C outside of a shell on a terminal. */
  interrupt(nowMs: number): void {
    if (this.#run.script !== undefined) {
      this.#leaveScript(exitCodeOfSignal("SIGINT"));
      return;
    }
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
    if (held !== undefined && !mustWait(held.text, this.#debug.state, this.#run)) {
      this.#ahead.drop();
      await this.#take(held);
      return;
    }
    const asks = !this.#isBusy() && this.#exitCode === undefined && this.#run.script === undefined;
    if (asks) this.#transcript.prompt(promptOf(this.#debug.state));
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

  /** Says where the build has come to rest. */
  async #tell(): Promise<void> {
    const { phase } = this.#debug.state;
    const before = this.#reported === undefined ? undefined : livePhase(this.#reported);
    const hadFailed = before?.kind === "paused" && before.reason.kind === "exception";
    this.#reported = phase;
    this.#told = this.#debug.state;
    const request = this.#debug.state.request ?? this.#run.request;
    const explanation = await lookAndExplain(this.#debug, await readSource(request), {
      signal: this.#stop.signal,
    });
    const { state } = this.#debug;
    this.#explained = explanation;
    if (state.phase !== phase) return;
    this.#progress?.settle(state);
    for (const line of this.#news.take(phase)) this.#transcript.say(line);
    // It has been told: only BASE was made.
    if (phase.kind === "paused" && this.#base.isFor(phase)) return;
    if (phase.kind === "broken" || phase.kind === "lost") this.#lastError = phase.error;
    const { lostHint } = this.#contact;
    for (const line of await stopLines(phase, { ...this.#run, request, explanation, lostHint }))
      this.#transcript.say(line);
    const isFailure = phase.kind === "paused" && phase.reason.kind === "exception";
    if (isFailure && !hadFailed) await this.#failed();
  }

  async #failed(): Promise<void> {
    const { onError } = this.#run.settings.build;
    await this.#atFailure();
    if (onError === "exit" || onError === "script") this.#leave(1);
    else if (onError === "shell") await this.#try({ id: "shell", step: undefined });
  }

  async #atFailure(): Promise<void> {
    const { atFailure } = this.#run;
    const say = (line: string): void => this.#transcript.say(line);
    try {
      await this.#commands.during(async (stop) => await atFailure?.(this.#debug, { say, ...stop }));
    } catch (error) {
      this.#fail(toBktuiError(error));
    }
    // It stands at the same failure again.
    this.#reported = this.#debug.state.phase;
  }

  /** A line, or the end of the input. */
  async #take({ text, number }: HeldLine): Promise<void> {
    const { script } = this.#run;
    script?.begin(number);
    if (text === undefined) {
      const { phase } = this.#debug.state;
      if (script === undefined) this.#transcript.say("the input has ended");
      if (phase.kind === "paused" && phase.execution.done.size === 0 && script === undefined)
        this.#transcript.say("nothing has run; bktui --run builds without stopping on entry");
      this.#leave(this.#codeAtEnd());
      return;
    }
    // A script may say more than is read.
    if (script !== undefined) await this.#run.stdout.flushed();
    this.#transcript.entered(text, script === undefined ? promptOf(this.#debug.state) : SCRIPT_MARK);
    const reading = readLine(text);
    if (reading.kind === "unknown") this.#refuse(reading.why);
    const again = reading.kind === "nothing" ? this.#repeated : undefined;
    const meant = reading.kind === "command" ? reading.command : again;
    this.#repeated = meant !== undefined && REPEATED.has(meant.id) ? meant : undefined;
    if (meant !== undefined && meant.id !== "expect") this.#transcript.begin();
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
    this.#leave(this.#codeAtEnd());
  }

  #codeAtEnd(): number {
    const { state } = this.#debug;
    return this.#run.script?.verdict(state) ?? exitCodeAtEnd(state.phase);
  }

  async #ask(question: string): Promise<boolean> {
    this.#transcript.prompt(question);
    const answer = await this.#run.input.line();
    this.#transcript.entered(answer ?? "", question);
    return answer === undefined || /^\s*y(es)?\s*$/i.test(answer);
  }

  #fail(error: BktuiError): void {
    this.#lastError = error;
    this.#refuse(
      ...reportError(error, this.#run).map((line) => line.replace(/^bktui: /, "")),
      ...remedyLines(error).map((line) => `  ${visibleLine(line)}`),
    );
  }

  /** Something was not done, and why; a script stops there. */
  #refuse(...lines: readonly string[]): void {
    const { script } = this.#run;
    // What a script has left behind fails by that.
    if (this.#exitCode !== undefined && script !== undefined) return;
    if (script === undefined) for (const line of lines) this.#transcript.say(line);
    else script.wrong(lines);
    if (script?.isOver === true) this.#leave(1);
  }

  #errorLines(): readonly string[] {
    return errorLines(this.#lastError, this.#explained, this.#run);
  }

  #leave(exitCode: number): void {
    this.#exitCode = exitCode === 0 && this.#shellUse.leftOut ? 1 : exitCode;
    this.#wake();
  }
}
