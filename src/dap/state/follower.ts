/** Follows the debugger, and tells the client what is new: each stop once, each change of a breakpoint, the end. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { visibleText } from "../../base/visible.ts";
import { finishedLines } from "../../console/phrases/output-words.ts";
import type { BreakpointId } from "../../debugger/breakpoint.ts";
import type { DebugState, Phase } from "../../debugger/debugger.ts";
import { floodIsOver, isOutputFlood, lastLines } from "../../debugger/progress/last-output.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import type { Digest } from "../../graph/graph.ts";
import { type OutputTeller, tellOutput } from "./output.ts";
import type { Session } from "./session.ts";
import { sourceChanges, type Text } from "./sources.ts";
import { whyStopped } from "./stop-words.ts";
import { type ThreadView, threadViews } from "./threads.ts";

/** From where it is begun until it is disposed. */
export class Follower implements Disposable {
  readonly #session: Session;
  readonly #ends: readonly (() => void)[];
  readonly #output: OutputTeller;
  #seen: DebugState;
  /** Of each thread that was told to stand: how often it had stopped then. */
  readonly #stood = new Map<number, string>();
  #breakpoints = new Map<BreakpointId, string>();
  /** Numbers of those that the client was told of. */
  #threads: ReadonlySet<number> = new Set();
  #program: unknown;
  /** That the client was told of. */
  #texts: readonly Text[] = [];
  /** Called at the first failure that is stopped at. */
  onFailure: (() => void) | undefined;
  #isOver = false;
  readonly #disposal = new AbortController();
  /** That the build runs was said by an answer. */
  #isAnswered = false;

  constructor(session: Session) {
    const { debug } = session;
    this.#session = session;
    this.#seen = debug.state;
    this.#program = programOf(debug.state);
    if (this.#program !== undefined) this.#texts = session.sources.all;
    this.#breakpoints = this.#breakpointTexts();
    this.#output = tellOutput(session);
    this.#ends = [debug.subscribe(() => this.#observe())];
    session.onMoved = () => this.#moved();
  }

  /** Tells a client that comes later where the build stands. */
  begin(): void {
    this.#tellBreakpoints();
    this.#tellThreads();
    this.#tellEnd();
  }

  [Symbol.dispose](): void {
    this.#disposal.abort();
    for (const end of this.#ends) end();
    this.#output[Symbol.dispose]();
  }

  /** What the client has asked for is answered: what it led to by now comes behind that. */
  #moved(): void {
    this.#isAnswered = true;
    this.#observe();
    this.#isAnswered = false;
  }

  #observe(): void {
    const { debug, isMoving } = this.#session;
    if (isMoving) return;
    const before = this.#seen;
    this.#seen = debug.state;
    this.#tellProgram();
    if (before.breakpoints !== debug.state.breakpoints || before.phase !== debug.state.phase)
      this.#tellBreakpoints();
    if (this.#session.phase !== "live") return;
    this.#tellThreads();
    this.#tellEnd();
  }

  /** The build was read again: what the client shows of its states is old, and of its texts where they are others. */
  #tellProgram(): void {
    const { debug, connection, sources, client } = this.#session;
    const program = programOf(debug.state);
    if (program === undefined || program === this.#program) return;
    const isFirst = this.#program === undefined;
    this.#program = program;
    for (const change of sourceChanges(this.#texts, sources.all)) connection.event("loadedSource", change);
    this.#texts = sources.all;
    if (!isFirst && client.takesInvalidated) connection.event("invalidated", { areas: ["all"] });
  }

  #tellThreads(): void {
    const { debug, connection } = this.#session;
    const views = threadViews(debug.state);
    for (const { number } of views)
      if (!this.#threads.has(number)) connection.event("thread", { reason: "started", threadId: number });
    for (const number of this.#threads)
      if (!views.some((view) => view.number === number))
        connection.event("thread", { reason: "exited", threadId: number });
    this.#threads = new Set(views.map(({ number }) => number));
    for (const view of views) this.#tellThread(view);
  }

  #tellThread(view: ThreadView): void {
    const key = standKey(view);
    const before = this.#stood.get(view.number);
    if (before === key) return;
    if (key === undefined) this.#stood.delete(view.number);
    else this.#stood.set(view.number, key);
    if (key === undefined) {
      if (before !== undefined) this.#tellRun(view);
      return;
    }
    this.#tellStop(view);
  }

  #tellStop(view: ThreadView): void {
    const why = whyStopped(view.state);
    if (why === undefined) return;
    const { breakpoints, reason, description, text } = why;
    const { connection } = this.#session;
    this.#session.forgetStop();
    this.#output.flush();
    const numbers = breakpoints.map((id) => this.#session.breakpoints.numberOf(id));
    const body: DebugProtocol.StoppedEvent["body"] = {
      reason,
      threadId: view.number,
      allThreadsStopped: threadViews(this.#session.debug.state).every((each) => standKey(each) !== undefined),
      ...(description === undefined ? {} : { description }),
      ...(text === undefined ? {} : { text: this.#clean(text) }),
      ...(numbers.length === 0 ? {} : { hitBreakpointIds: numbers }),
    };
    connection.event("stopped", body);
    if (reason === "exception") this.#say("stderr", text ?? "");
    if (reason === "exception" && view.state.phase.kind === "paused") this.#failed();
  }

  #failed(): void {
    const { onFailure } = this;
    this.onFailure = undefined;
    onFailure?.();
  }

  #say(category: "console" | "stderr", text: string): void {
    const lines = text.split("\n").map((line) => this.#clean(line));
    this.#session.connection.event("output", { category, output: `${lines.join("\n")}\n` });
  }

  #tellRun({ number, state }: ThreadView): void {
    const { phase } = state;
    if (this.#isAnswered || (phase.kind !== "running" && phase.kind !== "opening")) return;
    this.#session.connection.event("continued", { threadId: number, allThreadsContinued: false });
  }

  #tellBreakpoints(): void {
    const { debug, connection, breakpoints } = this.#session;
    const [former, now] = [this.#breakpoints, this.#breakpointTexts()];
    this.#breakpoints = now;
    if (breakpoints.isSetting) return;
    for (const breakpoint of debug.state.breakpoints) {
      const before = former.get(breakpoint.id);
      if (before === now.get(breakpoint.id)) continue;
      const reason = before === undefined ? "new" : "changed";
      connection.event("breakpoint", { reason, breakpoint: breakpoints.told(breakpoint) });
    }
    for (const id of former.keys()) {
      if (now.has(id)) continue;
      const breakpoint = { id: breakpoints.numberOf(id), verified: false };
      connection.event("breakpoint", { reason: "removed", breakpoint });
      breakpoints.forget(id);
    }
  }

  #breakpointTexts(): Map<BreakpointId, string> {
    const { debug, breakpoints } = this.#session;
    return new Map(debug.state.breakpoints.map((each) => [each.id, JSON.stringify(breakpoints.told(each))]));
  }

  #tellEnd(): void {
    const { debug } = this.#session;
    const { phase } = debug.state;
    if (!isEnd(phase)) this.#isOver = false;
    if (this.#isOver || !isEnd(phase)) return;
    this.#isOver = true;
    // Clients read nothing behind the end: what the engine has not reported yet goes before it.
    const late = phase.kind === "finished" ? this.#unreported() : [];
    if (phase.kind === "ended" || (late.length === 0 && !isOutputFlood(debug.progress)))
      this.#tellEnded(phase);
    else void this.#tellEndedLater(phase, late);
  }

  /** What has been made, and is not reported as that: on a busy machine reports come behind the answers, with what was printed. */
  #unreported(): readonly Digest[] {
    const { debug } = this.#session;
    const results = threadViews(debug.state).flatMap(({ state }) => programOf(state)?.graph.result ?? []);
    return results
      .map(({ vertex }) => vertex)
      .filter((vertex) => debug.progress.vertex(vertex)?.completedMs === undefined);
  }

  async #tellEndedLater(phase: Phase, late: readonly Digest[]): Promise<void> {
    const { debug } = this.#session;
    const within = { signal: this.#disposal.signal };
    for (const vertex of late) await lastLines(debug.progress, vertex, within);
    if (isOutputFlood(debug.progress)) await floodIsOver(debug.progress, within);
    if (!this.#disposal.signal.aborted && debug.state.phase === phase) this.#tellEnded(phase);
  }

  #tellEnded(phase: Phase): void {
    const { connection, debug } = this.#session;
    this.#output.flush();
    const lines = phase.kind === "finished" ? finishedLines(phase) : [];
    if (lines.length > 0) this.#say("console", lines.join("\n"));
    if (phase.kind === "paused") this.#say("stderr", whyStopped(debug.state)?.text ?? "");
    connection.event("exited", { exitCode: exitCodeOf(phase) });
    connection.event("terminated", {});
  }

  #clean(text: string): string {
    return visibleText(this.#session.build.masked(text));
  }
}

/** Nothing comes any more: also behind a failure that nobody wanted to be stopped at. */
function isEnd(phase: Phase): boolean {
  return phase.kind === "finished" || phase.kind === "ended" || isUncaught(phase);
}

function isUncaught(phase: Phase): boolean {
  return phase.kind === "paused" && phase.reason.kind === "exception" && phase.reason.uncaught !== undefined;
}

function exitCodeOf(phase: Phase): number {
  return phase.kind === "finished" && phase.problem === undefined ? 0 : 1;
}

/** Undefined while it does not stand; differs from stop to stop. */
function standKey({ state, stops }: ThreadView): string | undefined {
  const { phase, attempt } = state;
  if (isUncaught(phase)) return undefined;
  if (phase.kind === "paused" && phase.switchingTo === undefined) return `${attempt} ${stops} paused`;
  return phase.kind === "broken" || phase.kind === "lost" ? `${attempt} ${phase.kind}` : undefined;
}
