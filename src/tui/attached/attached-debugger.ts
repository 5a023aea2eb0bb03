/** Everything that lives as long as the debugger is attached: watches, clocks, shells, reactions. */

import { count } from "../../base/words.ts";
import { Attempts } from "../../console/attempts.ts";
import { FileWatch, watchedFiles } from "../../console/file-watch.ts";
import { Reconnection } from "../../console/reconnection.ts";
import type { RememberedBreakpoint, RememberedStore } from "../../console/remembered-breakpoints.ts";
import { RunClock } from "../../console/run-clock.ts";
import { sameSpec } from "../../debugger/breakpoints/break-spec.ts";
import { breakpointOf } from "../../debugger/breakpoints/breakpoints.ts";
import type { BreakpointSpec, Debugger, DebugState } from "../../debugger/debugger.ts";
import { Explanations } from "../../debugger/explain/explanations.ts";
import { warningWords } from "../../debugger/explain/warning-words.ts";
import { FileReadings } from "../../debugger/files/readings.ts";
import { EarlierLogs } from "../../debugger/progress/earlier-logs.ts";
import type { LogView } from "../../debugger/progress/progress-store.ts";
import { type CacheWait, cacheWait } from "../../debugger/shells/caches.ts";
import { EnvironmentCache } from "../../debugger/shells/environments.ts";
import { PROGRAM_LOOKUP_MS } from "../../debugger/shells/process-group.ts";
import { failureOf } from "../../debugger/state/inspect.ts";
import { SilenceWatch } from "../../debugger/state/silence.ts";
import type { BuildRequest } from "../../engine/engine.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Controller } from "../controls/controller.ts";
import { RunControl } from "../controls/run-control.ts";
import { type KeyboardPort, ShellControl } from "../controls/shell-control.ts";
import { Shells } from "../emulator/shell-screens.ts";
import { currentRow } from "../panes/source/source-document.ts";
import type { ViewMaker } from "../screen/view-maker.ts";
import type { Layout } from "../state/layout.ts";
import type { UiState } from "../state/ui-state.ts";
import { ClipboardGate } from "./clipboard-gate.ts";
import { Notifier } from "./notifier.ts";
import { reactionTo } from "./screen-update.ts";

export interface LiveSessionOptions {
  readonly debug: Debugger;
  readonly controller: Controller;
  readonly views: ViewMaker;
  readonly keyboard: KeyboardPort;
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointSpec[];
  readonly run: boolean;
  readonly color: boolean;
  readonly remembered?: RememberedStore | undefined;
  /** A shell's screen changed. */
  readonly onPaint: () => void;
  /** Puts text on the clipboard. */
  copy(text: string): void;
  /** Ends the program with this code. */
  quit(code: number): void;
  alert(how: "bell" | "osc9", text: string): void;
  readonly nowMs: () => number;
}

/** Attaches the debugger to the screen and starts the build. The caller disposes it before the debugger. */
export async function launchSession(options: LiveSessionOptions): Promise<LiveSession> {
  const remembered = (await options.remembered?.load(options.request.dockerfile)) ?? [];
  const session = new LiveSession(options);
  session.launch(remembered);
  return session;
}

const EXIT_FAILED = 1;

export class LiveSession implements AsyncDisposable {
  readonly debug: Debugger;
  readonly control: RunControl;
  readonly shells: ShellControl;
  readonly shellList: Shells;
  readonly environments: EnvironmentCache;
  readonly fileReadings: FileReadings;
  readonly explanations: Explanations;
  readonly clock = new RunClock();
  readonly attempts = new Attempts();
  readonly earlierLogs = new EarlierLogs();
  readonly watch: FileWatch;
  readonly #reconnection = new Reconnection({
    connect: () => this.control.rerun({ here: true }),
    back: () => this.#options.controller.say("connected again"),
  });
  readonly #options: LiveSessionOptions;
  readonly #unsubscribe: (() => void)[];
  readonly #notifier: Notifier;
  readonly #silence: SilenceWatch;
  /** The step whose waiting was told. */
  #waiting: Digest | undefined;
  #seen: DebugState | undefined;
  /** Warnings that were passed on, and of which attempt. */
  #told: { readonly log: LogView; readonly count: number } | undefined;
  /** The attempt whose first stop will name where the cache broke. */
  #cacheAttempt = 1;

  constructor(options: LiveSessionOptions) {
    const { debug, controller } = options;
    this.debug = debug;
    this.#options = options;
    const clipboard = new ClipboardGate({
      desk: controller,
      copy: options.copy,
      resume: () => this.shells.toKeyboard(),
    });
    this.shellList = new Shells({
      debug,
      color: options.color,
      onChange: () => this.#shellChanged(),
      onPaint: () => this.#shellPainted(),
      onClipboard: (text) => clipboard.offer(text),
      settings: () => controller.ui.settings,
    });
    this.shells = new ShellControl({ desk: controller, shells: this.shellList, keyboard: options.keyboard });
    this.watch = new FileWatch(watchedFiles(options.request), (changed) => this.#fileChanged(changed));
    this.control = new RunControl({
      desk: controller,
      shells: () => this.shellList.alive(),
      beforeOpen: () => this.watch.rebase(),
      inTheWay: {
        states: () => this.shellList.states,
        programIn: (shell) =>
          this.shellList.program(shell, { signal: AbortSignal.timeout(PROGRAM_LOOKUP_MS) }),
        release: (states) => this.shellList.release(states),
      },
    });
    this.#notifier = new Notifier({ desk: controller, nowMs: options.nowMs, alert: options.alert });
    this.environments = new EnvironmentCache(debug, () => controller.changed());
    this.fileReadings = new FileReadings(debug, () => controller.changed());
    this.explanations = new Explanations(debug, () => controller.changed());
    this.#silence = new SilenceWatch(debug, {
      afterMs: controller.ui.settings.silentAfterMs,
      say: (words) => this.#sayWaiting(words),
    });
    this.#unsubscribe = [
      debug.subscribe(() => this.#stateChanged()),
      debug.progress.subscribe(() => this.#progressed()),
    ];
  }

  /** Sets the breakpoints of the command line and of earlier runs, and starts. */
  launch(remembered: readonly RememberedBreakpoint[]): void {
    const { controller, breakpoints, request, run } = this.#options;
    controller.attach(this);
    const wanted = [
      ...breakpoints.map((spec) => ({ spec, enabled: true })),
      ...remembered.filter(({ spec }) => !breakpoints.some((asked) => sameSpec(asked, spec))),
    ];
    for (const { spec, enabled } of wanted) {
      this.control.dispatch({ kind: "add-breakpoint", spec });
      const added = breakpointOf(this.debug.state.breakpoints, spec);
      if (!enabled && added !== undefined) {
        this.control.dispatch({ kind: "enable-breakpoint", id: added.id, enabled: false });
      }
    }
    this.watch.rebase();
    this.control.dispatch({ kind: "launch", request, stopOnEntry: !run });
  }

  /** The shell pane has this layout; the processes get its size. */
  resizeShells({ lower }: Layout): void {
    if (lower !== undefined && this.#options.controller.ui.lower === "shell") this.shellList.resize(lower);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#reconnection[Symbol.dispose]();
    this.#silence[Symbol.dispose]();
    this.watch[Symbol.dispose]();
    this.environments[Symbol.dispose]();
    this.fileReadings[Symbol.dispose]();
    this.explanations[Symbol.dispose]();
    await this.shellList[Symbol.asyncDispose]();
  }

  #stateChanged(): void {
    const { controller, views } = this.#options;
    const next = this.debug.state;
    const previous = this.#seen;
    if (previous === next) return;
    this.#seen = next;
    this.clock.observe(next, this.debug.progress);
    this.fileReadings.observe();
    if (next.phase.kind === "paused" || next.phase.kind === "finished") {
      this.earlierLogs.observe(next.phase.session.program, next.attempt, this.debug.progress);
    }
    if (previous !== undefined && previous.attempt !== next.attempt) this.shellList.endAll();
    const reaction = reactionTo(previous, next, views.documents.of(next, this.debug.progress));
    if (reaction.note !== undefined) views.log.note(this.debug, reaction.note);
    const { keyboard } = controller.ui;
    controller.act(...reaction.actions);
    this.#settleKeyboard(keyboard);
    // Nobody waits for an answer of a connection that is made anew.
    if (previous?.engineSilent === true && next.phase.kind === "opening")
      controller.act({ kind: "toast-clear" });
    for (const { text, level } of reaction.say) controller.announce(text, level);
    this.#sayCacheBreak(next);
    if (previous?.breakpoints !== next.breakpoints) this.#remember(next);
    if (next.phase.kind === "broken" && this.watch.changed) this.control.rerun({ here: true });
    this.#reconnection.observe(next);
    controller.stateChanged();
    const { word, detail } = controller.view().status.state;
    const result = `${word} ${detail}`.trim();
    this.attempts.observe(next, { result, ranMs: this.clock.ranMs, cacheBreak: this.#cacheBreakOf(next) });
    this.#notifier.observe(result);
    if (isNewFailure(previous, next)) this.#failed();
  }

  /** The router must hear of a keyboard that a stop took from its owner; an editor keeps it. */
  #settleKeyboard(before: UiState["keyboard"]): void {
    const { controller } = this.#options;
    if (controller.ui.keyboard === before) return;
    if (before === "shell") this.shells.left();
    if (before === "editor") controller.act({ kind: "keyboard", owner: "editor" });
  }

  /** After a rerun: which step was the first that had to run again. */
  #sayCacheBreak(state: DebugState): void {
    if (state.attempt <= this.#cacheAttempt) return;
    const rested = state.phase.kind === "paused" || state.phase.kind === "finished";
    if (!rested) return;
    const words = this.control.cacheBreak();
    if (words === undefined) return;
    this.#cacheAttempt = state.attempt;
    this.#options.controller.say(words);
  }

  /** What `build.on_error` asks for. */
  #failed(): void {
    const { controller, quit } = this.#options;
    switch (controller.ui.settings.onError) {
      case "pause":
        return;
      case "shell":
        controller.run("shell");
        return;
      case "exit":
        quit(EXIT_FAILED);
        return;
    }
  }

  /** The first attempt runs into whatever is in the cache; that is no break. */
  #cacheBreakOf(state: DebugState): string | undefined {
    return state.attempt > 1 && state.phase.kind !== "opening" ? this.control.cacheBreak() : undefined;
  }

  #remember(state: DebugState): void {
    const { remembered, request, controller } = this.#options;
    if (remembered === undefined) return;
    const breakpoints = state.breakpoints.map(({ spec, enabled, bound }) => ({
      // A line follows its instruction, so what counts tomorrow is where it is now.
      spec: spec.kind === "line" && bound.kind === "verified" ? { ...spec, line: bound.line } : spec,
      enabled,
    }));
    controller.background(remembered.save(request.dockerfile, breakpoints));
  }

  #progressed(): void {
    const { controller } = this.#options;
    this.clock.observe(this.debug.state, this.debug.progress);
    this.#sayWarnings();
    controller.changed();
    this.#followRunning(controller);
  }

  /** All go into the log. Those about a line are marked there; of those about none the newest goes into the message row. */
  #sayWarnings(): void {
    const { controller, views } = this.#options;
    const { warnings, log } = this.debug.progress;
    // Each attempt has a log of its own.
    const told = this.#told?.log === log ? this.#told.count : 0;
    const news = warnings.slice(told);
    for (const warning of news) views.log.note(this.debug, warningWords(warning));
    const newest = news.findLast(({ ranges }) => ranges.length === 0);
    if (newest !== undefined) controller.say(`warning: ${newest.text}`);
    else if (news.length > 0) controller.say(`${count(warnings.length, "warning")}; :warnings tells of them`);
    this.#told = { log, count: warnings.length };
  }

  /** The cursor stays with the build until the user moves it away. */
  #followRunning(controller: Controller): void {
    if (this.debug.state.phase.kind !== "running" || !controller.ui.source.centered) return;
    const { document, standings } = controller.view();
    const cursor = currentRow(document, standings);
    if (cursor !== undefined && cursor !== controller.ui.source.cursor) {
      controller.act({ kind: "list", pane: "source", view: { cursor } });
    }
  }

  /** Time has passed: says what only its passing tells. A step that waits for a cache reports nothing. */
  tick(): void {
    const { debug } = this;
    const wait = cacheWait(debug.state, debug.progress, (vertex) => this.clock.elapsedMs(vertex));
    if (wait === undefined || wait.step.vertex === this.#waiting) return;
    this.#waiting = wait.step.vertex;
    this.#sayWaiting(waitWords(wait));
  }

  #sayWaiting(words: string): void {
    this.#options.views.log.note(this.debug, words);
    this.#options.controller.say(words);
  }

  #fileChanged(changed: boolean): void {
    this.#options.controller.act({ kind: "file-changed", changed });
    // A refused file is read again as soon as it is saved.
    if (changed && this.debug.state.phase.kind === "broken") this.control.rerun({ here: true });
  }

  #shellChanged(): void {
    this.shells.update();
    this.#options.controller.changed();
  }

  #shellPainted(): void {
    this.shells.mirrorModes();
    this.#options.onPaint();
  }
}

function waitWords({ step, cache, holder }: CacheWait): string {
  const what = `step ${step.id + 1} prints nothing:`;
  return holder === undefined
    ? `${what} it may be waiting for the cache "${cache}", if another build has it`
    : `${what} it waits for the cache "${cache}", which step ${holder.id + 1} has`;
}

function isNewFailure(previous: DebugState | undefined, next: DebugState): boolean {
  const wasFailed = previous?.phase.kind === "paused" && previous.phase.reason.kind === "exception";
  // One that is stood at again after its BASE was made is known.
  const known =
    previous !== undefined && "session" in previous.phase ? previous.phase.session.failures : undefined;
  const failure = failureOf(next);
  return !wasFailed && failure !== undefined && ![...(known?.values() ?? [])].includes(failure);
}
