/** The edges that have been solved, over breaks of the session: a gateway build that one has spoilt is replaced. */
import { setTimeout as delay } from "node:timers/promises";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../base/errors.ts";
import type { Digest, Edge, Graph } from "../../graph/graph.ts";
import { closure } from "../../graph/subgraph.ts";
import { graphWith } from "../../graph/union.ts";
import { encodeSubDefinition } from "../../protocol/llb.ts";
import type { Channel } from "../../transport/channel.ts";
import { SolveFailed } from "../failures.ts";
import type { BuildSessions } from "./build-sessions.ts";
import type { ContainerList } from "./container-list.ts";
import { solveFailure, type VertexErrors } from "./failure.ts";
import type { GatewayBuild } from "./gateway-build.ts";
import type { IgnoreCache } from "./ignore-cache.ts";
import type { StateQueue } from "./state-queue.ts";

export interface SolvedEdgesParts {
  readonly channel: Channel;
  readonly sessions: BuildSessions;
  /** At least one. */
  readonly graphs: readonly Graph[];
  readonly gateway: GatewayBuild;
  readonly openGateway: () => GatewayBuild;
  /** Vertices that exist, as the engine has reported or solved them. */
  readonly existing: Set<Digest>;
  readonly ignoreCache: IgnoreCache;
  readonly vertexErrors: VertexErrors;
  /** Go with the gateway build that they belong to. */
  readonly containers: ContainerList;
  /** A solve has failed for good; `vertex`: the one that did, where it is known. */
  readonly onFailed: (vertex: Digest | undefined) => void;
  readonly queue: StateQueue;
  /** The gateway build ended by itself; `what` in words. */
  readonly onEnded: (what: string, cause: unknown) => void;
}

interface Announcement {
  readonly gateway: GatewayBuild;
  readonly done: Promise<void>;
  isDone: boolean;
}

interface Signal {
  readonly signal: AbortSignal;
}

/** How long a break of the session may be told late. */
const BREAK_GRACE_MS = 300;
/** Of one solve, over breaks of the session. */
const MOST_TRIES = 4;

/** Disposing ends the gateway build. */
export class SolvedEdges implements AsyncDisposable {
  readonly #parts: SolvedEdgesParts;
  #gateway: GatewayBuild;
  /** A gateway build is being replaced. */
  #renewing: Promise<void> | undefined;
  #announcement: Announcement | undefined;
  readonly #graphs: Graph[];
  /** Ref ids of what has been solved. */
  readonly #refs = new Map<string, string>();

  constructor(parts: SolvedEdgesParts) {
    this.#parts = parts;
    this.#graphs = [...parts.graphs];
    this.#gateway = parts.gateway;
    this.#watch(parts.gateway);
  }

  /** The one that answers now. */
  get gateway(): GatewayBuild {
    return this.#gateway;
  }

  /** Edges of another definition than the build's own can be solved too. */
  add(graph: Graph): void {
    if (!this.#graphs.includes(graph)) this.#graphs.push(graph);
  }

  /** At full parallelism. @throws {SolveFailed} when some vertex on the way fails. */
  async solve(targets: readonly Edge[], { signal }: Signal): Promise<void> {
    const read = this.#refs.size === 0 ? [] : this.#readBy(targets);
    const begin = () => ({ mounted: this.#solveAll(targets, { signal }) });
    const { mounted } = await this.#parts.queue.mount(read, begin, { signal });
    await mounted;
  }

  /** The states that steps mount as soon as they begin, besides the one that they write over: sources of COPY, bind mounts. */
  #readBy(targets: readonly Edge[]): readonly string[] {
    const { existing } = this.#parts;
    return targets.flatMap((target) => {
      const graph = this.#graphOf(target);
      return closure(graph, target).flatMap((digest) => {
        const vertex = graph.vertices.get(digest);
        if (vertex === undefined || existing.has(digest)) return [];
        const beside = vertex.inputs.filter((_, index) => index !== vertex.rootInput);
        return beside.map((edge) => this.refOf(edge)).filter((ref) => ref !== "");
      });
    });
  }

  #graphOf({ vertex }: Edge): Graph {
    const graph = graphWith(this.#graphs, vertex) ?? this.#graphs[0];
    if (graph === undefined) throw new BktuiError("internal", "a build without a definition");
    return graph;
  }

  async #solveAll(targets: readonly Edge[], { signal }: Signal): Promise<void> {
    const [only] = targets;
    if (only !== undefined && targets.length === 1) {
      // One alone has no other to be ended with it; joining signals takes as long as encoding a step.
      try {
        await this.ref(only, { signal });
      } catch (error) {
        throwIfCancelled(signal);
        throw error;
      }
      throwIfCancelled(signal);
      return;
    }
    const failed = new AbortController();
    const combined = AbortSignal.any([signal, failed.signal]);
    let first: unknown;
    await Promise.all(
      targets.map(async (edge) => {
        try {
          await this.ref(edge, { signal: combined });
        } catch (error) {
          first ??= error;
          failed.abort();
        }
      }),
    );
    throwIfCancelled(signal);
    if (first !== undefined) throw first;
  }

  /** @throws {SolveFailed} when some vertex on the way fails. */
  async ref(edge: Edge, { signal }: Signal): Promise<string> {
    const key = edgeKey(edge);
    const graph = this.#graphOf(edge);
    for (let tries = 1; ; tries += 1) {
      const known = this.#refs.get(key);
      if (known !== undefined) return known;
      const gateway = this.#gateway;
      const { breaks } = this.#parts.sessions;
      try {
        await this.#announced(gateway, { signal });
        const definition = encodeSubDefinition(graph, edge, this.#parts.ignoreCache.isSettled);
        const ref = await gateway.solveDefinition(definition, { signal });
        for (const digest of closure(graph, edge)) this.#parts.existing.add(digest);
        this.#refs.set(key, ref);
        return ref;
      } catch (error) {
        const failure = await solveFailure(error, graph, {
          edge,
          vertexErrors: this.#parts.vertexErrors,
          fileProblem: (vertex) => this.#parts.sessions.fileProblem(vertex),
        });
        const isFinal = signal.aborted || tries === MOST_TRIES;
        if (isFinal || !(await this.#isSpoilt(gateway, failure, breaks))) {
          if (failure instanceof SolveFailed) this.#parts.onFailed(failure.vertex);
          throw failure;
        }
        await this.#renew(gateway);
      }
    }
  }

  /** Once per gateway build; whoever waits for it can give up waiting. */
  async #announced(gateway: GatewayBuild, { signal }: Signal): Promise<void> {
    if (this.#announcement?.gateway === gateway && this.#announcement.isDone) {
      throwIfCancelled(signal);
      return;
    }
    if (this.#announcement?.gateway !== gateway) {
      const { ignoreCache, containers } = this.#parts;
      const done = ignoreCache.announce(gateway, { signal: containers.ending }).catch((error) => {
        // Whoever solves next tries anew.
        if (this.#announcement?.done === done) this.#announcement = undefined;
        throw containers.ending.aborted ? error : endedByEngine(error);
      });
      const announcement: Announcement = { gateway, done, isDone: false };
      done.then(
        () => {
          announcement.isDone = true;
        },
        () => undefined,
      );
      this.#announcement = announcement;
    }
    await untilAborted(this.#announcement.done, signal);
  }

  /** Whether a break of the session explains the failure; `breaks`: those known when the solve began. */
  async #isSpoilt(gateway: GatewayBuild, failure: unknown, breaks: number): Promise<boolean> {
    if (gateway !== this.#gateway || this.#renewing !== undefined) return true;
    if (this.#parts.containers.ending.aborted || this.#parts.channel.lost.aborted) return false;
    const { message } = toBktuiError(failure);
    const hasRun = failure instanceof SolveFailed && failure.exitCode !== undefined;
    if (hasRun) return false;
    const { sessions } = this.#parts;
    // The engine's word of it may be here before the break itself.
    if (sessions.breaks === breaks && /session|connection|transport|Unavailable|cancell?ed/.test(message)) {
      await delay(BREAK_GRACE_MS);
    }
    return sessions.breaks > breaks && !sessions.isClosed;
  }

  /**
   * A step that found no session has failed for the life of its gateway build (BuildKit 0.8 to 0.32), so that one is
   * ended, with its states and shells, and another takes its place on the healed session. What has run is cached.
   */
  async #renew(spoilt: GatewayBuild): Promise<void> {
    if (spoilt === this.#gateway) {
      this.#renewing ??= this.#makeAnew(spoilt).finally(() => {
        this.#renewing = undefined;
      });
    }
    await this.#renewing;
  }

  async #makeAnew(spoilt: GatewayBuild): Promise<void> {
    await this.#parts.sessions.healed();
    // An engine gives the old error to a build that it knows beside the old one: that one goes first.
    await this.#parts.containers.release();
    await this.#parts.queue.idle();
    await spoilt[Symbol.asyncDispose]();
    throwIfCancelled(this.#parts.containers.ending);
    this.#refs.clear();
    this.#parts.vertexErrors.clear();
    this.#gateway = this.#parts.openGateway();
    this.#watch(this.#gateway);
    await this.#gateway.ping({ signal: this.#parts.containers.ending });
  }

  /** Of an edge that has been solved. */
  refOf(edge: Edge): string {
    return this.#refs.get(edgeKey(edge)) ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway[Symbol.asyncDispose]();
  }

  #watch(gateway: GatewayBuild): void {
    const lose = (reason: string, cause: unknown): void => {
      if (gateway === this.#gateway && this.#renewing === undefined) this.#parts.onEnded(reason, cause);
    };
    gateway.ended.then(
      () => lose("the engine ended the build", undefined),
      (error) => lose(`the engine ended the build: ${toBktuiError(error).message}`, error),
    );
  }
}

async function untilAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  throwIfCancelled(signal);
  const waited = new AbortController();
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true, signal: waited.signal });
  });
  await Promise.race([done, aborted]).finally(() => waited.abort());
  throwIfCancelled(signal);
}

/** "cancelled" is told as the user's own wish; here it was nobody's. */
function endedByEngine(error: unknown): unknown {
  if (!(error instanceof BktuiError) || error.code !== "cancelled") return error;
  return new BktuiError("engine", `the engine cancelled by itself what was asked: ${error.message}`, {
    cause: error,
    hint: "Try again.",
  });
}

function edgeKey(edge: Edge): string {
  return `${edge.vertex}#${edge.output}`;
}
