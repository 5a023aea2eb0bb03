/** Performs the commands of the line mode. */
import { visibleLine } from "../../base/visible.ts";
import type { LineCommand } from "../../console/read-command.ts";
import type { Command, Debugger } from "../../debugger/debugger.ts";
import { programOf, runningEdges } from "../../debugger/state/inspect.ts";
import type { BuildRequest } from "../../engine/engine.ts";
import type { EngineContact } from "./engine-contact.ts";
import { helpLines } from "./help-lines.ts";
import type { Look } from "./look-commands.ts";
import type { ShellVisits, VisitWish } from "./shell-use.ts";

export interface LineCommandsOptions {
  readonly debug: Debugger;
  /** As the program was started. */
  readonly request: BuildRequest;
  readonly look: Look;
  readonly visits: ShellVisits;
  readonly contact: EngineContact;
  /** Gets one harmless line. */
  say(line: string): void;
  /** What is known about the last error. */
  errorLines(): readonly string[];
  /** Says again where the build stands. */
  tellAgain(): void;
  quit(): Promise<void>;
}

export class LineCommands {
  readonly #options: LineCommandsOptions;
  readonly #debug: Debugger;

  constructor(options: LineCommandsOptions) {
    this.#options = options;
    this.#debug = options.debug;
  }

  /** @throws {BktuiError} with why it cannot be done. */
  async obey(command: LineCommand): Promise<void> {
    const { look, visits, contact } = this.#options;
    switch (command.id) {
      case "next":
      case "into":
      case "finish":
      case "continue":
      case "cancel":
        return await this.#dispatch({ kind: command.id });
      case "run-to": {
        const { line, nth } = command;
        if (line === undefined) return this.#options.say("to: a line is missing, e.g. to 12");
        return await this.#dispatch({ kind: "run-to", line, ...(nth === undefined ? {} : { nth }) });
      }
      case "pause":
        return this.pause();
      case "rerun":
        return await this.#rerun({ kind: "rerun", here: true });
      case "rerun-start":
        return await this.#rerun({ kind: "rerun", here: false });
      case "reconnect":
        return contact.reconnect();
      case "target":
        return await this.#target(command.stage);
      case "here":
        return this.#options.tellAgain();
      case "shell":
      case "shell-new":
      case "shell-restart":
      case "shell-retry":
      case "debug-shell":
        return await visits.visit(visitOf(command));
      case "error":
        return this.#all(this.#options.errorLines());
      case "help":
        return this.#all(helpLines(command.about));
      case "quit":
        return await this.#options.quit();
      default:
        return await look.at(command);
    }
  }

  pause(): void {
    const program = programOf(this.#debug.state);
    const why = this.#debug.whyNot("pause");
    if (program === undefined || why !== undefined) {
      this.#options.say(`pause: ${why ?? "nothing is loaded"}`);
      return;
    }
    this.#debug.dispatch({ kind: "pause", running: runningEdges(program, this.#debug.progress) });
    this.#options.say("will pause before the next step; Ctrl-C again or cancel cancels the running one");
  }

  /** Says why when it cannot be given. */
  give(command: Command): void {
    const why = this.#debug.whyNot(command.kind);
    if (why === undefined) this.#debug.dispatch(command);
    else this.#options.say(`${command.kind}: ${why}`);
  }

  #all(lines: readonly string[]): void {
    for (const line of lines) this.#options.say(line);
  }

  /** Ends shells that stand in its way first. */
  async #dispatch(command: Command): Promise<void> {
    if (await this.#options.visits.makeWay(command)) this.give(command);
  }

  async #rerun(command: Command): Promise<void> {
    if (await this.#options.visits.endAll("Rerun?")) this.give(command);
  }

  async #target(stage: string | undefined): Promise<void> {
    if (stage === undefined) {
      const names = (programOf(this.#debug.state)?.stages ?? []).map(({ name }) => visibleLine(name));
      this.#options.say(`target: a stage is missing; there are ${names.join(", ")}`);
      return;
    }
    const request = { ...(this.#debug.state.request ?? this.#options.request), target: stage };
    await this.#rerun({ kind: "rerun", here: false, request });
  }
}

type ShellCommand = Extract<
  LineCommand,
  { readonly id: "shell" | "shell-new" | "shell-restart" | "shell-retry" | "debug-shell" }
>;

function visitOf({ id, step }: ShellCommand): VisitWish {
  const how = id === "shell-new" ? "new" : id === "shell-restart" ? "clean" : "return";
  return { step, how, debugRoot: id === "debug-shell", retry: id === "shell-retry" };
}
