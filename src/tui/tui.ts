/** The full screen: takes the terminal, finds the engine, debugs, gives the terminal back. */
import type { ReadStream, WriteStream } from "node:tty";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import type { Connected, Waiting } from "../console/connect.ts";
import type { RememberedStore } from "../console/remembered-breakpoints.ts";
import { DEFAULT_SETTINGS, type Settings } from "../console/settings.ts";
import type { BreakpointSpec } from "../debugger/debugger.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { type AttachedDebugger, launchAttached } from "./attached/attached-debugger.ts";
import type { Size } from "./cells/rect.ts";
import { keysWith } from "./commands/key-bindings.ts";
import { type ScreenSettings, screenSettings } from "./commands/settings.ts";
import type { Question } from "./controls/app.ts";
import { commandPorts, errorOverlay } from "./controls/command-ports.ts";
import { Controller } from "./controls/controller.ts";
import { PaneEditor } from "./controls/pane-editor.ts";
import type { KeyboardPort } from "./controls/shell-control.ts";
import { type Look, makeLook } from "./drawing/look.ts";
import { leaveSequences } from "./input/leave-keys.ts";
import { InputRouter } from "./input/router.ts";
import { Screen } from "./screen/screen.ts";
import type { View } from "./screen/view.ts";
import { ViewMaker } from "./screen/view-maker.ts";
import type { ScreenMemory } from "./state/screen-memory.ts";
import { Compositor } from "./terminal/compositor.ts";
import type { StartLocal } from "./terminal/local-pty.ts";
import { multiplexerOf } from "./terminal/sequences.ts";
import { TerminalGuard } from "./terminal/terminal-guard.ts";
import { ttyOutput } from "./terminal/tty-output.ts";

/** As for the other front ends; a question is a dialog. */
export type ConnectContext = Omit<Waiting, "confirm"> & {
  /** A question with yes or no, e.g. whether to start an engine. */
  readonly ask: (question: Question) => Promise<boolean>;
};

export interface TuiOptions {
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointSpec[];
  /** Do not stop on entry. */
  readonly run: boolean;
  /** Things to say first. */
  readonly notes: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: ReadStream & { readonly fd: number };
  readonly stdout: WriteStream & { readonly fd: number };
  /** What `stty -g` said before anything was changed; undefined = it is asked now. */
  readonly terminalSettings?: string | undefined;
  /** undefined = as NO_COLOR, FORCE_COLOR and TERM say. */
  readonly color?: boolean | undefined;
  /** undefined = as the locale and TERM say. */
  readonly ascii?: boolean | undefined;
  /** Default: those of a configuration that sets nothing. */
  readonly settings?: Settings | undefined;
  /** Sizes and typed commands of earlier runs; undefined = nothing is remembered. */
  readonly memory?: ScreenMemory | undefined;
  /** Breakpoints of earlier runs; undefined = nothing is remembered. */
  readonly remembered?: RememberedStore | undefined;
  /** Starts a program on a terminal of this machine, for an editor in a pane; undefined = that cannot be done. */
  readonly startLocal?: StartLocal | undefined;
  /** Finds or starts the engine; the screen shows its progress. Called again when the user tries again. */
  connect(context: ConnectContext): Promise<Connected>;
  /** After an uncaught error, when the terminal is restored and the message written; must end the process. */
  onFatal(error: unknown): void;
}

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
  readonly #guard: TerminalGuard;
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
  #connection: Connected | undefined;
  #attached: AttachedDebugger | undefined;
  #connecting: { headline: string; lines: readonly string[] } | undefined;
  #connectError: BktuiError | undefined;
  #leave: (code: number) => void = () => undefined;
  readonly #left: Promise<number>;
  readonly #onResize = (): void => this.#resize();

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
      output: ttyOutput(options.stdout.fd),
      size: this.#size(),
      ascii: this.#look.ascii,
      onError: () => this.#leave(1),
    });
    this.#guard = new TerminalGuard({
      input: options.stdin,
      inputFd: options.stdin.fd,
      outputFd: options.stdout.fd,
      settings: options.terminalSettings,
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
      size: () => this.#size(),
      look: () => this.#look,
      tick: () => this.#tick,
      connecting: () => this.#connecting,
      connectError: () => this.#connectError,
    });
    this.#controller = new Controller({
      ports: commandPorts({
        ...options,
        guard: this.#guard,
        editor: this.#editor,
        compositor: this.#compositor,
        quit: (code) => this.#leave(code),
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
    this.#router = new InputRouter({ source: options.stdin, leaveKeys });
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
    const { stdout } = this.#options;
    stdout.on("resize", this.#onResize);
    try {
      this.#startConnect();
      this.#router.attach(this.#controller);
      this.#controller.changed();
      for (const note of [...this.#options.notes, ...this.#keyProblems]) this.#controller.say(note);
      this.#controller.background(this.#recall());
      this.#guard.startWatcher();
      const code = await this.#left;
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
    this.#options.stdout.off("resize", this.#onResize);
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
    // At the same time: an engine that does not answer lets go of the shells only with its connection.
    await Promise.all([this.#attached?.[Symbol.asyncDispose](), this.#connection?.[Symbol.asyncDispose]()]);
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

  #connectLine(line: string): void {
    const known = this.#connecting;
    if (known === undefined) return;
    this.#connecting = { ...known, lines: [...known.lines, line].slice(-MAX_CONNECT_LINES) };
    this.#controller.changed();
  }

  /** Right before something is drawn: what follows from it outside the screen. Seconds are counted only while needed. */
  #follow(view: View): void {
    this.#attached?.resizeShells(view.layout);
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
    const { columns, rows } = this.#options.stdout;
    return { columns: columns ?? 80, rows: rows ?? 24 };
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
    this.#router.pause();
    // Nothing more is painted from here on; what is under way ends by itself.
    void this.#compositor.suspend();
  }

  #resumeTerminal(): void {
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
