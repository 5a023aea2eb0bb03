/** A debugger on one screen: what the screen does when something happens to it, and the keys that act on it. */

import { BktuiError } from "../../base/errors.ts";
import type { Attempts } from "../../console/attempts.ts";
import type { FailureExport } from "../../console/exports/failure-export.ts";
import type { FileWatch } from "../../console/file-watch.ts";
import type { BuildEvent } from "../../console/phrases/build-events.ts";
import type { RememberedStore } from "../../console/remembered-breakpoints.ts";
import type { RunClock } from "../../console/run-clock.ts";
import type { BreakpointOrder } from "../../debugger/breakpoint.ts";
import type { Debugger, DebugState } from "../../debugger/debugger.ts";
import type { Explanations } from "../../debugger/explain/explanations.ts";
import type { FileReadings } from "../../debugger/files/readings.ts";
import type { EarlierLogs } from "../../debugger/progress/earlier-logs.ts";
import type { EnvironmentCache } from "../../debugger/shells/environments.ts";
import { failureOf } from "../../debugger/state/inspect.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { sourceKey } from "../../engine/build-sources.ts";
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
import { SharedDebugger, type SharingScreen } from "./shared-debugger.ts";
import { watchedDebugger } from "./watched-debugger.ts";

/** A debugger that has screens already, for one more. */
export interface Visited {
  readonly shared: SharedDebugger;
  /** It may look around and nothing else. */
  readonly watches: boolean;
}

export interface AttachedDebuggerOptions {
  readonly debug: Debugger;
  readonly controller: Controller;
  readonly views: ViewMaker;
  readonly keyboard: KeyboardPort;
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointOrder[];
  readonly run: boolean;
  readonly color: boolean;
  /** What `--on-error=export` exports of a failure. */
  readonly failureExport?: FailureExport | undefined;
  readonly remembered?: RememberedStore | undefined;
  /** undefined = this screen is the first, and its debugger ends with it. */
  readonly visited?: Visited | undefined;
  /** A shell's screen changed. */
  readonly onPaint: () => void;
  /** Puts text on the clipboard. */
  copy(text: string): void;
  /** Ends the program with this code. */
  quit(code: number): void;
  alert(how: "bell" | "osc9", text: string): void;
  readonly nowMs: () => number;
}

/** Attaches the debugger to the screen; to its first one, and it starts the build. The caller disposes it before the debugger. */
export async function launchAttached(options: AttachedDebuggerOptions): Promise<AttachedDebugger> {
  const attached = new AttachedDebugger(options);
  if (options.visited === undefined) {
    const key = sourceKey(options.request);
    attached.launch(key === undefined ? [] : ((await options.remembered?.load(key)) ?? []));
  } else attached.join();
  return attached;
}

const EXIT_FAILED = 1;

/** One debugger on the screen. Disposing ends what the screen has of it, and the rest with its first screen. */
export class AttachedDebugger implements AsyncDisposable, SharingScreen {
  readonly shared: SharedDebugger;
  /** As this screen may use it. */
  readonly debug: Debugger;
  readonly control: RunControl;
  readonly shells: ShellControl;
  readonly shellList: Shells;
  readonly #options: AttachedDebuggerOptions;
  readonly #clipboard: ClipboardGate;
  readonly #notifier: Notifier;
  readonly #news: ScreenNews;
  #leave: () => void = () => undefined;
  readonly #exporting = new AbortController();
  #seen: DebugState | undefined;
  /** What `settle` has not dealt with yet: the state before. */
  #unsettled: { readonly since: DebugState | undefined } | undefined;

  constructor(options: AttachedDebuggerOptions) {
    const { controller, visited, request } = options;
    this.#options = options;
    this.debug = this.watches ? watchedDebugger(options.debug) : options.debug;
    this.shared = visited?.shared ?? sharedBy(options);
    const { shared } = this;
    this.#clipboard = new ClipboardGate({
      app: controller,
      copy: options.copy,
      resume: () => this.shells.toKeyboard(),
    });
    this.shellList = new Shells(shared.shells, {
      watches: this.watches,
      onChange: () => this.shellChanged(),
    });
    this.shells = new ShellControl({ app: controller, shells: this.shellList, keyboard: options.keyboard });
    this.control = new RunControl({
      app: controller,
      debug: this.debug,
      request,
      next: shared.next,
      surroundings: controller.surroundings,
      states: this.shellList.states,
      beforeOpen: () => shared.watch.rebase(),
      onCopy: (path) => shared.watch.add(path),
    });
    this.#notifier = new Notifier({ app: controller, nowMs: options.nowMs, alert: options.alert });
    this.#news = new ScreenNews({
      app: controller,
      debug: this.debug,
      note: (text) => options.views.log.note(this.debug, text),
    });
  }

  get watches(): boolean {
    return this.#options.visited?.watches === true;
  }

  get environments(): EnvironmentCache {
    return this.shared.environments;
  }

  get fileReadings(): FileReadings {
    return this.shared.fileReadings;
  }

  get explanations(): Explanations {
    return this.shared.explanations;
  }

  get clock(): RunClock {
    return this.shared.clock;
  }

  get attempts(): Attempts {
    return this.shared.attempts;
  }

  get earlierLogs(): EarlierLogs {
    return this.shared.earlierLogs;
  }

  get watch(): FileWatch {
    return this.shared.watch;
  }

  get silentMs(): number | undefined {
    return this.shared.silentMs;
  }

  /** Sets the breakpoints of the command line and of earlier runs, and starts. */
  launch(remembered: Parameters<SharedDebugger["prepare"]>[1]): void {
    const { controller, breakpoints, request, run } = this.#options;
    this.#leave = this.shared.join(this);
    controller.attach(this);
    this.shared.prepare(breakpoints, remembered);
    this.control.dispatch({ kind: "launch", request, stopOnEntry: !run });
  }

  /** One more screen of a debugger that has begun. */
  join(): void {
    const { controller } = this.#options;
    this.#leave = this.shared.join(this);
    controller.attach(this);
    if (this.watch.changed) this.fileChanged(true);
    this.follow();
    this.settle();
  }

  /** The screen shows shells in a pane of this size, or none. */
  resizeShells({ lower }: Layout): void {
    this.shellList.resize(this.#options.controller.ui.lower === "shell" ? lower : undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#exporting.abort(new BktuiError("cancelled", "the screen was left"));
    this.#leave();
    this.shellList[Symbol.dispose]();
    if (this.#options.visited === undefined) await this.shared[Symbol.asyncDispose]();
  }

  follow(): void {
    const { controller, views } = this.#options;
    const next = this.debug.state;
    const previous = this.#seen;
    if (previous === next) return;
    this.#seen = next;
    this.#unsettled ??= { since: previous };
    const { keyboard } = controller.ui;
    controller.act(...updateFor(previous, next, views.documents.of(next, this.debug.progress)));
    this.#settleKeyboard(keyboard);
    // Nobody waits for an answer of a connection that is made anew.
    if (previous?.engineSilent === true && next.phase.kind === "opening")
      controller.act({ kind: "toast-clear" });
  }

  settle(): void {
    if (this.#unsettled === undefined) return;
    const { since } = this.#unsettled;
    this.#unsettled = undefined;
    const { controller, visited } = this.#options;
    controller.stateChanged();
    const { word, detail } = controller.view().status.state;
    this.#notifier.observe(`${word} ${detail}`.trim());
    if (visited === undefined && isNewFailure(since, this.debug.state)) this.#failed();
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
      case "wait":
      case "script":
        return;
      case "export":
        controller.background(this.#export());
        return;
      case "shell":
        controller.run("shell");
        return;
      case "exit":
        quit(EXIT_FAILED);
        return;
    }
  }

  async #export(): Promise<void> {
    const { failureExport: wanted, controller } = this.#options;
    if (wanted === undefined) return;
    const { exportAtFailure } = await import("../../console/exports/export-at-failure.ts");
    const { signal } = this.#exporting;
    const say = (line: string): void => controller.say(line);
    for (const line of await exportAtFailure(this.debug, wanted, { say, signal })) say(line);
  }

  progressed(): void {
    const { controller } = this.#options;
    controller.changed();
    this.#followRunning(controller);
  }

  tell(events: readonly BuildEvent[]): void {
    this.#news.tell(events);
  }

  tellOfWaiting(words: string): void {
    this.#news.tellOfWaiting(words);
  }

  changed(): void {
    this.#options.controller.changed();
  }

  background(work: Promise<void>): void {
    this.#options.controller.background(work);
  }

  rerunHere(): void {
    this.control.rerun({ here: true });
  }

  offerClipboard(text: string): void {
    this.#clipboard.offer(text);
  }

  fileChanged(changed: boolean): void {
    this.#options.controller.act({ kind: "file-changed", changed });
  }

  shellChanged(): void {
    this.shells.update();
    this.#options.controller.changed();
  }

  shellPainted(): void {
    this.shells.mirrorModes();
    this.#options.onPaint();
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
}

function sharedBy({
  debug,
  request,
  color,
  remembered,
  controller,
}: AttachedDebuggerOptions): SharedDebugger {
  return new SharedDebugger({
    debug,
    request,
    color,
    remembered,
    surroundings: controller.surroundings,
    settings: () => controller.ui.settings,
  });
}

function isNewFailure(previous: DebugState | undefined, next: DebugState): boolean {
  const wasFailed = previous?.phase.kind === "paused" && previous.phase.reason.kind === "exception";
  // One that is stood at again after its BASE was made is known.
  const known =
    previous !== undefined && "execution" in previous.phase ? previous.phase.execution.failures : undefined;
  const failure = failureOf(next);
  return !wasFailed && failure !== undefined && ![...(known?.values() ?? [])].includes(failure);
}
