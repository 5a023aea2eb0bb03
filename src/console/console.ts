/** Performs what a person asks for, as far as it is about no screen: runs, reruns, build input, breakpoints, failures. */
import { BktuiError } from "../base/errors.ts";
import type { Command, Debugger } from "../debugger/debugger.ts";
import { type WhichFailure, wantedFailure } from "../debugger/failures/failures.ts";
import { type CacheConflict, cacheConflicts } from "../debugger/shells/caches.ts";
import { cacheBrokeAt, programOf, runningEdges } from "../debugger/state/inspect.ts";
import { programsOf } from "../debugger/state/threads.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { BreakpointCommands } from "./breakpoint-commands.ts";
import type { Surroundings } from "./build-options.ts";
import { takeFromOthers } from "./losses.ts";
import { NextBuild } from "./next-build.ts";

/** What the front end does for it. */
export interface ConsolePort {
  /** Tells why a command was refused. */
  refused(kind: Command["kind"], error: unknown): void;
  /** Ends shells that hold caches which a command needs; false = they are to stay. */
  releaseCaches(conflicts: readonly CacheConflict[], command: Command): Promise<boolean>;
  /** Whether a rerun may end what stands open; true at once when nothing would be lost. */
  mayRerun(): true | Promise<boolean>;
  /** Called right before the engine reads the files anew. */
  beforeOpen(): void;
}

export interface ConsoleOptions {
  readonly debug: Debugger;
  /** As the program was started. */
  readonly request: BuildRequest;
  /** What typed paths and variables refer to. */
  readonly surroundings: Surroundings;
  /** Where several front ends have one debugger: what the next build is asked for by all of them. */
  readonly next?: NextBuild;
  readonly port: ConsolePort;
}

/** Whether a command was taken; known at once unless something is asked or ended before. */
export type Given = boolean | Promise<boolean>;

interface Rerun {
  /** Stops before the same instruction again, else at the start. */
  readonly here: boolean;
  /** Not to the start, but on to the first breakpoint. */
  readonly run?: boolean;
  /** undefined = as the last one, with what was given since. */
  readonly request?: BuildRequest;
}

/** One for each debugger and front end; waits for one answer at a time, and gives nothing to the debugger meanwhile. */
export class Console {
  readonly breakpoints: BreakpointCommands;
  readonly next: NextBuild;
  readonly #debug: Debugger;
  readonly #port: ConsolePort;
  /** A command waits for shells to end, or for the answer whether they may. */
  #isWaiting = false;

  constructor({ debug, request, surroundings, port, next }: ConsoleOptions) {
    this.#debug = debug;
    this.#port = port;
    this.breakpoints = new BreakpointCommands(debug);
    this.next = next ?? new NextBuild({ debug, asked: request, surroundings });
  }

  /**
   * Gives a command to the debugger, at once when no shell is in its way; else shells that hold a cache which a step on
   * the way needs are ended first. False when it was refused, or the shells are to stay.
   */
  give(command: Command): Given {
    if (this.#isWaiting) return false;
    const conflicts = cacheConflicts(this.#debug.state, command, this.#debug.heldCaches);
    if (conflicts.length === 0) return this.#dispatch(command);
    const free = this.#waitFor(this.#release(conflicts, command));
    return free.then((isFree) => isFree && this.#dispatch(command));
  }

  /** Stops before the next step. */
  pause(): Given {
    const programs = programsOf(this.#debug.state);
    const running = programs.flatMap((program) => runningEdges(program, this.#debug.progress));
    if (programs.length > 0) return this.give({ kind: "pause", running });
    this.#port.refused("pause", new BktuiError("not-now", "nothing is loaded"));
    return false;
  }

  /** Asks first when something would be lost. */
  rerun(rerun: Rerun): Given {
    if (this.#isWaiting) return false;
    const may = this.#port.mayRerun();
    if (may === true) return this.#rerunNow(rerun);
    return this.#waitFor(may).then((isFree) => isFree && this.#rerunNow(rerun));
  }

  /** Stands at another step that failed in parallel. @throws {BktuiError} when there is none, or not now. */
  showFailure(which: WhichFailure): void {
    const { state, progress } = this.#debug;
    this.#debug.dispatch({ kind: "show-failure", step: wantedFailure(state, progress, which) });
  }

  /** Names the first step of a rerun that was not in the cache; undefined when all were. Untrusted text. */
  cacheBreak(): string | undefined {
    const program = programOf(this.#debug.state);
    const step = program === undefined ? undefined : cacheBrokeAt(program, this.#debug.progress);
    return step === undefined ? undefined : `cache broke at step ${step.id + 1}: ${step.text}`;
  }

  /** What the front end does not know of is another one's: the step would wait for it for ever. */
  async #release(conflicts: readonly CacheConflict[], command: Command): Promise<boolean> {
    if (!(await this.#port.releaseCaches(conflicts, command))) return false;
    await takeFromOthers(cacheConflicts(this.#debug.state, command, this.#debug.heldCaches));
    return true;
  }

  #dispatch(command: Command): boolean {
    try {
      this.#debug.dispatch(command);
      return true;
    } catch (error) {
      this.#port.refused(command.kind, error);
      return false;
    }
  }

  #rerunNow({ here, run, request = this.next.request }: Rerun): Given {
    this.#port.beforeOpen();
    const command = { kind: "rerun", here: here || this.#reconnects(request), request } as const;
    const given = this.give(run === undefined ? command : { ...command, run });
    const noted = (taken: boolean): boolean => {
      if (taken) this.next.begun();
      return taken;
    };
    return typeof given === "boolean" ? noted(given) : given.then(noted);
  }

  /** A connection is made again in order to go on with the same build where it stood. */
  #reconnects(request: BuildRequest): boolean {
    const { state } = this.#debug;
    return state.request === request && (state.phase.kind === "lost" || state.engineSilent);
  }

  async #waitFor(answer: Promise<boolean>): Promise<boolean> {
    this.#isWaiting = true;
    try {
      return await answer;
    } finally {
      this.#isWaiting = false;
    }
  }
}
