/** Performs the commands of the line mode. */
import { type BktuiError, toBktuiError, unreachable } from "../../base/errors.ts";
import { visibleLine, visibleText } from "../../base/visible.ts";
import type { Attempts } from "../../console/attempts.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { Console } from "../../console/console.ts";
import { expectationWords, isEnd, unmet } from "../../console/expectations/check-expectation.ts";
import type { Expectation } from "../../console/expectations/read-expectation.ts";
import { namedThread } from "../../console/named-thread.ts";
import { BEHIND, isBehindByRule } from "../../console/phrases/breakpoint-why.ts";
import { errorWords } from "../../console/phrases/remedy-words.ts";
import { threadLines } from "../../console/phrases/thread-words.ts";
import type { LineCommand } from "../../console/read-command.ts";
import { type EditorDoor, editorsWords } from "../../console/serving.ts";
import { namedStep } from "../../console/step-names.ts";
import { type BreakCommand, isBreak, performBreak } from "../../console/typed-breakpoints.ts";
import { catchText } from "../../debugger/breakpoints/catches.ts";
import type { Command, Debugger } from "../../debugger/debugger.ts";
import type { Explanation } from "../../debugger/explain/explanation.ts";
import type { BuildInputOption } from "../../debugger/remedies.ts";
import { programOf, stopOf } from "../../debugger/state/inspect.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { breakLine } from "./describe.ts";
import type { EngineContact } from "./engine-contact.ts";
import { bundleByLine, exportByLine } from "./export-line.ts";
import { helpLines } from "./help-lines.ts";
import { LinePrograms } from "./line-programs.ts";
import type { PlainShells } from "./line-shells.ts";
import type { LookCommands } from "./look-commands.ts";
import type { ShellRequest, ShellUse } from "./shell-use.ts";

export interface LineCommandsOptions {
  readonly debug: Debugger;
  /** As the program was started. */
  readonly request: BuildRequest;
  /** What typed paths and variables refer to. */
  readonly surroundings: Surroundings;
  readonly attempts: Attempts;
  readonly look: LookCommands;
  readonly shells: PlainShells;
  readonly shellUse: ShellUse;
  readonly contact: EngineContact;
  /** Gets one harmless line. */
  say(line: string): void;
  /** Gets why something is not done. */
  refuse(line: string): void;
  /** What the last command that is no `expect` has said. */
  said(): readonly string[];
  /** The build was expected to stand where it does. */
  expected(): void;
  /** Of the failure that is stood at. */
  explanation(): Explanation | undefined;
  /** What is known about the last error. */
  errorLines(): readonly string[];
  /** Says again where the build stands. */
  tellAgain(): void;
  /** Undefined = no editor can attach here. */
  readonly editors: EditorDoor | undefined;
  quit(): Promise<void>;
  /** Tells of an error. */
  fail(error: BktuiError): void;
}

/** A file may have to be read through a container that runs the failed command once more. */
const EXPECT_MS = 120_000;

/** Performs the commands of the line mode, one at a time. */
export class LineCommands {
  readonly #options: LineCommandsOptions;
  readonly #debug: Debugger;
  readonly #console: Console;
  readonly #programs: LinePrograms;

  constructor(options: LineCommandsOptions) {
    this.#options = options;
    this.#debug = options.debug;
    this.#programs = new LinePrograms(options);
    const { shellUse, debug, request, surroundings } = options;
    this.#console = new Console({
      debug,
      request,
      surroundings,
      port: {
        refused: (kind, error) => this.#refused(kind, toBktuiError(error)),
        releaseCaches: (_conflicts, command) => shellUse.releaseCaches(command),
        mayRerun: () => shellUse.mayRerun(),
        beforeOpen: () => undefined,
      },
    });
  }

  /** @throws {BktuiError} with why it cannot be done. */
  async obey(command: LineCommand): Promise<void> {
    const { look, shellUse, contact } = this.#options;
    switch (command.id) {
      case "next":
      case "into":
      case "finish":
      case "continue":
      case "keep-going":
      case "reverse-continue":
      case "step-back":
        await this.#console.give({ kind: command.id === "step-back" ? "back" : command.id });
        return;
      case "run-to":
      case "goto":
        return await this.#toLine(command);
      case "pause":
        return await this.pause();
      case "cancel":
        return await this.cancel();
      case "reconnect":
        // It ends shells that a silent engine may still have.
        if (!contact.isAway || (await shellUse.mayRerun())) contact.reconnect();
        return;
      case "here":
        return this.#options.tellAgain();
      case "shell":
      case "shell-new":
      case "shell-restart":
      case "shell-retry":
      case "debug-shell":
        return await shellUse.use(shellRequestOf(command));
      case "expect":
        return await this.#expect(command.expectation);
      case "dap":
        return this.#options.say(await editorsWords(this.#options.editors, command.where));
      case "error":
        return this.#all(this.#options.errorLines());
      case "help":
        return this.#all(helpLines(command.about));
      case "quit":
        return await this.#options.quit();
      case "thread":
        return await this.#thread(command.which);
      case "failure-next":
      case "failure-previous":
        return this.#failure(command);
      case "run-program":
      case "shell-command":
        return await this.#programs.run(command);
      case "export":
      case "bundle":
        return await this.#export(command);
      case "open-sought":
        return await look.sought(this.#options.explanation()?.searched);
      default:
        if (isBreak(command)) return this.#all(this.#break(command));
        return isRerun(command) ? await this.#rerun(command) : await look.at(command);
    }
  }

  async #expect(expectation: Expectation): Promise<void> {
    const { look, said, say, refuse, expected } = this.#options;
    const { exitCode } = this.#programs;
    const expecting = { debug: this.#debug, shown: look.shown, output: said(), exitCode };
    const signal = AbortSignal.timeout(EXPECT_MS);
    const why = await unmet(expectation, expecting, { signal });
    if (why !== undefined) {
      refuse(`expected ${expectationWords(expectation)}, but ${why}`);
      return;
    }
    if (isEnd(expectation, expecting)) expected();
    say("as expected");
  }

  async #rerun(command: RerunCommand): Promise<void> {
    const { next } = this.#console;
    switch (command.id) {
      case "rerun":
      case "rerun-start":
        await this.#console.rerun({ here: command.id === "rerun" });
        return;
      case "rerun-no-cache":
        await this.#console.rerun({ here: false, request: next.withoutCache });
        return;
      case "rerun-options":
        return this.#all(this.#rerunOptions());
      case "attempts":
        return this.#all(this.#options.attempts.lines().map(visibleText));
      case "target":
        return await this.#target(command.stage);
      case "secret":
      case "ssh":
      case "allow":
      case "build-arg":
        return this.#give(command.id, command.text);
      case "arg":
        await this.#console.rerun({
          here: false,
          request: next.withArgument(command.name, command.value),
        });
        return;
      default:
        unreachable(command);
    }
  }

  #failure(command: Extract<LineCommand, { readonly id: "failure-next" | "failure-previous" }>): void {
    const name = command.id === "failure-next" ? command.step : undefined;
    const other = command.id === "failure-next" ? "next" : "previous";
    this.#console.showFailure(name === undefined ? other : { number: namedStep(this.#debug, name).id + 1 });
  }

  #refused(kind: Command["kind"], error: BktuiError): void {
    if (error.code === "not-now") this.#options.refuse(`${kind}: ${visibleLine(errorWords(error))}`);
    else this.#options.fail(error);
  }

  /** Also for Ctrl-C. */
  async pause(): Promise<void> {
    if (await this.#console.pause())
      this.#options.say("will pause before the next step; Ctrl-C again or cancel cancels the running one");
  }

  /** Also for Ctrl-C. */
  async cancel(): Promise<void> {
    await this.#console.give({ kind: "cancel" });
  }

  /** Untrusted text. */
  cacheBreak(): string | undefined {
    return this.#console.cacheBreak();
  }

  #all(lines: readonly string[]): void {
    for (const line of lines) this.#options.say(line);
  }

  async #toLine({ id, line, nth }: Extract<LineCommand, { readonly id: "run-to" | "goto" }>): Promise<void> {
    const name = id === "goto" ? id : "to";
    if (line === undefined) this.#options.refuse(`${name}: a line is missing, e.g. ${name} 12`);
    else await this.#console.give({ kind: id, line, ...(nth === undefined ? {} : { nth }) });
  }

  async #target(stage: string | undefined): Promise<void> {
    if (stage === undefined) {
      const names = (programOf(this.#debug.state)?.stages ?? []).map(({ name }) => visibleLine(name));
      this.#options.refuse(`target: a stage is missing; there are ${names.join(", ")}`);
      return;
    }
    await this.#console.rerun({ here: false, request: this.#console.next.withTarget(stage) });
  }

  async #thread(which: string | undefined): Promise<void> {
    const { state } = this.#debug;
    if (which !== undefined || state.threads.length === 0)
      await this.#console.give({ kind: "thread", id: namedThread(state, which ?? "next") });
    else this.#all(threadLines(state).map(visibleText));
  }

  #give(option: BuildInputOption, text: string): void {
    this.#console.next.give(option, text);
    this.#options.say("given to the next build: rerun runs it");
  }

  async #export(command: Extract<LineCommand, { readonly id: "export" | "bundle" }>): Promise<void> {
    const { look, shells, say, surroundings } = this.#options;
    const parts = { debug: this.#debug, look, states: shells.states.all, say, surroundings };
    await this.#programs.during((stop) =>
      command.id === "bundle"
        ? bundleByLine(parts, command.words, stop)
        : exportByLine(parts, command.step, command.words, stop),
    );
  }

  /** What Ctrl-C ends, as a program that `exec` runs. */
  async during(work: (stop: { readonly signal: AbortSignal }) => Promise<void>): Promise<void> {
    await this.#programs.during(({ signal }) => work({ signal }));
  }

  /** Gives up the program that `exec` runs, or an export; false when there is none. */
  interrupt(reason: unknown): boolean {
    return this.#programs.interrupt(reason);
  }

  /** What a rerun can be given, with what it has now. */
  #rerunOptions(): readonly string[] {
    const { buildArgs } = this.#console.next.request;
    return [
      "restart: from the start",
      "no-cache: without the cache",
      "target STAGE: another target",
      "arg NAME=VALUE: with a build argument",
      ...Object.keys(buildArgs).map((name) => `arg ${visibleLine(name)}: without that argument`),
      "secret, ssh, allow: with a secret, an ssh agent, an entitlement; then rerun",
    ];
  }

  /** Answers what there is to say of it. */
  #break(command: BreakCommand): readonly string[] {
    const outcome = performBreak(this.#console.breakpoints, this.#debug, command);
    const stage = stopOf(this.#debug.state)?.stage ?? "";
    switch (outcome.kind) {
      case "set":
        return [
          `breakpoint ${breakLine(outcome.breakpoint, programOf(this.#debug.state))}`,
          ...(isBehindByRule(outcome.breakpoint) ? [BEHIND] : []),
        ];
      case "why":
        return outcome.why.map(visibleLine);
      case "catch":
        return [visibleLine(`failures that stop: ${catchText(outcome.filters)}`)];
      case "all-deleted":
        return ["no breakpoints"];
      case "deleted":
        return command.id === "break-stage-end"
          ? [`no breakpoint at the end of stage ${visibleLine(stage)} any more`]
          : [];
      case "nothing":
        return command.id === "break-undo" ? ["undo: no breakpoint was deleted"] : [];
      case "on":
      case "off":
        return [];
      default:
        return unreachable(outcome);
    }
  }
}

const RERUNS = [
  "rerun",
  "rerun-start",
  "rerun-no-cache",
  "rerun-options",
  "attempts",
  "target",
  "secret",
  "ssh",
  "allow",
  "build-arg",
  "arg",
] as const;

/** What starts the build over, and what it is given then. */
type RerunCommand = Extract<LineCommand, { readonly id: (typeof RERUNS)[number] }>;

function isRerun(command: LineCommand): command is RerunCommand {
  return RERUNS.some((id) => id === command.id);
}

type ShellCommand = Extract<
  LineCommand,
  { readonly id: "shell" | "shell-new" | "shell-restart" | "shell-retry" | "debug-shell" }
>;

function shellRequestOf({ id, step }: ShellCommand): ShellRequest {
  const how = id === "shell-new" ? "new" : id === "shell-restart" ? "clean" : "return";
  return { step, how, debugRoot: id === "debug-shell", retry: id === "shell-retry" };
}
