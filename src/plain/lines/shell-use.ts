/** What the line mode does with shells: visits them, and makes way for what they hold up. */
import { type BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { shellEndWords } from "../../console/phrases/shell-words.ts";
import type { StepName } from "../../console/step-names.ts";
import type { Command, Debugger } from "../../debugger/debugger.ts";
import { type CacheConflict, cacheConflicts } from "../../debugger/shells/caches.ts";
import { lackWords, withoutWords } from "../../debugger/shells/missing-words.ts";
import { retryText } from "../../debugger/shells/retry-text.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import type { LineInput } from "./line-input.ts";
import { endsShell, type OpenState, type PlainShells, type ShellTarget } from "./line-shells.ts";
import type { Look } from "./look-commands.ts";
import type { ReadAhead } from "./read-ahead.ts";
import type { Transcript } from "./transcript.ts";

export interface ShellVisitsOptions {
  readonly debug: Debugger;
  readonly shells: PlainShells;
  readonly look: Look;
  readonly transcript: Transcript;
  readonly ahead: ReadAhead;
  readonly input: LineInput;
  /** Somebody types: questions are asked. */
  readonly interactive: boolean;
  /** @param question ends with what can be answered */
  ask(question: string): Promise<boolean>;
  /** Tells of an error. */
  fail(error: BktuiError): void;
}

export interface VisitWish {
  /** undefined = where the build stands. */
  readonly step: StepName | undefined;
  /** "new": beside those that were left. "clean": in place of them, over the state as it was at first. */
  readonly how: "return" | "new" | "clean";
  /** The step's command is typed first: Enter runs it, and from a pipe it runs at once. */
  readonly retry: boolean;
  /** With programs from outside of the image. */
  readonly debugRoot: boolean;
}

export class ShellVisits {
  readonly #options: ShellVisitsOptions;
  /** Ends the visit to a shell, or the opening of one. */
  #visit: AbortController | undefined;
  #leftOut = false;

  constructor(options: ShellVisitsOptions) {
    this.#options = options;
  }

  /** Gives up the visit under way; false when there is none. */
  interrupt(reason: unknown): boolean {
    this.#visit?.abort(toBktuiError(reason, "cancelled"));
    return this.#visit !== undefined;
  }

  /** Lines of the script that were for a shell had to be left out. */
  get leftOut(): boolean {
    return this.#leftOut;
  }

  /**
   * Lines of a script that are for the shell go nowhere else: not to the debugger when no shell opens, or when it ends
   * before them.
   * @throws {BktuiError} as `PlainShells.visit`, when somebody types.
   */
  async visit(wish: VisitWish): Promise<void> {
    const { interactive, ahead, input, fail } = this.#options;
    if (interactive) {
      await this.#go(wish);
      return;
    }
    ahead.stop();
    const line = input.number;
    let tookAll = false;
    try {
      tookAll = await this.#go(wish);
    } catch (error) {
      fail(toBktuiError(error));
    }
    if (!tookAll) await this.#leaveOut(line);
  }

  /** @param line number of the one that asked for the shell */
  async #leaveOut(line: number): Promise<void> {
    const { input, transcript } = this.#options;
    this.#leftOut = true;
    const first = input.number + 1;
    const stop = new AbortController();
    this.#visit = stop;
    const stopped = new Promise<undefined>((resolve) => {
      stop.signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    let next: string | undefined;
    do next = await Promise.race([input.line(), stopped]);
    while (next !== undefined && !endsShell(next));
    input.forgetReader();
    this.#visit = undefined;
    const last = input.number;
    if (last < first) transcript.say(`line ${line}: no shell for this script`);
    else {
      const lines = first === last ? `line ${first} was` : `lines ${first} to ${last} were`;
      const end = next === undefined ? "no exit follows" : "up to exit";
      transcript.say(`line ${line}: ${lines} for its shell (${end}) and not run`);
    }
  }

  /** Whether the shell took all lines that were for it. @throws {BktuiError} as `PlainShells.visit`. */
  async #go({ step, how, debugRoot, retry }: VisitWish): Promise<boolean> {
    const { debug, shells, look, transcript, ahead, interactive } = this.#options;
    const target = look.shellTarget(step, debugRoot);
    if (target === undefined) return false;
    if (retry && programOf(debug.state)?.graph.vertices.get(target.step.vertex)?.exec === undefined) {
      transcript.say(`retry: step ${target.step.id + 1} runs no command`);
      return false;
    }
    ahead.stop();
    const place = look.placeOf(target);
    if (how === "clean" && !(await this.#endState(target))) return false;
    const known = shells.has(target);
    const way = interactive ? "Ctrl-] returns" : "exit ends it";
    this.#visit = new AbortController();
    try {
      const visit = await shells.visit(
        { ...target, another: how === "new" },
        ({ container, environment, process }) => {
          const without = withoutWords(container.missing);
          const missing = without === undefined ? "" : `, ${visibleLine(without)}`;
          transcript.say(`shell on ${place}${missing}${known ? ", as it was left" : ""}; ${way}`);
          for (const lack of known ? [] : lackWords(container, programOf(debug.state)))
            transcript.say(`note: ${visibleLine(lack)}`);
          const line = retry ? retryText(environment, { bracketed: false }) : "";
          if (retry) process.write(Buffer.from(interactive ? line : `${line}\n`));
        },
        { signal: this.#visit.signal },
      );
      transcript.say(
        visit.kind === "left"
          ? `left the shell on ${place}; ${debugRoot ? "debug-shell" : "shell"} returns to it`
          : shellEndWords({ code: visit.code, kept: shells.has(target) }, interactive ? "shell" : undefined),
      );
      return visit.kind === "left" || visit.tookAll;
    } finally {
      this.#visit = undefined;
    }
  }

  /** What would be ended with the shells, one sentence each; all of it or that in one state. */
  async running(within?: (state: OpenState) => boolean): Promise<readonly string[]> {
    const open = await this.#options.shells.open();
    return open
      .filter((state) => within === undefined || within(state))
      .flatMap(({ step, side, programs }) =>
        programs.map(
          (program) =>
            `${visibleLine(program)} is running in the shell on ${sideWord(side)} of step ${step + 1} and will be ended`,
        ),
      );
  }

  /** Ends all shells, after a question when a program runs in one; false when they are to stay. */
  async endAll(what: string): Promise<boolean> {
    if (!(await this.#mayEnd(await this.running(), what))) return false;
    await this.#options.shells[Symbol.asyncDispose]();
    return true;
  }

  /** Ends shells that hold a cache which a step on the way of a command needs; false when one is to stay. */
  async makeWay(command: Command): Promise<boolean> {
    const { debug, shells, transcript } = this.#options;
    for (const conflict of cacheConflicts(debug.state, command, debug.heldCaches)) {
      const { step, side } = conflict.held;
      const holds = (state: Pick<OpenState, "step" | "side">): boolean =>
        state.step === step && state.side === side;
      const why = reasonOf(conflict);
      if (!(await this.#mayEnd(await this.running(holds), `${why}. End the shell?`))) return false;
      if (await shells.release(holds)) transcript.say(`shell ended: ${why}`);
    }
    return true;
  }

  async #endState(target: ShellTarget): Promise<boolean> {
    const { shells } = this.#options;
    if (
      !(await this.#mayEnd(await this.running((state) => shells.isAt(state, target)), "Restart the shell?"))
    )
      return false;
    await shells.release((state) => shells.isAt(state, target));
    return true;
  }

  async #mayEnd(running: readonly string[], what: string): Promise<boolean> {
    const { interactive, ask } = this.#options;
    if (!interactive || running.length === 0) return true;
    return await ask(`${running.join("; ")}. ${what} (y/n) `);
  }
}

function reasonOf({ held, cache, wanted }: CacheConflict): string {
  const place = `${sideWord(held.side)} of step ${held.step + 1}`;
  return `${place} holds the cache "${visibleLine(cache)}" that step ${wanted.id + 1} needs`;
}
