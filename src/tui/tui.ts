/** The full screen: takes the terminal, finds the engine, debugs, gives the terminal back. */
import { BktuiError, toBktuiError } from "../base/errors.ts";
import { type EditorDoor, editorsWords, type Served } from "../console/serving.ts";
import { DEFAULT_SETTINGS } from "../console/settings.ts";
import { type AttachedDebugger, launchAttached, type Visited } from "./attached/attached-debugger.ts";
import type { SharedDebugger } from "./attached/shared-debugger.ts";
import type { Size } from "./cells/rect.ts";
import { keysWith } from "./commands/key-bindings.ts";
import { type ScreenSettings, screenSettings } from "./commands/settings.ts";
import { commandPorts, errorOverlay } from "./controls/command-ports.ts";
import { Controller } from "./controls/controller.ts";
import { PaneEditor } from "./controls/pane-editor.ts";
import type { ScreenVisit } from "./controls/ports.ts";
import type { KeyboardPort } from "./controls/shell-control.ts";
import { type Look, makeLook } from "./drawing/look.ts";
import { leaveSequences } from "./input/leave-keys.ts";
import { InputRouter } from "./input/router.ts";
import { Screen } from "./screen/screen.ts";
import type { View } from "./screen/view.ts";
import { ViewMaker } from "./screen/view-maker.ts";
import type { ScreenKind } from "./state/availability.ts";
import { Compositor } from "./terminal/compositor.ts";
import type { ModeGuard } from "./terminal/screen-terminal.ts";
import { multiplexerOf } from "./terminal/sequences.ts";
import type { TuiOptions } from "./tui-options.ts";

const TICK_MS = 1000;
const MAX_CONNECT_LINES = 200;
/** How long leaving may take before the connection is dropped as it is. */
const LEAVE_MS = 5000;
const LEAVE_AT_ONCE_MS = 400;
const EXIT_INTERRUPTED = 130;

/**
 * Runs the debugger on the terminal until the user leaves.
 * Resolves with the exit code: 0 target built, 1 not built, 130 after the third Ctrl-C.
 */
export async function runTui(options: TuiOptions): Promise<number> {
  return new Tui(options).run();
}

class Tui {
  readonly #options: TuiOptions;
  readonly #controller: Controller;
  readonly #views: ViewMaker;
  readonly #router: InputRouter;
  readonly #compositor: Compositor;
  readonly #guard: ModeGuard;
  readonly #screen: Screen;
  readonly #stop = new AbortController();
  #look: Look;
  readonly #settings: ScreenSettings;
  /** Settings that the terminal has been told. */
  #applied: ScreenSettings;
  readonly #keyboard: KeyboardPort = {
    hold: () => this.#router.holdForShell(),
    give: (sink) => this.#router.giveToShell(sink),
    take: () => this.#router.takeFromShell(),
    mirror: (modes) => this.#guard.mirror(modes),
  };
  readonly #editor: PaneEditor;
  readonly #keyProblems: readonly string[];
  #recalled = false;
  #chosen: Pick<TuiOptions, "color" | "ascii">;
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;
  #connection: AsyncDisposable | undefined;
  #attached: AttachedDebugger | undefined;
  #sharing: Served | undefined;
  #door: EditorDoor | undefined;
  /** The terminal is another's now. */
  #isPaused = false;
  #connecting: { headline: string; lines: readonly string[] } | undefined;
  #connectError: BktuiError | undefined;
  #leave: (code: number) => void = () => undefined;
  readonly #left: Promise<number>;
  #stopResizing: () => void = () => undefined;

  constructor(options: TuiOptions) {
    this.#options = options;
    this.#chosen = { color: options.color, ascii: options.ascii };
    this.#settings = screenSettings(options.settings ?? DEFAULT_SETTINGS);
    this.#applied = { ...this.#settings, mouse: false };
    const { keys, problems } = keysWith(this.#settings.keys);
    this.#keyProblems = problems;
    this.#look = this.#makeLook(options.color, options.ascii);
    this.#left = new Promise((resolve) => {
      this.#leave = resolve;
    });
    this.#compositor = new Compositor({
      output: options.terminal.output,
      size: this.#size(),
      ascii: this.#look.ascii,
      onError: () => this.#leave(1),
    });
    this.#guard = options.terminal.guard({
      send: (sequence) => this.#compositor.send(sequence),
      onStop: () => this.#pauseTerminal(),
      onContinue: () => this.#resumeTerminal(),
      release: () => this.#dispose(LEAVE_AT_ONCE_MS),
      onFatal: (error) => options.onFatal(error),
    });
    this.#editor = this.#makeEditor();
    this.#views = new ViewMaker({
      editor: () => this.#editor.emulator,
      request: options.request,
      screen: screenKind(options.visited),
      size: () => this.#size(),
      look: () => this.#look,
      tick: () => this.#tick,
      connecting: () => this.#connecting,
      connectError: () => this.#connectError,
    });
    this.#controller = new Controller({
      ports: commandPorts({
        exportAs: options.failureExport?.outputs[0],
        ...options,
        guard: this.#guard,
        editor: this.#editor,
        compositor: this.#compositor,
        visit: this.#visit(),
        letEditorsIn: async (where) => await editorsWords(this.#door, where),
        quit: (code) => (options.visited === undefined ? this.#leave(code) : options.visited.end(code)),
        retry: () => this.#retryConnect(),
        router: () => this.#router,
        handOver: (run) => this.#handOver(run),
        menuKey: (raw) => this.#screen.menuKey(raw),
        setTheme: (change) => this.#setTheme(change),
        errorText: () => errorOverlay(this.#controller, this.#connectError),
      }),
      settings: this.#settings,
      keys,
      nowMs: () => Date.now(),
      onChange: () => this.#changed(),
      viewOf: (controller) => this.#views.make(controller),
    });
    this.#screen = new Screen({
      compositor: this.#compositor,
      view: () => this.#controller.view(),
      onDraw: (view) => this.#follow(view),
      onChoose: (value) => this.#controller.overlays.chosen(value),
      onError: (error) => this.#controller.fail(error),
    });
    this.#guard.enter();
    const leaveKeys = leaveSequences(keys.bindingOf("keyboard")?.keys ?? []);
    this.#router = new InputRouter({ source: options.terminal.input, leaveKeys });
  }

  #visit(): ScreenVisit | undefined {
    const { visited } = this.#options;
    if (visited === undefined) return undefined;
    const { watches, shared, over } = visited;
    const leave = (): void => this.#leave(0);
    if (over.aborted) leave();
    else over.addEventListener("abort", leave);
    return { watches, leave, others: () => Math.max(0, shared.screens - 1) };
  }

  #makeEditor(): PaneEditor {
    return new PaneEditor({
      app: () => this.#controller,
      keyboard: this.#keyboard,
      start: this.#options.startLocal,
      color: () => this.#look.color,
      onPaint: () => this.#compositor.requestPaint(),
    });
  }

  async run(): Promise<number> {
    this.#stopResizing = this.#options.terminal.onResize(() => this.#resize());
    try {
      this.#startConnect();
      this.#router.attach(this.#controller);
      this.#controller.changed();
      for (const note of [...this.#options.notes, ...this.#keyProblems]) this.#controller.say(note);
      this.#controller.background(this.#recall());
      this.#guard.startWatcher();
      const code = await this.#left;
      this.#sharing?.conclude(`the build has ended with exit code ${code}`);
      // A frame that is still on its way would land on the terminal after it has been given back.
      await this.#compositor.suspend();
      this.#giveBack();
      await this.#dispose(code === EXIT_INTERRUPTED ? LEAVE_AT_ONCE_MS : LEAVE_MS);
      return code;
    } finally {
      this.#giveBack();
    }
  }

  /** What was remembered from earlier runs; from now on changes are remembered. */
  async #recall(): Promise<void> {
    const remembered = await this.#options.memory?.load();
    if (remembered !== undefined) this.#controller.act({ kind: "recall", ...remembered });
    this.#recalled = true;
  }

  #changed(): void {
    const { ui } = this.#controller;
    this.#apply(ui.settings);
    if (this.#recalled) this.#controller.background(this.#options.memory?.keep(ui) ?? Promise.resolve());
    this.#screen.request();
  }

  #apply(settings: ScreenSettings): void {
    const before = this.#applied;
    if (settings === before) return;
    this.#applied = settings;
    if (settings.mouse !== before.mouse) this.#guard.setMouse(settings.mouse);
    if (settings.theme !== before.theme) this.#setTheme({});
  }

  #giveBack(): void {
    this.#stopResizing();
    clearInterval(this.#timer);
    this.#editor[Symbol.dispose]();
    this.#screen[Symbol.dispose]();
    this.#router[Symbol.dispose]();
    this.#compositor[Symbol.dispose]();
    this.#guard[Symbol.dispose]();
  }

  /** Ends the debugger and the connection; gives up waiting after `limitMs`. */
  async #dispose(limitMs: number): Promise<void> {
    this.#stop.abort(new BktuiError("cancelled", "bktui is being left"));
    const closing = this.#close();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    // What cannot be ended in time ends with the process; the engine cancels what has no client.
    await Promise.race([closing.catch(() => undefined), limit]);
    clearTimeout(timer);
  }

  async #close(): Promise<void> {
    // First, so that other screens are told before what they show ends.
    await this.#sharing?.[Symbol.asyncDispose]();
    // At the same time: an engine that does not answer lets go of the shells only with its connection.
    await Promise.all([this.#attached?.[Symbol.asyncDispose](), this.#connection?.[Symbol.asyncDispose]()]);
    // Last: editors hear of the end by the build itself.
    await this.#door?.[Symbol.asyncDispose]();
  }

  #startConnect(): void {
    this.#connectError = undefined;
    this.#connecting = { headline: "looking for an engine", lines: [] };
    this.#controller.changed();
    // Failures are shown on the screen, from where connecting can be tried again.
    void this.#connect();
  }

  #retryConnect(): boolean {
    if (this.#connectError === undefined) return false;
    this.#startConnect();
    return true;
  }

  async #connect(): Promise<void> {
    const { signal } = this.#stop;
    try {
      const connection = await this.#options.connect({
        signal,
        onProgress: (line) => this.#connectLine(line),
        ask: (question) => this.#controller.ask(question),
      });
      if (signal.aborted) {
        await connection[Symbol.asyncDispose]();
        return;
      }
      this.#connection = connection;
      this.#connecting = undefined;
      this.#attached = await launchAttached({
        ...this.#options,
        debug: connection.debugger,
        controller: this.#controller,
        views: this.#views,
        keyboard: this.#keyboard,
        color: this.#look.color,
        onPaint: () => this.#compositor.requestPaint(),
        quit: (code) => this.#leave(code),
        alert: (how, text) => this.#compositor.alert(how, text),
        nowMs: () => Date.now(),
        copy: (text) => this.#compositor.copy(text, multiplexerOf(this.#options.env)),
      });
      this.#controller.background(this.#share(this.#attached.shared));
      this.#controller.background(this.#openDoor(this.#attached.shared));
    } catch (error) {
      if (signal.aborted) return;
      this.#connectError = toBktuiError(error);
      this.#controller.changed();
      // The next try makes another one.
      const unused = this.#connection;
      this.#connection = undefined;
      this.#controller.background(Promise.resolve(unused?.[Symbol.asyncDispose]()));
    }
  }

  async #share(shared: SharedDebugger): Promise<void> {
    const sharing = await this.#options.share?.(shared, (code) => this.#leave(code));
    this.#sharing = sharing;
    if (sharing !== undefined) this.#controller.say(`others attach with: ${sharing.command}`);
    if (this.#stop.signal.aborted) await this.#sharing?.[Symbol.asyncDispose]();
  }

  /** For editors: at once when that was asked for, else by `:dap`. */
  async #openDoor(shared: SharedDebugger): Promise<void> {
    const { editors, dap } = this.#options;
    this.#door = editors?.(shared, (code) => this.#leave(code));
    if (dap !== undefined && this.#door !== undefined)
      this.#controller.say(await editorsWords(this.#door, dap));
  }

  #connectLine(line: string): void {
    const known = this.#connecting;
    if (known === undefined) return;
    this.#connecting = { ...known, lines: [...known.lines, line].slice(-MAX_CONNECT_LINES) };
    this.#controller.changed();
  }

  /** Right before something is drawn: what follows from it outside the screen. Seconds are counted only while needed. */
  #follow(view: View): void {
    if (!this.#isPaused) this.#attached?.resizeShells(view.layout);
    if (view.ui.lower === "editor" && view.layout.lower !== undefined) this.#editor.resize(view.layout.lower);
    const { ui } = view;
    const { status } = view.availability;
    if (status !== "connecting" && status !== "loading") this.#guard.startWatchdog();
    const isCounted =
      status === "running" || status === "connecting" || view.debug?.state.engineSilent === true;
    if (!isCounted && ui.toast?.level !== "info") {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else this.#timer ??= setInterval(() => this.#second(), TICK_MS);
  }

  #second(): void {
    this.#tick += 1;
    this.#guard.startWatchdog();
    this.#controller.act({ kind: "tick", nowMs: Date.now() });
    this.#controller.changed();
  }

  #size(): Size {
    return this.#options.terminal.size();
  }

  #resize(): void {
    this.#compositor.resize(this.#size());
    this.#controller.changed();
  }

  async #handOver(run: (ending: AbortSignal) => Promise<void>): Promise<void> {
    this.#router.pause();
    await this.#compositor.suspend();
    try {
      await this.#guard.handOver(run);
    } finally {
      this.#resumeTerminal();
    }
  }

  #pauseTerminal(): void {
    this.#isPaused = true;
    // A screen that nobody sees must not keep shells small that others look at.
    this.#attached?.shellList.resize(undefined);
    this.#router.pause();
    // Nothing more is painted from here on; what is under way ends by itself.
    void this.#compositor.suspend();
  }

  #resumeTerminal(): void {
    this.#isPaused = false;
    this.#router.resume();
    this.#compositor.resize(this.#size());
    this.#compositor.resume();
    this.#controller.changed();
  }

  #makeLook(color: boolean | undefined, ascii: boolean | undefined): Look {
    return makeLook({
      env: this.#options.env,
      color: color === undefined ? "auto" : color ? "always" : "never",
      ascii: ascii ?? "auto",
      name: this.#applied.theme,
    });
  }

  #setTheme({ color, ascii }: { readonly color?: boolean; readonly ascii?: boolean }): void {
    this.#chosen = { color: color ?? this.#chosen.color, ascii: ascii ?? this.#chosen.ascii };
    this.#look = this.#makeLook(this.#chosen.color, this.#chosen.ascii);
    this.#compositor.redraw();
    this.#controller.changed();
  }
}

function screenKind(visited: Visited | undefined): ScreenKind {
  if (visited === undefined) return "first";
  return visited.watches ? "watching" : "visiting";
}
