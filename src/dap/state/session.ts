/** One client and the build that it debugs: what its requests are answered from. */
import { setImmediate as turn } from "node:timers/promises";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { BktuiError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import type { Command, Debugger } from "../../debugger/debugger.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import type { Line } from "../../graph/graph.ts";
import type { Program, StepId } from "../../graph/program.ts";
import type { DapBuild, DapHost } from "../host.ts";
import type { Branch, FilePlace } from "../values/branch.ts";
import { Looked } from "../values/looked.ts";
import type { Connection } from "../wire/connection.ts";
import { type ClientFacts, factsOf, toClientLine } from "./client.ts";
import { ExceptionWishes } from "./exceptions.ts";
import { Handles } from "./handles.ts";
import { Sources } from "./sources.ts";
import { type ThreadView, threadNumbered } from "./threads.ts";
import { BreakpointWishes } from "./wishes.ts";

/** "fresh": before `initialize`. "open": a build is there, and the client sets it up. "live": it has been launched. */
export type SessionPhase = "fresh" | "ready" | "opening" | "open" | "live" | "over";

/** A place in the stack of a thread. */
export interface Frame {
  readonly thread: number;
  readonly step: StepId;
  /** The step that is stood at, or one that waits for its stage. */
  readonly kind: "here" | "waiting";
  /** 0 = the step that is stood at. */
  readonly depth: number;
}

export interface SessionOptions {
  readonly host: DapHost;
  readonly connection: Connection;
}

type After = (work: () => void) => void;

const NO_CLIENT: ClientFacts = factsOf({});

/** Mutable, as a session is; requests read it and change it through its methods. */
export class Session {
  readonly host: DapHost;
  readonly connection: Connection;
  readonly frames = new Handles<Frame>();
  /** What can be unfolded, until the build moves on. */
  readonly branches = new Handles<Branch>();
  /** Files that clients read as memory, until the build moves on. */
  readonly memories = new Handles<FilePlace>();
  /** Lines of the program where something was said, until the build moves on. */
  readonly locations = new Handles<Line>();
  readonly looked = new Looked();
  /** Build arguments that the client has set: they hold for every build from the next one on. */
  readonly argumentsSet = new Map<string, string>();
  /** Where `goto` and `stepIn` may lead. */
  readonly targets = new Handles<Command>();
  /** Ends with the session. */
  readonly owned = new Scope();
  readonly breakpoints: BreakpointWishes;
  readonly exceptions: ExceptionWishes;
  client = NO_CLIENT;
  phase: SessionPhase = "fresh";
  /** The client leaves failures and breakpoints alone. */
  noDebug = false;
  /** Fires when the client has left. */
  readonly left = new AbortController();
  /** The client said that its breakpoints are set, before the build was there. */
  isConfigured = false;
  /** Called when all motions are answered. */
  onMoved: () => void = () => undefined;
  #moves = 0;
  #build: DapBuild | undefined;
  #sources: { readonly program: Program | undefined; readonly value: Sources } | undefined;

  constructor({ host, connection }: SessionOptions) {
    this.host = host;
    this.connection = connection;
    this.breakpoints = new BreakpointWishes(this);
    this.exceptions = new ExceptionWishes(this);
  }

  /** @throws {BktuiError} "not-now" before a launch. */
  get build(): DapBuild {
    if (this.#build !== undefined) return this.#build;
    throw new BktuiError("not-now", "no build is debugged yet", { hint: "Send launch or attach first." });
  }

  get hasBuild(): boolean {
    return this.#build !== undefined;
  }

  get debug(): Debugger {
    return this.build.debug;
  }

  set opened(build: DapBuild | undefined) {
    this.#build = build;
    this.#sources = undefined;
  }

  /** Of the build as it is loaded now. */
  get sources(): Sources {
    const { debug, request } = this.build;
    const program = programOf(debug.state);
    if (this.#sources === undefined || this.#sources.program !== program) {
      const masked = (text: string): string => this.build.masked(text);
      const now = debug.state.request ?? request;
      const value = new Sources({ request: now, program, client: this.client, masked });
      this.#sources = { program, value };
    }
    return this.#sources.value;
  }

  /** @throws {BktuiError} "not-found". */
  thread(number: number): ThreadView {
    return threadNumbered(this.debug.state, number);
  }

  /** @throws {BktuiError} "not-found" when the build has moved on since. */
  frame(id: number): Frame {
    const frame = this.frames.get(id);
    if (frame !== undefined) return frame;
    throw new BktuiError("not-found", `there is no frame ${id} now`, {
      hint: "The build has moved on: ask for the stack again.",
    });
  }

  /** What clients know by numbers of the stop before: none of it is there any more. */
  forgetStop(): void {
    const { frames, branches, memories, locations, targets } = this;
    for (const handles of [frames, branches, memories, locations, targets]) handles.forget();
  }

  /** Where a line of the program is, as the client counts. */
  place(line: Line): { readonly source: DebugProtocol.Source; readonly line: number } {
    const at = this.sources.at(line);
    const { checksums: _, ...source } = at.source;
    return { source, line: toClientLine(at.line, this.client) };
  }

  /** Gives a command of one thread. @throws {BktuiError} with why it is refused. */
  async give(thread: number | undefined, command: Command, after: After): Promise<void> {
    if (thread !== undefined) this.show(thread);
    await this.moving((commands) => commands.give(command), after);
  }

  /**
   * Clients take an answer for the sign that the build runs, so where it stops is told behind it; that it runs is not told
   * beside it. @throws {BktuiError} with why it is refused.
   */
  async moving(ask: Parameters<DapBuild["console"]["give"]>[0], after: After): Promise<void> {
    this.#moves += 1;
    const settle = (): void => {
      this.#moves -= 1;
      if (this.#moves === 0) this.onMoved();
    };
    try {
      await this.build.console.give(ask);
    } catch (error) {
      settle();
      throw error;
    }
    // The answer is written while the engine works, not before it has been asked.
    await turn();
    after(settle);
  }

  /** A motion of the client is not answered yet. */
  get isMoving(): boolean {
    return this.#moves > 0;
  }

  /** The client has had enough of a progress that it was told of. */
  cancelProgress(_progressId: string): void {
    if (this.hasBuild && this.debug.whyNot("pause") === undefined)
      void this.build.console.give((commands) => commands.pause()).catch(() => undefined);
  }

  /** What commands without a thread are about. @throws {BktuiError} "not-found". */
  show(thread: number): void {
    const { id, platform } = this.thread(thread);
    if (platform !== undefined && this.debug.state.shown !== id) this.debug.dispatch({ kind: "thread", id });
  }
}
