/** One attached terminal that is a step's shell and nothing else, and follows the build from stop to stop. */
import { toBktuiError } from "../base/errors.ts";
import { isAnswer, isDumb } from "../base/relay-filter.ts";
import { mayEndShells, takeFromOthers } from "../console/losses.ts";
import { shellEndWords } from "../console/phrases/shell-words.ts";
import type { Settings } from "../console/settings.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { remediesOf } from "../debugger/remedies.ts";
import { cacheConflicts, conflictsOfRun } from "../debugger/shells/caches.ts";
import { lackWords } from "../debugger/shells/missing-words.ts";
import { displayOf, openIn } from "../debugger/shells/one-shot.ts";
import type { OpenState } from "../debugger/shells/open-state.ts";
import type { OpenStates } from "../debugger/shells/open-states.ts";
import { whyTaken } from "../debugger/shells/taken-caches.ts";
import { programOf } from "../debugger/state/inspect.ts";
import { wantsAscii } from "../tui/drawing/look.ts";
import { keyBytes, untilKey } from "./leave-keys.ts";
import type { Visitor } from "./server.ts";
import type { AttachedShell, ShellDisplay } from "./shell-display.ts";
import { ShellOutput } from "./shell-output.ts";
import { headerWords, type StoodAt, standingOf } from "./shell-place.ts";

export interface ShellVisitOptions {
  readonly debug: Debugger;
  readonly settings: Settings;
  /** What is typed to come back. */
  readonly command: string;
  readonly states: OpenStates<ShellDisplay>;
  /** Ends those that nobody is at any more. */
  release(states: readonly OpenState<ShellDisplay>[]): Promise<void>;
}

type Mode =
  /** `said`: why there is no shell. "unmade": Enter has its state made. */
  | { readonly kind: "away"; readonly said: string }
  | { readonly kind: "unmade"; readonly said: string }
  | { readonly kind: "opening"; readonly at: StoodAt; readonly stop: AbortController }
  | {
      readonly kind: "open";
      readonly at: StoodAt;
      readonly shell: AttachedShell;
      readonly display: ShellDisplay;
    }
  /** Enter opens another one. */
  | { readonly kind: "ended"; readonly at: StoodAt; readonly debugRoot: boolean };

const BEGUN: Mode = { kind: "away", said: "" };

/** From the terminal's hello until it is left or gone. */
export class ShellVisit {
  readonly #visitor: Visitor;
  readonly #options: ShellVisitOptions;
  readonly #output: ShellOutput;
  readonly #leaveKeys: readonly Buffer[];
  /** Shells with something in them that the build has gone on from, by place: it may come back. */
  readonly #left = new Map<string, AttachedShell>();
  readonly #cleaning = new Set<Promise<void>>();
  #mode: Mode = BEGUN;
  /** What is typed before a shell that was asked for is there; undefined = nobody has asked. */
  #typed: Buffer[] | undefined = [];
  #wantsDebugRoot = false;
  #answer: ((yes: boolean) => void) | undefined;
  #isAsked = false;
  #hasLeft = false;
  #end: () => void = () => undefined;

  constructor(visitor: Visitor, options: ShellVisitOptions) {
    const { hello, terminal } = visitor;
    const { ui, shell } = options.settings;
    this.#visitor = visitor;
    this.#options = options;
    this.#output = new ShellOutput(terminal.output, {
      ascii: wantsAscii({ env: hello.env, ascii: ui.ascii }),
      dumb: isDumb(hello.env["TERM"]),
    });
    this.#output.onDrain = () => this.#resume();
    this.#leaveKeys = keyBytes(shell.leave);
  }

  /** Answers words for whoever left it. */
  async run(): Promise<string> {
    const { terminal, over } = this.#visitor;
    const { debug } = this.#options;
    const done = new Promise<void>((resolve) => {
      this.#end = resolve;
      if (over.aborted) resolve();
      else over.addEventListener("abort", () => resolve(), { once: true });
    });
    const unsubscribe = [debug.subscribe(() => this.#look()), terminal.onResize(() => this.#resized())];
    using _modes = terminal.guard({ onContinue: () => this.#redraw(), onFatal: () => undefined });
    terminal.input.on("data", (bytes: Buffer) => this.#take(bytes));
    this.#look();
    await done;
    this.#hasLeft = true;
    for (const each of unsubscribe) each();
    this.#answer?.(false);
    this.#restore();
    const isInUse = this.#shells().length > 0;
    const ended = isInUse ? "left, and what ran in the shell was ended" : "left";
    return `${ended}; the build stays: ${this.#options.command} opens another shell`;
  }

  /** Ends what is still open of it, when it has run. */
  async finish(): Promise<void> {
    const { states } = this.#options;
    if (this.#mode.kind === "opening") this.#mode.stop.abort(new Error("the terminal was left"));
    await Promise.all(this.#shells().map(async (shell) => await states.end(shell)));
    await Promise.all(this.#cleaning);
  }

  /** It is in the state, or offers to be. */
  isAt({ step, side }: Pick<OpenState, "step" | "side">): boolean {
    if (this.#hasLeft || !("at" in this.#mode)) return false;
    const { at } = this.#mode;
    return at.step.vertex === step.vertex && at.side === side;
  }

  /** A shell of some terminal was opened, or has ended. */
  shellChanged(): void {
    if (this.#mode.kind !== "open" || this.#hasLeft) return;
    const { at, shell } = this.#mode;
    if (shell.phase.kind !== "ended") return;
    const ended = shellEndWords(shell.phase, "Enter");
    this.#restore();
    this.#mode = { kind: "ended", at, debugRoot: shell.isDebugRoot };
    this.#clean(this.#options.states.end(shell));
    this.#say(`${ended}; ${this.#leaveWords} leaves`);
  }

  get #leaveWords(): string {
    return this.#options.settings.shell.leave[0] ?? "closing the terminal";
  }

  #say(words: string): void {
    this.#output.line(`— ${this.#options.debug.masked(words)}`);
  }

  /** The build may stand elsewhere than the terminal is. */
  #look(): void {
    const { debug } = this.#options;
    const standing = standingOf(debug.state, this.#visitor.hello.side ?? "shown");
    const mode = this.#mode;
    if (standing.kind === "at") {
      if ("at" in mode && mode.at.key === standing.key) return;
      this.#depart();
      this.#arrive(standing, false);
      return;
    }
    if (!("at" in mode) && mode.said === standing.words) return;
    this.#depart();
    this.#mode = { kind: standing.kind, said: standing.words };
    const next = standing.kind === "unmade" ? "Enter runs them and opens it" : "waiting for the next stop";
    this.#say(`${standing.words}; ${next} (${this.#leaveWords} leaves)`);
  }

  /** Leaves the shell that belongs to another place; one that somebody used stays as it is. */
  #depart(): void {
    const mode = this.#mode;
    this.#answer?.(false);
    this.#mode = BEGUN;
    // With a rerun their states went.
    for (const [key, shell] of this.#left) if (this.#stateOf(shell) === undefined) this.#left.delete(key);
    if (mode.kind === "opening") mode.stop.abort(new Error("the build stands elsewhere"));
    if (mode.kind !== "open") {
      if (mode.kind === "ended") this.#clean(this.#release());
      return;
    }
    const { at, shell, display } = mode;
    const { debug, states } = this.#options;
    this.#output.modes(display.filter.restore());
    const state = this.#stateOf(shell);
    const taken = whyTaken(display.opened.container);
    const conflict = conflictsOfRun(debug.state, debug.heldCaches).find(
      ({ held }) => held.container === display.opened.container,
    );
    if (taken !== undefined) {
      // The engine tells of its end later than it lets go of its caches.
      this.#say(shellEndWords({ code: undefined, kept: false, taken }, undefined));
    } else if (conflict !== undefined) {
      // Whoever gave the command did not ask what is open.
      this.#clean(takeFromOthers([conflict]));
      this.#say(`shell ended: step ${conflict.wanted.id + 1} needs its cache "${conflict.cache}"`);
    } else if (state?.used === true && shell.phase.kind === "alive") {
      this.#left.set(at.key, shell);
      display.opened.process.pause();
      return;
    }
    this.#clean(states.end(shell).then(async () => await this.#release()));
  }

  #arrive(at: StoodAt, debugRoot: boolean): void {
    const stop = new AbortController();
    const left = this.#takeLeft(at);
    const isDebugRoot = left?.isDebugRoot ?? debugRoot;
    this.#mode = { kind: "opening", at, stop };
    this.#say(headerWords(at, this.#options.debug.state, { debugRoot: isDebugRoot }));
    if (left === undefined) this.#clean(this.#open(at, { debugRoot, signal: stop.signal }));
    else this.#enter(at, left, { isBack: true });
  }

  async #open(
    at: StoodAt,
    { debugRoot, signal }: { readonly debugRoot: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    try {
      this.#enter(at, await this.#opened(at, debugRoot, signal), { isBack: false });
    } catch (error) {
      if (!signal.aborted) this.#failed(at, error, debugRoot);
    }
  }

  #takeLeft({ key }: StoodAt): AttachedShell | undefined {
    const shell = this.#left.get(key);
    this.#left.delete(key);
    return shell?.phase.kind === "alive" && this.#stateOf(shell) !== undefined ? shell : undefined;
  }

  async #opened(at: StoodAt, debugRoot: boolean, signal: AbortSignal): Promise<AttachedShell> {
    const { hello, terminal } = this.#visitor;
    const target = { step: at.step, side: at.side, steps: at.program.steps.length, debugRoot };
    const term = hello.env["TERM"] || "dumb";
    const talk = { kind: "terminal", ...terminal.size(), term } as const;
    return await openIn(this.#options.states, target, { talk }, signal);
  }

  /** @throws what kept it from running */
  #enter(at: StoodAt, shell: AttachedShell, { isBack }: { readonly isBack: boolean }): void {
    const display = displayOf(shell);
    const { opened, filter, held } = display;
    this.#mode = { kind: "open", at, shell, display };
    for (const lack of isBack ? [] : lackWords(opened.container, programOf(this.#options.debug.state)))
      this.#say(`note: ${lack}`);
    if (isBack) this.#output.modes(filter.again());
    display.held = [];
    for (const chunk of held) this.#output.write(filter.push(chunk));
    if (isBack) this.#redraw();
    else this.#fit(display);
    opened.process.resume();
    if (!display.isHeard) {
      display.isHeard = true;
      opened.onData((chunk) => this.#show(display, chunk));
    }
    const typed = this.#typed ?? [];
    this.#typed = undefined;
    this.#options.states.write(shell, Buffer.concat(typed));
    this.shellChanged();
  }

  #show(display: ShellDisplay, chunk: Uint8Array): void {
    if (this.#mode.kind !== "open" || this.#mode.display !== display) display.held = [...display.held, chunk];
    else if (!this.#output.write(display.filter.push(chunk))) display.opened.process.pause();
  }

  #failed(at: StoodAt, thrown: unknown, debugRoot: boolean): void {
    const error = toBktuiError(thrown, "engine");
    const offersRoot = !debugRoot && remediesOf(error).some(({ command }) => command === "debug-shell");
    this.#typed = undefined;
    if (offersRoot && this.#wantsDebugRoot) {
      this.#arrive(at, true);
      return;
    }
    this.#mode = { kind: "ended", at, debugRoot: debugRoot || offersRoot };
    const hint = error.hint === undefined ? "" : `; ${error.hint}`;
    const enter = offersRoot ? "Enter opens one with other programs" : "Enter tries again";
    this.#say(`${error.message}${hint}; ${enter}, ${this.#leaveWords} leaves`);
  }

  #take(bytes: Buffer): void {
    if (this.#hasLeft) return;
    const [before, leaves] = untilKey(bytes, this.#leaveKeys);
    const answer = this.#answer;
    if (answer === undefined) {
      this.#type(before);
      if (leaves) this.#clean(this.#leave());
      return;
    }
    const [key = 0] = before;
    this.#answer = undefined;
    answer(before.length === 0 ? leaves : YES.includes(key));
    // What came with a key is no answer any more; the other bytes of a sequence are that key.
    if (key !== ESCAPE) this.#type(before.subarray(1));
  }

  #type(bytes: Buffer): void {
    const mode = this.#mode;
    if (mode.kind === "open") {
      // A shell that nobody typed into stays unused.
      if (isAnswer(bytes)) mode.display.opened.process.write(bytes);
      else this.#options.states.write(mode.shell, bytes);
      return;
    }
    if (mode.kind === "opening") {
      this.#typed?.push(bytes);
      return;
    }
    const enter = bytes.findIndex((byte) => byte === CARRIAGE_RETURN || byte === LINE_FEED);
    if (enter < 0 || mode.kind === "away") return;
    this.#typed = [bytes.subarray(enter + 1)];
    if (mode.kind === "unmade") {
      this.#clean(this.#makeBase());
      return;
    }
    this.#wantsDebugRoot = mode.debugRoot;
    this.#arrive(mode.at, mode.debugRoot);
  }

  async #makeBase(): Promise<void> {
    const { debug } = this.#options;
    const command = { kind: "make-base" } as const;
    try {
      await takeFromOthers(cacheConflicts(debug.state, command, debug.heldCaches));
      debug.dispatch(command);
    } catch (error) {
      this.#say(toBktuiError(error).message);
    }
  }

  /** The second time without a question. */
  async #leave(): Promise<void> {
    const shells = this.#shells();
    const { confirm } = this.#options.settings;
    const isSecond = this.#isAsked;
    this.#isAsked = true;
    const may =
      isSecond ||
      !confirm.closeShell ||
      (await mayEndShells("Leave?", shells, async ({ title, lost }) => {
        this.#restore();
        this.#say(`${lost.join(" ")} ${title} (y/n)`);
        return await new Promise<boolean>((resolve) => {
          this.#answer = resolve;
        });
      }));
    this.#answer = undefined;
    this.#isAsked = false;
    if (may) this.#end();
    else this.#redraw();
  }

  /** Those that are this terminal's. */
  #shells(): readonly AttachedShell[] {
    return [...(this.#mode.kind === "open" ? [this.#mode.shell] : []), ...this.#left.values()];
  }

  #stateOf(shell: AttachedShell): OpenState<ShellDisplay> | undefined {
    return this.#options.states.all.find(({ shells }) => shells.includes(shell));
  }

  async #release(): Promise<void> {
    await this.#options.release(this.#options.states.all);
  }

  /** Work that does not reject. */
  #clean(work: Promise<void>): void {
    this.#cleaning.add(work);
    void work.finally(() => this.#cleaning.delete(work));
  }

  #resized(): void {
    if (this.#mode.kind === "open") this.#fit(this.#mode.display);
    this.#output.beat();
  }

  #fit({ opened }: ShellDisplay): void {
    const { columns, rows } = this.#visitor.terminal.size();
    opened.process.resize(columns, rows);
  }

  /** A program that fills the screen draws it anew when the size changes. */
  #redraw(): void {
    if (this.#mode.kind !== "open") return;
    const { display } = this.#mode;
    const { columns, rows } = this.#visitor.terminal.size();
    this.#output.modes(display.filter.again());
    display.opened.process.resize(columns, Math.max(1, rows - 1));
    this.#fit(display);
  }

  #restore(): void {
    if (this.#mode.kind === "open") this.#output.modes(this.#mode.display.filter.restore());
  }

  #resume(): void {
    if (this.#mode.kind === "open") this.#mode.display.opened.process.resume();
  }
}

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const ESCAPE = 0x1b;
/** "y" and "Y". */
const YES: readonly number[] = [0x79, 0x59];
