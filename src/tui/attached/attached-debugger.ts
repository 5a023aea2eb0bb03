/** Everything that lives as long as a debugger is attached: watches, clocks, shells, updates of the screen. */

import { Attempts } from "../../console/attempts.ts";
import { BuildWatch } from "../../console/build-watch.ts";
import { FileWatch, watchedFiles } from "../../console/file-watch.ts";
import { cacheBrokeWords } from "../../console/phrases/events-between.ts";
import { Reconnection } from "../../console/reconnection.ts";
import type { RememberedBreakpoint, RememberedStore } from "../../console/remembered-breakpoints.ts";
import type { RunClock } from "../../console/run-clock.ts";
import { breakpointsToKeep, setBreakpoints } from "../../console/start-breakpoints.ts";
import type { BreakpointSpec, Debugger, DebugState } from "../../debugger/debugger.ts";
import { Explanations } from "../../debugger/explain/explanations.ts";
import { FileReadings } from "../../debugger/files/readings.ts";
import { EarlierLogs } from "../../debugger/progress/earlier-logs.ts";
import { EnvironmentCache } from "../../debugger/shells/environments.ts";
import { cacheBrokeAt, failureOf, programOf } from "../../debugger/state/inspect.ts";
import { SilenceWatch } from "../../debugger/state/silence.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { dockerfileKey } from "../../engine/build-sources.ts";
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
import { ScreenNews } from "./screen-news.ts";
import { updateFor } from "./screen-update.ts";

export interface AttachedDebuggerOptions {
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
export async function launchAttached(options: AttachedDebuggerOptions): Promise<AttachedDebugger> {
  const key = dockerfileKey(options.request);
  const remembered = key === undefined ? [] : ((await options.remembered?.load(key)) ?? []);
  const attached = new AttachedDebugger(options);
  attached.launch(remembered);
  return attached;
}

const EXIT_FAILED = 1;

/** One debugger on the screen, with everything that watches it. Disposing ends all of that. */
export class AttachedDebugger implements AsyncDisposable {
  readonly debug: Debugger;
  readonly control: RunControl;
  readonly shells: ShellControl;
  readonly shellList: Shells;
  readonly environments: EnvironmentCache;
  readonly fileReadings: FileReadings;
  readonly explanations: Explanations;
  readonly clock: RunClock;
  readonly attempts = new Attempts();
  readonly earlierLogs = new EarlierLogs();
  readonly watch: FileWatch;
  readonly #reconnection = new Reconnection({
    connect: () => this.control.rerun({ here: true }),
  });
  readonly #options: AttachedDebuggerOptions;
  readonly #unsubscribe: (() => void)[];
  readonly #notifier: Notifier;
  readonly #silence: SilenceWatch;
  readonly #build: BuildWatch;
  #keeping: Promise<void> = Promise.resolve();
  #seen: DebugState | undefined;

  constructor(options: AttachedDebuggerOptions) {
    const { debug, controller } = options;
    this.debug = debug;
    this.#options = options;
    const clipboard = new ClipboardGate({
      app: controller,
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
    this.shells = new ShellControl({ app: controller, shells: this.shellList, keyboard: options.keyboard });
    this.watch = new FileWatch(watchedFiles(options.request), (changed) => this.#fileChanged(changed));
    this.control = new RunControl({
      app: controller,
      debug,
      request: options.request,
      surroundings: controller.surroundings,
      states: this.shellList.states,
      beforeOpen: () => this.watch.rebase(),
      onCopy: (path) => this.watch.add(path),
    });
    this.#notifier = new Notifier({ app: controller, nowMs: options.nowMs, alert: options.alert });
    this.environments = new EnvironmentCache(debug, () => controller.changed());
    this.fileReadings = new FileReadings(debug, () => controller.changed());
    this.explanations = new Explanations(debug, () => controller.changed());
    const news = new ScreenNews({
      app: controller,
      debug,
      note: (text) => options.views.log.note(debug, text),
    });
    this.#build = new BuildWatch(debug, (events) => news.tell(events));
    this.clock = this.#build.clock;
    this.#silence = new SilenceWatch(debug, {
      afterMs: controller.ui.settings.silentAfterMs,
      say: (words) => news.tellOfWaiting(words),
    });
    this.#unsubscribe = [
      debug.subscribe(() => this.#stateChanged()),
      debug.progress.subscribe(() => this.#progressed()),
    ];
  }

  /** See `BuildWatch.silentMs`. */
  get silentMs(): number | undefined {
    return this.#build.silentMs;
  }

  /** Sets the breakpoints of the command line and of earlier runs, and starts. */
  launch(remembered: readonly RememberedBreakpoint[]): void {
    const { controller, breakpoints, request, run } = this.#options;
    controller.attach(this);
    setBreakpoints(this.debug, breakpoints, remembered);
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
    this.#build[Symbol.dispose]();
    this.watch[Symbol.dispose]();
    this.environments[Symbol.dispose]();
    this.fileReadings[Symbol.dispose]();
    this.explanations[Symbol.dispose]();
    await Promise.all([this.shellList[Symbol.asyncDispose](), this.#keeping]);
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
      this.earlierLogs.observe(next.phase.execution.program, next.attempt, this.debug.progress);
    }
    const { keyboard } = controller.ui;
    controller.act(...updateFor(previous, next, views.documents.of(next, this.debug.progress)));
    this.#settleKeyboard(keyboard);
    // Nobody waits for an answer of a connection that is made anew.
    if (previous?.engineSilent === true && next.phase.kind === "opening")
      controller.act({ kind: "toast-clear" });
    this.#build.observe();
    if (previous?.breakpoints !== next.breakpoints) this.#remember(next);
    if (next.phase.kind === "broken" && this.watch.changed) this.control.rerun({ here: true });
    this.#reconnection.observe(next);
    controller.stateChanged();
    const { word, detail } = controller.view().status.state;
    const result = `${word} ${detail}`.trim();
    this.attempts.observe(next, { ranMs: this.clock.ranMs, cacheBreak: this.#cacheBreakOf(next) });
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
    const program = programOf(state);
    if (state.attempt < 2 || program === undefined) return undefined;
    const step = cacheBrokeAt(program, this.debug.progress);
    return step === undefined ? undefined : cacheBrokeWords(step);
  }

  #remember(state: DebugState): void {
    const { remembered, request, controller } = this.#options;
    const key = dockerfileKey(request);
    if (remembered === undefined || key === undefined) return;
    const keeping = remembered.save(key, breakpointsToKeep(state));
    controller.background(keeping);
    // Whether it can be kept is said by then; what was set last is not to be lost by leaving.
    this.#keeping = keeping.catch(() => undefined);
  }

  #progressed(): void {
    const { controller } = this.#options;
    this.#build.observe();
    controller.changed();
    this.#followRunning(controller);
  }

  /** The cursor stays with the build until the user moves it away. */
  #followRunning(controller: Controller): void {
    if (this.debug.state.phase.kind !== "running" || !controller.ui.source.centered) return;
    const { document, badgeSources } = controller.view();
    const cursor = currentRow(document, badgeSources);
    if (cursor !== undefined && cursor !== controller.ui.source.cursor) {
      controller.act({ kind: "list", pane: "source", view: { cursor } });
    }
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

function isNewFailure(previous: DebugState | undefined, next: DebugState): boolean {
  const wasFailed = previous?.phase.kind === "paused" && previous.phase.reason.kind === "exception";
  // One that is stood at again after its BASE was made is known.
  const known =
    previous !== undefined && "execution" in previous.phase ? previous.phase.execution.failures : undefined;
  const failure = failureOf(next);
  return !wasFailed && failure !== undefined && ![...(known?.values() ?? [])].includes(failure);
}
