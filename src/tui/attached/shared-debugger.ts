/** What there is once for a debugger, however many screens show it: watches, clocks, shells, what was looked up. */
import { Attempts } from "../../console/attempts.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { BuildWatch } from "../../console/build-watch.ts";
import { FileWatch, watchedFiles } from "../../console/file-watch.ts";
import { NextBuild } from "../../console/next-build.ts";
import type { BuildEvent } from "../../console/phrases/build-events.ts";
import { cacheBrokeWords } from "../../console/phrases/events-between.ts";
import { Reconnection } from "../../console/reconnection.ts";
import type { RememberedBreakpoint, RememberedStore } from "../../console/remembered-breakpoints.ts";
import type { RunClock } from "../../console/run-clock.ts";
import { breakpointsToKeep, setBreakpoints } from "../../console/start-breakpoints.ts";
import type { BreakpointOrder } from "../../debugger/breakpoint.ts";
import type { Debugger, DebugState } from "../../debugger/debugger.ts";
import { Explanations } from "../../debugger/explain/explanations.ts";
import { FileReadings } from "../../debugger/files/readings.ts";
import { EarlierLogs } from "../../debugger/progress/earlier-logs.ts";
import { EnvironmentCache } from "../../debugger/shells/environments.ts";
import { cacheBrokeAt, programOf } from "../../debugger/state/inspect.ts";
import { SilenceWatch } from "../../debugger/state/silence.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { sourceKey } from "../../engine/build-sources.ts";
import type { ScreenSettings } from "../commands/settings.ts";
import { ShellEmulators, type ShellViewer } from "../emulator/shell-emulators.ts";

/** A screen of the debugger, as far as it is told what happens. */
export interface SharingScreen {
  /** Compared with what typed into a shell. */
  readonly shellList: ShellViewer;
  /** It may look around and nothing else. */
  readonly watches: boolean;
  /** The debugger's state changed: the screen's own state follows it. */
  follow(): void;
  /** After everything that is there once has followed too. */
  settle(): void;
  /** Progress was reported. */
  progressed(): void;
  tell(events: readonly BuildEvent[]): void;
  tellOfWaiting(words: string): void;
  /** Something that is drawn changed. */
  changed(): void;
  shellChanged(): void;
  shellPainted(): void;
  fileChanged(changed: boolean): void;
  /** A program in a shell wants this on the clipboard; untrusted. */
  offerClipboard(text: string): void;
  /** Work whose failure a person is to see. */
  background(work: Promise<void>): void;
  /** Comes back to the same instruction with the files as they are now. */
  rerunHere(): void;
}

export interface SharedDebuggerOptions {
  readonly debug: Debugger;
  /** As the program was started. */
  readonly request: BuildRequest;
  /** What typed paths and variables refer to. */
  readonly surroundings: Surroundings;
  readonly color: boolean;
  /** How shells are started, and when a silence is told of. */
  readonly settings: () => ScreenSettings;
  readonly remembered?: RememberedStore | undefined;
}

/** One debugger with everything that watches it, for its screens. Disposing ends all of that, the debugger itself stays. */
export class SharedDebugger implements AsyncDisposable {
  readonly debug: Debugger;
  readonly next: NextBuild;
  readonly shells: ShellEmulators;
  readonly environments: EnvironmentCache;
  readonly fileReadings: FileReadings;
  readonly explanations: Explanations;
  readonly clock: RunClock;
  readonly attempts = new Attempts();
  readonly earlierLogs = new EarlierLogs();
  readonly watch: FileWatch;
  readonly #options: SharedDebuggerOptions;
  /** In the order in which they came. */
  readonly #screens = new Set<SharingScreen>();
  readonly #reconnection = new Reconnection({ connect: () => this.#first?.rerunHere() });
  readonly #silence: SilenceWatch;
  readonly #build: BuildWatch;
  readonly #unsubscribe: readonly (() => void)[];
  #keeping: Promise<void> = Promise.resolve();
  #seen: DebugState | undefined;

  constructor(options: SharedDebuggerOptions) {
    const { debug, request } = options;
    const changed = (): void => this.#each((screen) => screen.changed());
    this.debug = debug;
    this.#options = options;
    this.next = new NextBuild({ debug, asked: request, surroundings: options.surroundings });
    this.shells = new ShellEmulators({
      debug,
      color: options.color,
      settings: options.settings,
      onChange: () => this.#each((screen) => screen.shellChanged()),
      onPaint: () => this.#each((screen) => screen.shellPainted()),
      onClipboard: (text, typist) => this.#typing(typist)?.offerClipboard(text),
    });
    this.watch = new FileWatch(watchedFiles(request), (isChanged) => this.#fileChanged(isChanged));
    this.environments = new EnvironmentCache(debug, changed);
    this.fileReadings = new FileReadings(debug, changed);
    this.explanations = new Explanations(debug, changed);
    this.#build = new BuildWatch(debug, (events) => this.#each((screen) => screen.tell(events)));
    this.clock = this.#build.clock;
    this.#silence = new SilenceWatch(debug, {
      afterMs: options.settings().silentAfterMs,
      say: (words) => this.#each((screen) => screen.tellOfWaiting(words)),
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

  /** How many screens there are. */
  get screens(): number {
    return this.#screens.size;
  }

  /** The screen is told from now on; answers how to be told no longer. */
  join(screen: SharingScreen): () => void {
    this.#screens.add(screen);
    return () => this.#screens.delete(screen);
  }

  /** Sets the breakpoints of the command line and of earlier runs. */
  prepare(breakpoints: readonly BreakpointOrder[], remembered: readonly RememberedBreakpoint[]): void {
    setBreakpoints(this.debug, breakpoints, remembered);
    this.watch.rebase();
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
    await Promise.all([this.shells[Symbol.asyncDispose](), this.#keeping]);
  }

  /** Does and asks what a screen does of itself, so that it is done once. */
  get #first(): SharingScreen | undefined {
    return [...this.#screens].find(({ watches }) => !watches);
  }

  #typing(typist: ShellViewer | undefined): SharingScreen | undefined {
    return [...this.#screens].find(({ shellList }) => shellList === typist) ?? this.#first;
  }

  #each(tell: (screen: SharingScreen) => void): void {
    for (const screen of [...this.#screens]) tell(screen);
  }

  #stateChanged(): void {
    const next = this.debug.state;
    const previous = this.#seen;
    if (previous === next) return;
    this.#seen = next;
    this.clock.observe(next, this.debug.progress);
    this.fileReadings.observe();
    if (next.phase.kind === "paused" || next.phase.kind === "finished")
      this.earlierLogs.observe(next.phase.execution.program, next.attempt, this.debug.progress);
    this.attempts.observe(next, { ranMs: this.clock.ranMs, cacheBreak: this.#cacheBreakOf(next) });
    this.#each((screen) => screen.follow());
    this.#build.observe();
    if (previous?.breakpoints !== next.breakpoints) this.#remember(next);
    if (next.phase.kind === "broken" && this.watch.changed) this.#first?.rerunHere();
    this.#reconnection.observe(next);
    this.#each((screen) => screen.settle());
  }

  /** The first attempt runs into whatever is in the cache; that is no break. */
  #cacheBreakOf(state: DebugState): string | undefined {
    const program = programOf(state);
    if (state.attempt < 2 || program === undefined) return undefined;
    const step = cacheBrokeAt(program, this.debug.progress);
    return step === undefined ? undefined : cacheBrokeWords(step);
  }

  #remember(state: DebugState): void {
    const { remembered, request } = this.#options;
    const key = sourceKey(request);
    if (remembered === undefined || key === undefined) return;
    const keeping = remembered.save(key, breakpointsToKeep(state));
    this.#first?.background(keeping);
    // Whether it can be kept is said by then; what was set last is not to be lost by leaving.
    this.#keeping = keeping.catch(() => undefined);
  }

  #progressed(): void {
    this.#build.observe();
    this.#each((screen) => screen.progressed());
  }

  #fileChanged(isChanged: boolean): void {
    this.#each((screen) => screen.fileChanged(isChanged));
    // A refused file is read again as soon as it is saved.
    if (isChanged && this.debug.state.phase.kind === "broken") this.#first?.rerunHere();
  }
}
