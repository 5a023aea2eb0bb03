/** Performs the effects of reduce(), holds what is alive and reports back. The only I/O of the debugger. */
import { BktuiError, throwIfCancelled, toBktuiError, unreachable } from "../base/errors.ts";
import type {
  Build,
  Container,
  ContainerOptions,
  Engine,
  EngineInfo,
  FileEntry,
  FilePart,
  Progress,
  StateSide,
  StepEnvironment,
} from "../engine/engine.ts";
import { SolveFailed } from "../engine/failures.ts";
import { cutsOf } from "../graph/cuts.ts";
import type { Vertex } from "../graph/graph.ts";
import type { Step, StepId } from "../graph/program.ts";
import { unionOf } from "../graph/union.ts";
import type { HeldCaches } from "./cache-use.ts";
import type { Command, Debugger, DebugState, Effect, Outcome, StateChanges, Token } from "./debugger.ts";
import { answerTo, cachesAsked } from "./explain/answer.ts";
import { countHere, type KernelCount } from "./explain/causes/kernel.ts";
import { placed } from "./explain/refused-place.ts";
import { exportState } from "./export/export-state.ts";
import type { ExportedState } from "./exported.ts";
import { answersTo } from "./files/rule-answers.ts";
import { StateFiles, type StatePlace } from "./files/state-files.ts";
import { ProgressLog } from "./progress/progress-log.ts";
import type { ProgressStore } from "./progress/progress-store.ts";
import { untilReported } from "./progress/reported.ts";
import type { Answer, Question } from "./questions/questions.ts";
import type { Refusal } from "./remedies.ts";
import { cachesOf, refuseBusyCaches } from "./shells/caches.ts";
import { HeldCacheList } from "./shells/held-caches.ts";
import { withoutRun } from "./shells/reproduction.ts";
import { atRest, isBusy } from "./state/at-rest.ts";
import { containerSource } from "./state/container-source.ts";
import {
  canMakeBase,
  failureOf,
  failureOfStep,
  isReproduced,
  programOf,
  reported,
  statesOf,
} from "./state/inspect.ts";
import { requestHere } from "./state/linked-files.ts";
import { type Programs, programsFor, programsOf } from "./state/threads.ts";
import { DelayedCancels } from "./stepping/delayed-cancels.ts";
import { initialState } from "./stepping/reduce.ts";
import { reduceThreads, whyNotThreads } from "./stepping/threads.ts";

export interface DebuggerOptions {
  /** Told of errors that belong to no command, such as a build that could not be ended cleanly. */
  readonly onStray?: (error: BktuiError) => void;
}

/** The engine stays the caller's; disposing the debugger ends the build and waits for that. */
export function createDebugger(engine: Engine, options: DebuggerOptions = {}): Debugger {
  return new Runtime(engine, options);
}

class Runtime implements Debugger {
  readonly #engine: Engine;
  readonly #onStray: (error: BktuiError) => void;
  readonly #progress = new ProgressLog();
  readonly masked: Debugger["masked"] = (text) => this.#engine.masked(text);
  readonly #listeners = new Set<() => void>();
  readonly #controllers = new Map<Token, AbortController>();
  readonly #delayedCancels = new DelayedCancels();
  #state: DebugState = initialState;
  #build: Build | undefined;
  #before: KernelCount | undefined;
  /** Of the live build: with it all its containers go. */
  readonly #held = new HeldCacheList();
  readonly #files = new StateFiles();
  /** Openings under way and endings of builds: the next opening waits for all of them. */
  readonly #leaving = new Set<Promise<void>>();
  /** The opening whose build may report progress. */
  #reporting: Token | undefined;

  constructor(engine: Engine, options: DebuggerOptions) {
    this.#engine = engine;
    this.#onStray = options.onStray ?? (() => undefined);
  }

  get engine(): EngineInfo {
    return this.#engine.info;
  }

  get state(): DebugState {
    return this.#state;
  }

  get progress(): ProgressStore {
    return this.#progress;
  }

  subscribe(listener: () => void): () => void {
    const notify = (): void => listener();
    this.#listeners.add(notify);
    return () => this.#listeners.delete(notify);
  }

  dispatch(command: Command): void {
    this.#apply(command);
  }

  whyNot(command: Command["kind"]): Refusal | undefined {
    return whyNotThreads(this.#state, command);
  }

  async rest(options: { readonly signal?: AbortSignal } = {}): Promise<DebugState> {
    return await atRest(this, options);
  }

  states(step: StepId): readonly StateSide[] {
    return statesOf(this.#state, step);
  }

  async environment(
    id: StepId,
    side: StateSide,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<StepEnvironment> {
    const { build, step } = this.#lookAt(id, side, { madeOrNot: true });
    const source = containerSource(this.#state, step, side);
    const vertex = source.side === "failed" ? (source.failure.vertex ?? step.vertex) : source.vertex;
    return await build.environment(vertex, side, { signal });
  }

  opText(vertex: Vertex): string {
    return this.#engine.opText(vertex);
  }

  async lookUp(question: Question, { signal }: { readonly signal: AbortSignal }): Promise<Answer> {
    const state = this.#state;
    const facts = { request: requestHere(state), failure: failureOf(state), before: this.#before };
    const library = { engine: this.#engine, build: this.#build, ...facts };
    const look = (options: { readonly signal: AbortSignal }): Promise<Answer> =>
      answerTo(question, library, options);
    return await this.#held.look(cachesAsked(question, library), { state, signal }, look);
  }

  async container(id: StepId, side: StateSide, options: ContainerOptions): Promise<Container> {
    const { build, step } = this.#lookAt(id, side);
    const { mounts } = await this.environment(id, side, options);
    const place = { step: id, vertex: step.vertex, side, caches: cachesOf(mounts) };
    const make = (): Promise<Container> => build.container(containerSource(this.#state, step, side), options);
    return await this.#held.open(place, make, () => refuseBusyCaches(this.#state, mounts));
  }

  async files(...[id, side, options]: Parameters<Debugger["files"]>): Promise<readonly FileEntry[]> {
    return await this.#files.list(this.#filesAt(id, side), options);
  }

  async readFile(...[id, side, options]: Parameters<Debugger["readFile"]>): Promise<FilePart> {
    return await this.#files.read(this.#filesAt(id, side), options);
  }

  async changes(...[id, side, options]: Parameters<Debugger["changes"]>): Promise<StateChanges> {
    return await this.#files.changes(this.#filesAt(id, side), options);
  }

  async exportState(...[id, side, options]: Parameters<Debugger["exportState"]>): Promise<ExportedState> {
    return await exportState({ debug: this, ...this.#lookAt(id, side), side }, options);
  }

  async writeBundle(...asked: Parameters<Debugger["writeBundle"]>): Promise<number> {
    return await this.#engine.writeBundle(...asked);
  }

  get heldCaches(): readonly HeldCaches[] {
    return this.#held.all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state.phase.kind !== "ended") this.#apply({ kind: "quit" });
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
    this.#progress[Symbol.dispose]();
  }

  #apply(input: Command | Outcome): void {
    const { state, effects } = reduceThreads(this.#state, input);
    const changed = state !== this.#state;
    this.#state = state;
    // Before the listeners are told: what they dispatch comes after these effects.
    for (const effect of effects) this.#perform(effect);
    // Whoever looks at a stop sees the last words of the step before it.
    if (changed && !isBusy(state)) this.#progress.atRest();
    if (changed) for (const listener of [...this.#listeners]) listener();
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "open":
        this.#start(
          effect.token,
          (signal) => this.#open(effect, signal),
          (token, error) => ({ kind: "open-failed", token, error }),
        );
        break;
      case "solve":
        this.#start(effect.token, (signal) => this.#solve(effect, signal));
        break;
      case "ask":
        this.#start(effect.token, (signal) => this.#ask(effect, signal));
        break;
      case "make-outputs":
        this.#start(effect.token, (signal) => this.#makeOutputs(effect.token, signal));
        break;
      case "cancel":
        this.#cancel(effect);
        break;
      case "close":
        this.#close();
        break;
      default:
        unreachable(effect);
    }
  }

  /** Runs one effect to its outcome; whatever it throws becomes an outcome too. */
  #start(
    token: Token,
    work: (signal: AbortSignal) => Promise<Outcome>,
    failed: (token: Token, error: BktuiError) => Outcome = this.#solveFailed.bind(this),
  ): void {
    const controller = new AbortController();
    this.#controllers.set(token, controller);
    work(controller.signal)
      .catch((error: unknown) => failed(token, toBktuiError(error)))
      .then((outcome) => {
        this.#controllers.delete(token);
        this.#apply(outcome);
      })
      // Only a listener or a defect can throw here; the state has been replaced already.
      .catch((error: unknown) => this.#onStray(toBktuiError(error)));
  }

  async #open(effect: Extract<Effect, { kind: "open" }>, signal: AbortSignal): Promise<Outcome> {
    const opening = this.#openBuild(effect, signal);
    this.#leave(
      opening.then(
        () => undefined,
        () => undefined,
      ),
    );
    return { kind: "opened", token: effect.token, ...(await opening) };
  }

  /** Takes the build over, or ends it at once when nobody wants it any more. */
  async #openBuild(
    { token, request }: Extract<Effect, { kind: "open" }>,
    signal: AbortSignal,
  ): Promise<Programs["opened"]> {
    // BuildKit hands the old files and even the old error to a build opened while the former one lives.
    await Promise.all(this.#leaving);
    throwIfCancelled(signal);
    this.#progress.reset();
    this.#reporting = token;
    this.#before = countHere();
    const onProgress = (progress: Progress): void => {
      if (this.#reporting === token) this.#progress.apply(progress);
    };
    const onAnswering = (answering: boolean): void => {
      if (this.#reporting === token) this.#apply({ kind: "answering", answering });
    };
    const opening = this.#engine.open(request, { signal, onProgress, onAnswering });
    const build = await opening.catch(async (error) => {
      throw await placed(error, request, this.#progress);
    });
    try {
      throwIfCancelled(signal);
      const programs = programsFor(build, request);
      build.place(new Map(programs.all.flatMap((program) => [...cutsOf(program)])));
      this.#progress.adopt(unionOf(build.threads.map(({ graph }) => graph)));
      this.#build = build;
      const lose = (): void => this.#lose(build);
      build.lost.addEventListener("abort", lose, { once: true });
      if (build.lost.aborted) queueMicrotask(lose);
      return programs.opened;
    } catch (error) {
      await build[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #solve(
    { token, edges, awaitReports }: Extract<Effect, { kind: "solve" }>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const build = this.#liveBuild();
    await this.#held.endLooks();
    throwIfCancelled(signal);
    await build.solve(edges, { signal });
    this.#progress.madeOf(edges);
    if (awaitReports === true) await untilReported(edges, this.#progress, { signal });
    return { kind: "solved", token, ...this.#news() };
  }

  async #ask({ token, questions }: Extract<Effect, { kind: "ask" }>, signal: AbortSignal): Promise<Outcome> {
    const looks = { build: this.#liveBuild(), masked: this.masked, signal };
    return { kind: "asked", token, answers: await answersTo(questions, looks) };
  }

  async #makeOutputs(token: Token, signal: AbortSignal): Promise<Outcome> {
    const build = this.#liveBuild();
    await this.#held.endLooks();
    return { kind: "outputs-made", token, ...(await build.finish({ signal })) };
  }

  #solveFailed(token: Token, error: BktuiError): Outcome {
    if (error instanceof SolveFailed) {
      return { kind: "solve-failed", token, failure: withoutRun(error, this.#progress), ...this.#news() };
    }
    if (error.code === "cancelled") return { kind: "cancelled", token, ...this.#news() };
    return { kind: "solve-broken", token, error };
  }

  #cancel({ token, after }: Extract<Effect, { kind: "cancel" }>): void {
    const controller = this.#controllers.get(token);
    if (controller === undefined) return;
    if (after !== undefined) {
      this.#delayedCancels.begin(token, controller, after);
      return;
    }
    controller.abort();
    this.#delayedCancels.endFor(token);
  }

  #close(): void {
    this.#delayedCancels.clear();
    for (const controller of this.#controllers.values()) controller.abort();
    this.#reporting = undefined;
    const build = this.#build;
    this.#build = undefined;
    this.#held.clear();
    if (build === undefined) return;
    this.#leave(this.#end(build));
  }

  async #end(build: Build): Promise<void> {
    try {
      await build[Symbol.asyncDispose]();
    } catch (error) {
      this.#onStray(toBktuiError(error));
    }
  }

  #leave(leaving: Promise<void>): void {
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
  }

  #lose(build: Build): void {
    if (this.#build !== build) return;
    this.#apply({ kind: "lost", error: toBktuiError(build.lost.reason, "engine-unreachable") });
  }

  #news(): ReturnType<typeof reported> {
    return reported(programsOf(this.#state), this.#progress);
  }

  #liveBuild(): Build {
    if (this.#build === undefined) throw new BktuiError("internal", "there is no build to work with");
    return this.#build;
  }

  #lookAt(
    id: StepId,
    side: StateSide,
    { madeOrNot }: { readonly madeOrNot: boolean } = { madeOrNot: false },
  ): { readonly build: Build; readonly step: Step } {
    const step = programOf(this.#state)?.steps[id];
    if (step === undefined || this.#build === undefined) throw new BktuiError("not-now", "nothing is loaded");
    const states = statesOf(this.#state, id);
    if (states.includes(side)) return { build: this.#build, step };
    if (madeOrNot && side === "base" && canMakeBase(this.#state, id)) return { build: this.#build, step };
    const reason =
      states.length === 0
        ? `step ${id + 1} has not been reached yet`
        : `step ${id + 1} has no ${side.toUpperCase()} state now, only ${states.join(" and ").toUpperCase()}`;
    throw new BktuiError("not-now", reason);
  }

  #filesAt(id: StepId, side: StateSide): StatePlace {
    const reproduced = isReproduced(this.#state, id, side);
    return {
      ...this.#lookAt(id, side),
      side,
      failure: reproduced ? undefined : failureOfStep(this.#state, id),
    };
  }
}
