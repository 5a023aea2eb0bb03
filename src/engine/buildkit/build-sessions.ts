/** The sessions that a build stands on: its own and those of its linked targets, of which each can break or fail to send a file. */
import type { Digest } from "../../graph/graph.ts";
import type { RequestSession } from "./request-session.ts";

type Watched = Pick<RequestSession, "session" | "fileProblems">;

/** Those of the linked targets. */
export interface LinkedSessions {
  readonly byTarget: ReadonlyMap<string, Watched>;
  /** The linked target that the vertex is of; undefined = none. */
  targetOf(vertex: Digest): string | undefined;
}

/** Asks and waits for all of them together. */
export class BuildSessions {
  readonly #own: Watched;
  readonly #linked: LinkedSessions;

  constructor(own: Watched, linked: LinkedSessions) {
    this.#own = own;
    this.#linked = linked;
  }

  /** How often the connection of one has broken off so far. */
  get breaks(): number {
    return this.#all.reduce((sum, { session }) => sum + session.breaks, 0);
  }

  /** One is closed for good. */
  get isClosed(): boolean {
    return this.#all.some(({ session }) => session.closed.aborted);
  }

  /** Resolves when all are served again, or closed for good. */
  async healed(): Promise<void> {
    await Promise.all(this.#all.map(({ session }) => session.healed()));
  }

  /** @param onClosed called with which one is closed for good, in words. */
  watch(onClosed: (what: string, reason: unknown) => void): void {
    const each = ({ session: { closed } }: Watched, what: string): void =>
      closed.addEventListener("abort", () => onClosed(what, closed.reason), { once: true });
    each(this.#own, "the engine closed the session");
    for (const [target, session] of this.#linked.byTarget)
      each(session, `the engine closed the session of target ${target}`);
  }

  /** What could not be sent for the vertex that failed; the engine's own text often names no file. */
  fileProblem(vertex: Digest | undefined): string | undefined {
    const target = vertex === undefined ? undefined : this.#linked.targetOf(vertex);
    const { fileProblems } =
      (target === undefined ? undefined : this.#linked.byTarget.get(target)) ?? this.#own;
    const message = fileProblems.findLast((problem) => problem.kind !== "grew")?.message;
    return message === undefined || target === undefined ? message : `target ${target}: ${message}`;
  }

  get #all(): readonly Watched[] {
    return [this.#own, ...this.#linked.byTarget.values()];
  }
}
