/** `exec` and `shell -c` in the line mode: a program in a state, its output and its exit code. */
import { toBktuiError } from "../../base/errors.ts";
import type { LineCommand } from "../../console/read-command.ts";
import type { Debugger, DebugState } from "../../debugger/debugger.ts";
import { oneCommandProgram } from "../../debugger/shells/environment-facts.ts";
import { ENVIRONMENT_MS } from "../../debugger/shells/environments.ts";
import type { ShellTarget } from "../../debugger/shells/open-state.ts";
import type { PlainShells } from "./line-shells.ts";
import type { LookCommands } from "./look-commands.ts";

type ProgramCommand = Extract<LineCommand, { readonly id: "run-program" | "shell-command" }>;

export interface LineProgramsOptions {
  readonly debug: Pick<Debugger, "environment" | "state">;
  readonly shells: Pick<PlainShells, "run">;
  readonly look: Pick<LookCommands, "shellTarget" | "placeOf">;
  /** Gets one harmless line. */
  say(line: string): void;
  /** Gets why something is not done. */
  refuse(line: string): void;
}

/** Runs programs without anybody typing into them; one thing at a time that Ctrl-C gives up. */
export class LinePrograms {
  readonly #options: LineProgramsOptions;
  #running: AbortController | undefined;
  #last: { readonly code: number | undefined; readonly state: DebugState } | undefined;

  constructor(options: LineProgramsOptions) {
    this.#options = options;
  }

  /** @throws {BktuiError} with why it does not run here. */
  async run(command: ProgramCommand): Promise<void> {
    const { look, say, refuse, debug } = this.#options;
    if (command.id === "run-program" && command.args.length === 0) {
      refuse("exec: a program is missing, e.g. exec /bin/ls -l /etc");
      return;
    }
    const target = look.shellTarget(command.id === "run-program" ? undefined : command.step, false);
    if (target === undefined) return;
    const program = command.id === "run-program" ? command.args : await this.#inShell(target, command.text);
    const code = await this.during((stop) =>
      this.#options.shells.run(target, program, { say, signal: stop.signal }),
    );
    this.#last = { code, state: debug.state };
    const what = command.id === "run-program" ? "program" : "command";
    say(endedWords(code, what, look.placeOf(target)));
  }

  /** Of the last program that ran where the build stands; undefined = none has. */
  get exitCode(): number | undefined {
    const { stops, attempt, shown } = this.#options.debug.state;
    const { code, state } = this.#last ?? {};
    const isHere = state?.stops === stops && state.attempt === attempt && state.shown === shown;
    return isHere ? code : undefined;
  }

  /** Ctrl-C ends what is done by its signal. */
  async during<T>(work: (stop: AbortController) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    this.#running = stop;
    try {
      return await work(stop);
    } finally {
      this.#running = undefined;
    }
  }

  /** Gives up what runs; false when there is nothing. */
  interrupt(reason: unknown): boolean {
    this.#running?.abort(toBktuiError(reason, "cancelled"));
    return this.#running !== undefined;
  }

  async #inShell({ step, side }: ShellTarget, text: string): Promise<readonly string[]> {
    const signal = AbortSignal.timeout(ENVIRONMENT_MS);
    return oneCommandProgram(await this.#options.debug.environment(step.id, side, { signal }), text);
  }
}

function endedWords(code: number | undefined, what: string, place: string): string {
  return code === undefined
    ? `the ${what} on ${place} ended: the engine released this state`
    : `the ${what} on ${place} exited with ${code}`;
}
