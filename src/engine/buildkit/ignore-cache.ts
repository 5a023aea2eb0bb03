/**
 * Steps that are to run anew (`--no-cache`), made known to a gateway build before its first solve.
 *
 * BuildKit (0.8 to 0.32) empties the cache mounts of the ops that say "ignore cache" each time it loads a definition with
 * them: once for a build of one solve, again and again in a walk, whose steps would lose what earlier ones put there.
 * What it has loaded keeps ignoring the cache for the life of the build, also when it is sent again without a word of it.
 * So all ops are loaded once, at first, with nothing run, and are sent without "ignore cache" from then on.
 */
import { BktuiError } from "../../base/errors.ts";
import type { Digest, Edge, Graph, Vertex } from "../../graph/graph.ts";
import { closure } from "../../graph/subgraph.ts";
import { failureFacts } from "../../protocol/failure.ts";
import { encodeDefinition } from "../../protocol/llb.ts";
import { encodeAnnouncement } from "../../protocol/llb-announcement.ts";
import { RpcError } from "../../transport/rpc-error.ts";
import type { Progress } from "../engine.ts";
import type { GatewayBuild } from "./gateway-build.ts";

interface Signal {
  readonly signal: AbortSignal;
}

export interface IgnoreCacheParts {
  readonly graph: Graph;
  /** Of the build: one for each platform that has any. */
  readonly results: readonly Edge[];
  /** Vertices that exist, as the engine has reported or solved them. */
  readonly existing: Set<Digest>;
  /** Something that the user should know. */
  readonly onWarning: (text: string) => void;
}

/** The steps of one gateway build that are to run anew, and whether the engine knows of them. */
export class IgnoreCache {
  readonly #parts: IgnoreCacheParts;
  /** Those whose loading empties something. */
  readonly #emptying: readonly Vertex[];
  readonly #announced = new Set<Digest>();
  /** Of the announcements themselves. */
  readonly #own = new Set<string>();
  /** The last report of each. */
  readonly #hidden = new Map<Digest, Extract<Progress, { kind: "vertex" }>>();
  /** When it is reported, all that the announcement had begun has been. */
  #last: Digest | undefined;

  constructor(parts: IgnoreCacheParts) {
    this.#parts = parts;
    this.#emptying = [...parts.graph.vertices.values()].filter(
      (vertex) => vertex.ignoreCache && cachesOf(vertex).length > 0,
    );
  }

  /** The vertex exists, or it is known that it ignores the cache: it is sent without a word of it. */
  readonly isSettled = (digest: Digest): boolean =>
    this.#announced.has(digest) || this.#parts.existing.has(digest);

  /**
   * To be called once per gateway build, before anything is solved in it. What the engine refuses to load (an
   * entitlement that was not given) is left out, and is refused again when it is solved.
   * @throws {BktuiError} "engine-unreachable", "cancelled".
   */
  async announce(gateway: GatewayBuild, options: Signal): Promise<void> {
    this.#announced.clear();
    this.#hidden.clear();
    this.#last = undefined;
    this.#runAgainWhatFilled();
    const { graph, results, existing, onWarning } = this.#parts;
    const left = this.#emptying.filter(({ digest }) => !existing.has(digest));
    if (left.length === 0 || results.length === 0) return;
    this.#last = encodeAnnouncement(graph, [], this.isSettled).digest;
    // In the very order in which the engine would load the build.
    if (!(await this.#load(gateway, results, options))) {
      await this.#loadParts(gateway, left.map(edgeOf), options);
    }
    if (await this.#load(gateway, [], options)) return;
    this.#last = undefined;
    if (this.#announced.size === 0) onWarning(UNABLE);
  }

  /** Whether the vertex is an announcement itself, no part of the build. */
  isOwn(vertex: string): boolean {
    return this.#own.has(vertex);
  }

  /**
   * Whether a report is of the announcement alone: before it fails, sources are asked for their cache keys, and tell that
   * they have begun, ended or been cancelled.
   */
  hides(progress: Progress): boolean {
    if (progress.kind !== "vertex") return false;
    const { vertex, startedMs } = progress;
    if (vertex === this.#last) this.#last = undefined;
    if (this.#own.has(vertex)) return true;
    const inputs = this.#parts.graph.vertices.get(vertex)?.inputs;
    if (this.#last === undefined || startedMs === undefined || inputs === undefined) return false;
    // What is made of something else is not begun by it.
    if (inputs.length > 0) this.#last = undefined;
    else this.#hidden.set(vertex, progress);
    return inputs.length === 0;
  }

  /** What was hidden of a source that has failed for good: the engine does not report it again. */
  failureOf(vertex: Digest | undefined): Progress | undefined {
    const hidden = vertex === undefined ? undefined : this.#hidden.get(vertex);
    return hidden?.error === "" || hidden?.error.includes("context canceled") ? undefined : hidden;
  }

  /**
   * In a build that takes the place of another one, steps still to be run would empty caches that steps of the other one
   * have filled. There is no way to run the ones anew and keep what the others left, so all run again.
   */
  #runAgainWhatFilled(): void {
    const { existing, onWarning } = this.#parts;
    const filled = new Set(this.#emptying.filter(({ digest }) => existing.has(digest)).flatMap(cachesOf));
    const wanted = this.#emptying.filter(({ digest }) => !existing.has(digest)).flatMap(cachesOf);
    if (!wanted.some((id) => filled.has(id))) return;
    existing.clear();
    onWarning(RUN_AGAIN);
  }

  /** Those that the engine takes, by halves. */
  async #loadParts(gateway: GatewayBuild, edges: readonly Edge[], options: Signal): Promise<void> {
    const middle = Math.ceil(edges.length / 2);
    for (const part of [edges.slice(0, middle), edges.slice(middle)]) {
      if (part.length === 0 || (await this.#load(gateway, part, options))) continue;
      if (part.length > 1) await this.#loadParts(gateway, part, options);
    }
  }

  /** Whether the engine has loaded what the edges need; with none, whether it would. */
  async #load(gateway: GatewayBuild, edges: readonly Edge[], { signal }: Signal): Promise<boolean> {
    const { graph, existing } = this.#parts;
    try {
      const { definition, digest } = encodeAnnouncement(graph, edges, (vertex) => existing.has(vertex));
      this.#own.add(digest);
      await gateway.solveDefinition(encodeDefinition(definition), { signal });
    } catch (error) {
      if (!isRefused(error)) throw error;
      if (!isLoaded(error)) return false;
    }
    for (const digest of closure(graph, ...edges)) this.#announced.add(digest);
    return true;
  }
}

const UNABLE =
  "with --no-cache, this engine empties the cache mounts of steps again before each stop: a step may miss what an earlier " +
  "one left there. Run to the end without stops (continue, or --run) to build as docker does";
const RUN_AGAIN =
  "the session with the engine broke: steps that had run do so again, as steps to come share cache mounts with them";

function cachesOf({ exec }: Vertex): readonly string[] {
  return (exec?.mounts ?? []).flatMap(({ cache }) => (cache === undefined ? [] : [cache.id]));
}

function edgeOf({ digest }: Vertex): Edge {
  return { vertex: digest, output: 0 };
}

/** By the engine, or here as it would crash the engine. */
function isRefused(error: unknown): error is BktuiError {
  return error instanceof BktuiError && (error.code === "engine" || error.code === "bad-request");
}

/** Only the cache key of the announcement, or of a source that was asked for at the same time, could not be had. */
function isLoaded(error: BktuiError): boolean {
  if (!(error instanceof RpcError)) return false;
  return failureFacts(error).vertex !== undefined || error.message.includes("failed to load cache key");
}
