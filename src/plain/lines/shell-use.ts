/** What the line mode does with shells: visits them, and asks before they are lost; a script is told what was lost. */
import { type BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import {
  type LossQuestion,
  mayEndShells,
  mayRerun,
  quitLosses,
  releaseCaches,
} from "../../console/losses.ts";
import { shellEndWords } from "../../console/phrases/shell-words.ts";
import { editLines } from "../../console/rerun-question.ts";
import type { Settings } from "../../console/settings.ts";
import type { StepName } from "../../console/step-names.ts";
import type { Command, Debugger } from "../../debugger/debugger.ts";
import { cacheConflicts } from "../../debugger/shells/caches.ts";
import { lackWords, withoutWords } from "../../debugger/shells/missing-words.ts";
import { type ShellTarget, statesInUse } from "../../debugger/shells/open-state.ts";
import { retryText } from "../../debugger/shells/retry-text.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import { readSource } from "../../engine/build-sources.ts";
import { splitLines } from "../../graph/dockerfile-text.ts";
import { ownText } from "../../graph/linked-parts.ts";
import type { LineInput } from "./line-input.ts";
import { endsShell, type PlainShells } from "./line-shells.ts";
import type { LookCommands } from "./look-commands.ts";
import type { ReadAhead } from "./read-ahead.ts";
import type { Transcript } from "./transcript.ts";

export interface ShellUseOptions {
  readonly debug: Debugger;
  readonly shells: PlainShells;
  readonly look: LookCommands;
  readonly transcript: Transcript;
  readonly ahead: ReadAhead;
  readonly input: LineInput;
  /** Somebody types: questions are asked. */
  readonly interactive: boolean;
  readonly confirm: Settings["confirm"];
  /** @param question ends with what can be answered */
  ask(question: string): Promise<boolean>;
  /** Tells of an error. */
  fail(error: BktuiError): void;
  /** Gets why something is not done. */
  refuse(line: string): void;
}

export interface ShellRequest {
  /** undefined = where the build stands. */
  readonly step: StepName | undefined;
  /** "new": beside those that were left. "clean": in place of them, over the state as it was at first. */
  readonly how: "return" | "new" | "clean";
  /** The step's command is typed first: Enter runs it, and from a pipe it runs at once. */
  readonly retry: boolean;
  /** With programs from outside of the image. */
  readonly debugRoot: boolean;
}

/** Opens, enters, leaves and ends the shells of the line mode. */
export class ShellUse {
  readonly #options: ShellUseOptions;
  /** Ends the use of a shell, or the opening of one. */
  #using: AbortController | undefined;
  #leftOut = false;

  constructor(options: ShellUseOptions) {
    this.#options = options;
  }

  /** Leaves the shell in use; false when there is none. */
  interrupt(reason: unknown): boolean {
    this.#using?.abort(toBktuiError(reason, "cancelled"));
    return this.#using !== undefined;
  }

  /** Lines of the script that were for a shell had to be left out. */
  get leftOut(): boolean {
    return this.#leftOut;
  }

  /**
   * Lines of a script that are for the shell go nowhere else: not to the debugger when no shell opens, or when it ends
   * before them.
   * @throws {BktuiError} as `PlainShells.use`, when somebody types.
   */
  async use(request: ShellRequest): Promise<void> {
    const { interactive, ahead, input, fail } = this.#options;
    if (interactive) {
      await this.#go(request);
      return;
    }
    ahead.stop();
    const line = input.number;
    let tookAll = false;
    try {
      tookAll = await this.#go(request);
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
    this.#using = stop;
    const stopped = new Promise<undefined>((resolve) => {
      stop.signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    let next: string | undefined;
    do next = await Promise.race([input.line(), stopped]);
    while (next !== undefined && !endsShell(next));
    input.forgetReader();
    this.#using = undefined;
    const last = input.number;
    if (last < first) transcript.say(`line ${line}: no shell for this script`);
    else {
      const lines = first === last ? `line ${first} was` : `lines ${first} to ${last} were`;
      const end = next === undefined ? "no exit follows" : "up to exit";
      transcript.say(`line ${line}: ${lines} for its shell (${end}) and not run`);
    }
  }

  /** Whether the shell took all lines that were for it. @throws {BktuiError} as `PlainShells.use`. */
  async #go({ step, how, debugRoot, retry }: ShellRequest): Promise<boolean> {
    const { debug, shells, look, transcript, ahead, interactive, refuse } = this.#options;
    const target = look.shellTarget(step, debugRoot);
    if (target === undefined) return false;
    if (retry && programOf(debug.state)?.graph.vertices.get(target.step.vertex)?.exec === undefined) {
      refuse(`retry: step ${target.step.id + 1} runs no command`);
      return false;
    }
    ahead.stop();
    const place = look.placeOf(target);
    if (how === "clean" && !(await this.#endState(target))) return false;
    const known = shells.at(target) !== undefined;
    const way = interactive ? "Ctrl-] returns" : "exit ends it";
    this.#using = new AbortController();
    try {
      const ended = await shells.use(
        { ...target, another: how === "new" },
        ({ container, environment }) => {
          const without = withoutWords(container.missing);
          const missing = without === undefined ? "" : `, ${visibleLine(without)}`;
          transcript.say(`shell on ${place}${missing}${known ? ", as it was left" : ""}; ${way}`);
          for (const lack of known ? [] : lackWords(container, programOf(debug.state)))
            transcript.say(`note: ${visibleLine(lack)}`);
          const line = retry ? retryText(environment, { bracketed: false }) : "";
          return retry && !interactive ? `${line}\n` : line;
        },
        { signal: this.#using.signal },
      );
      transcript.say(
        ended.kind === "left"
          ? `left the shell on ${place}; ${debugRoot ? "debug-shell" : "shell"} returns to it`
          : shellEndWords(
              { code: ended.code, kept: shells.at(target) !== undefined },
              interactive ? "shell" : undefined,
            ),
      );
      return ended.kind === "left" || ended.tookAll;
    } finally {
      this.#using = undefined;
    }
  }

  /** Asks when quitting would lose something; a script's end is the end of all it opened. */
  async mayQuit(): Promise<boolean> {
    const { debug, shells, interactive, confirm } = this.#options;
    if (!interactive || !confirm.quit) return true;
    const lost = await quitLosses(debug, shells.states.all);
    return lost.length === 0 || (await this.#ask({ title: "Quit?", about: [], lost }));
  }

  /** Before a rerun, which ends all shells; false when they are to stay. */
  async mayRerun(): Promise<boolean> {
    const { shells, interactive } = this.#options;
    const { all } = shells.states;
    // A script leaves its shells by their end, and is only told.
    const states = interactive ? statesInUse(all) : all;
    return await mayRerun(
      states,
      () => this.#edit(),
      (question) => this.#ask(question),
    );
  }

  /** Ends shells that hold a cache which a step on the way of a command needs; false when one is to stay. */
  async releaseCaches(command: Command): Promise<boolean> {
    const { debug, shells, transcript } = this.#options;
    return await releaseCaches(cacheConflicts(debug.state, command, debug.heldCaches), shells.states, {
      ask: (question) => this.#ask(question),
      say: (text) => transcript.say(visibleLine(text)),
    });
  }

  async #endState(target: ShellTarget): Promise<boolean> {
    const { shells, confirm } = this.#options;
    const state = shells.at(target);
    if (state === undefined) return true;
    const ask = (question: LossQuestion): Promise<boolean> => this.#ask(question);
    if (confirm.closeShell && !(await mayEndShells("Restart the shell?", state.shells, ask))) return false;
    await shells.states.release([state]);
    return true;
  }

  async #edit(): Promise<readonly string[]> {
    const { state } = this.#options.debug;
    const program = programOf(state);
    if (program === undefined || state.request === undefined || !this.#options.interactive) return [];
    const after = await readSource(state.request);
    const { signal } = new AbortController();
    return await editLines(
      splitLines(ownText(program)),
      after === undefined ? undefined : splitLines(after),
      { of: program, signal },
    );
  }

  /** Somebody who types is asked; a script is told. */
  async #ask({ title, about, lost }: LossQuestion): Promise<boolean> {
    const { interactive, ask, transcript } = this.#options;
    const words = lost.map(visibleLine).join(" ");
    if (!interactive) {
      transcript.say(words);
      return true;
    }
    for (const line of about) transcript.say(visibleLine(line));
    return await ask(`${words} ${title} (y/n) `);
  }
}
