/** Keys typed before they can act: while the file is loading, and right behind a step that has only begun. */
import { buildStatusOf } from "../../console/build-status.ts";
import type { CommandId } from "../../console/command-table.ts";
import type { DebugState } from "../../debugger/debugger.ts";
import { waitsForProgram } from "../state/availability.ts";

const MAX_PENDING = 16;
/** A step that has begun this recently may be over before the next key is read. */
const TYPE_AHEAD_MS = 250;
const TYPE_AHEAD: ReadonlySet<CommandId> = new Set<CommandId>(["next", "into"]);

/** The keys that wait, in the order in which they were typed. */
export class PendingKeys {
  readonly #run: (command: CommandId) => void;
  readonly #nowMs: () => number;
  #waiting: CommandId[] = [];
  #runningSinceMs: number | undefined;

  constructor(run: (command: CommandId) => void, nowMs: () => number = () => performance.now()) {
    this.#run = run;
    this.#nowMs = nowMs;
  }

  /** True when the key waits now and must not be run. */
  takes(command: CommandId, state: DebugState | undefined): boolean {
    const waits = waitsForProgram(command, buildStatusOf(state)) || this.#isTypedAhead(command, state);
    if (waits && this.#waiting.length < MAX_PENDING) this.#waiting.push(command);
    return waits;
  }

  /** Call after each change of state: runs the next key that waited, or drops all when the build went elsewhere. */
  release(state: DebugState | undefined): void {
    const status = buildStatusOf(state);
    if (status === "running") this.#runningSinceMs ??= this.#nowMs();
    else this.#runningSinceMs = undefined;
    if (status === "broken" || status === "lost" || status === "ended" || status === "failed") {
      this.#waiting = [];
      return;
    }
    const stoppedByItself = state?.phase.kind === "paused" && state.phase.reason.kind === "breakpoint";
    if (stoppedByItself) this.#waiting = [];
    if (status !== "loaded" && status !== "paused" && status !== "finished") return;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#run(next);
  }

  #isTypedAhead(command: CommandId, state: DebugState | undefined): boolean {
    if (buildStatusOf(state) !== "running" || !TYPE_AHEAD.has(command)) return false;
    const since = this.#runningSinceMs;
    return since !== undefined && this.#nowMs() - since < TYPE_AHEAD_MS;
  }
}
