/** Drives reduce() by hand: gives commands, answers effects, and says where the build stands in a few words. */

import type { BktuiError } from "../../src/base/errors.ts";
import { PLAIN_BUILD } from "../../src/cli/options/plain-build.ts";
import type { Breakpoint, RuleAnswer } from "../../src/debugger/breakpoint.ts";
import type { Command, DebugState, Effect, Outcome } from "../../src/debugger/debugger.ts";
import { initialState, reduce } from "../../src/debugger/stepping/reduce.ts";
import type { BuildRequest } from "../../src/engine/build-request.ts";
import { fromDockerfile } from "../../src/engine/build-sources.ts";
import { type FailedStates, SolveFailed } from "../../src/engine/failures.ts";
import { lineOf } from "../../src/graph/graph.ts";
import type { Program } from "../../src/graph/program.ts";
import { digestOf } from "./graphs.ts";

export const REQUEST: BuildRequest = {
  source: fromDockerfile("/src", "/src/Dockerfile"),
  ...PLAIN_BUILD,
};

type PlainCommand =
  | "next"
  | "into"
  | "finish"
  | "continue"
  | "pause"
  | "cancel"
  | "keep-going"
  | "make-base"
  | "back"
  | "reverse-continue"
  | "rerun"
  | "quit";

/** A failed command: exit 1, with states unless told otherwise. */
export function failureOf(id: string | undefined, facts: Partial<SolveFailed> = {}): SolveFailed {
  const states: FailedStates = { inputIds: ["i"], mountIds: ["m"], subject: "exec", index: 0 };
  return new SolveFailed(`${id} failed`, {
    vertex: id === undefined ? undefined : digestOf(id),
    exitCode: 1,
    ranges: [],
    states,
    ...facts,
  });
}

export class DebugDriver {
  state: DebugState = initialState;
  /** Of the last input. */
  effects: readonly Effect[] = [];

  /** Launches and answers with the program. */
  static launched(
    program: Program,
    options: { readonly run?: true; readonly lines?: readonly number[] } = {},
  ): DebugDriver {
    const driver = new DebugDriver();
    for (const line of options.lines ?? []) driver.breakAt(line);
    driver.give({ kind: "launch", request: REQUEST, stopOnEntry: options.run !== true });
    driver.opened(program);
    return driver;
  }

  give(command: Command | PlainCommand): this {
    return this.apply(typeof command === "string" ? plainCommand(command) : command);
  }

  runTo(line: number): this {
    return this.apply({ kind: "run-to", line: lineOf(line) });
  }

  goTo(line: number): this {
    return this.apply({ kind: "goto", line: lineOf(line) });
  }

  breakAt(line: number): this {
    return this.apply({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(line) } });
  }

  opened(program: Program): this {
    return this.apply({ kind: "opened", token: this.token, program });
  }

  /** Answers the solve under way, if there is one. */
  solved(completed: readonly string[] = []): this {
    if (this.state.phase.kind !== "running") return this;
    return this.apply({ kind: "solved", token: this.token, completed: completed.map(digestOf) });
  }

  /** Answers what the rules of breakpoints ask for, each question by its kind and path: "file /etc/motd", "environment". */
  asked(answers: Readonly<Record<string, RuleAnswer>>): this {
    const { phase } = this.state;
    const questions = phase.kind === "running" ? (phase.asking ?? []) : [];
    const given = questions.map((question): RuleAnswer => {
      const key = "path" in question ? `${question.kind} ${question.path}` : question.kind;
      return answers[key] ?? { kind: "unknown", why: `nobody answers ${key}` };
    });
    return this.apply({ kind: "asked", token: this.token, answers: given });
  }

  failed(failure: SolveFailed, completed: readonly string[] = []): this {
    return this.apply({
      kind: "solve-failed",
      token: this.token,
      failure,
      completed: completed.map(digestOf),
    });
  }

  cancelled(completed: readonly string[] = []): this {
    return this.apply({ kind: "cancelled", token: this.token, completed: completed.map(digestOf) });
  }

  broken(error: BktuiError): this {
    return this.apply({ kind: "solve-broken", token: this.token, error });
  }

  apply(input: Command | Outcome): this {
    const { state, effects } = reduce(this.state, input);
    this.state = state;
    this.effects = effects;
    return this;
  }

  /** Message of the refusal; fails when the command is taken. */
  refusal(command: Command | PlainCommand): string {
    const before = this.state;
    try {
      this.give(command);
    } catch (error) {
      if (this.state !== before) throw new Error("a refused command changed the state");
      return error instanceof Error ? error.message : String(error);
    }
    throw new Error("the command was taken");
  }

  get token(): number {
    if ("token" in this.state.phase) return this.state.phase.token;
    throw new Error(`nothing is under way: ${this.state.phase.kind}`);
  }

  /** E.g. "paused before 9 (step)", "paused end of app (breakpoint)", "running to before 9", "finished". */
  get where(): string {
    const { phase } = this.state;
    switch (phase.kind) {
      case "paused":
        return `paused ${this.#stop(phase.execution.program, phase.at)} (${phase.reason.kind})`;
      case "running": {
        const { goal, execution, asking } = phase;
        if (asking !== undefined) return `asking ${asking.map(({ kind }) => kind).join(", ")}`;
        const to = goal.stop === undefined ? "the end" : this.#stop(execution.program, goal.stop.at);
        return `running to ${to}`;
      }
      default:
        return phase.kind;
    }
  }

  breakpoint(index = 0): Breakpoint {
    const found = this.state.breakpoints[index];
    if (found === undefined) throw new Error(`there is no breakpoint ${index}`);
    return found;
  }

  #stop(program: Program, id: number): string {
    const stop = program.stops[id];
    return stop?.kind === "end" ? `end of ${stop.stage}` : `before ${stop?.line}`;
  }
}

function plainCommand(kind: PlainCommand): Command {
  switch (kind) {
    case "pause":
      return { kind, running: [] };
    case "rerun":
      return { kind, here: true };
    default:
      return { kind };
  }
}
