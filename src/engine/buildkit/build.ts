/** The port's Build: one session, one gateway build, incremental solves, containers, outputs. */
import { setTimeout as delay } from "node:timers/promises";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import type { Digest, Edge, Graph, Vertex } from "../../graph/graph.ts";
import { closure } from "../../graph/subgraph.ts";
import { decodeDefinition, encodeSubDefinition } from "../../protocol/llb.ts";
import type { Channel } from "../../transport/channel.ts";
import {
  type Build,
  type BuildRequest,
  type Capability,
  type Container,
  type ContainerSource,
  type EngineInfo,
  type FileEntry,
  type FilePart,
  type Progress,
  SolveFailed,
  type StateSide,
  type StepEnvironment,
} from "../engine.ts";
import { GatewayContainer } from "./container.ts";
import { ContainerList } from "./container-list.ts";
import { bareEnvironment, ownEnvironment, probedEnvironment, probeText } from "./environment.ts";
import { exporterFor } from "./exporters.ts";
import { lostError, solveFailure, VertexErrors } from "./failure.ts";
import { askAboutText, askFrontend, definitionOf } from "./frontend.ts";
import { entitlements } from "./frontend-options.ts";
import { GatewayBuild } from "./gateway-build.ts";
import { edgesOf, mountsOf } from "./mounts.ts";
import { portCapabilities } from "./port-capabilities.ts";
import { answersWithin } from "./pulse.ts";
import type { RequestSession } from "./request-session.ts";
import { type Restored, RestoredAnswers, type RestoredQuestion } from "./restored.ts";
import { readDirectory, readFilePart } from "./state-files.ts";
import { statusReader } from "./status-reader.ts";

export interface BuildParts {
  readonly channel: Channel;
  readonly engine: EngineInfo;
  readonly request: BuildRequest;
  /** To whether the engine answers; ends with the build. */
  readonly listening: Disposable;
  readonly onProgress: (progress: Progress) => void;
}

/** An engine that says nothing for so long is not waited for any more. */
const END_DEADLINE_MS = 1000;
/** How long a break of the session may be told late. */
const BREAK_GRACE_MS = 300;
/** Of one solve, over breaks of the session. */
const MOST_TRIES = 4;

type Signal = { readonly signal: AbortSignal };

export class BuildkitBuild implements Build {
  readonly graph: Graph;
  readonly lost: AbortSignal;
  readonly #parts: BuildParts;
  readonly #session: RequestSession;
  readonly #openGateway: () => GatewayBuild;
  #gateway: GatewayBuild;
  /** A gateway build is being replaced. */
  #renewing: Promise<void> | undefined;
  readonly #capabilities: ReadonlySet<Capability>;
  readonly #vertexErrors: VertexErrors;
  readonly #lost = new AbortController();
  /** Ref ids of what has been solved. */
  readonly #refs = new Map<string, string>();
  /** Vertices that exist, as the engine has reported or solved them. */
  readonly #made: Set<Digest>;
  readonly #environments = new Map<string, StepEnvironment>();
  readonly #containers = new ContainerList();
  readonly #restored: RestoredAnswers;
  #disposing: Promise<void> | undefined;

  /** Opens session and build and asks the frontend. On failure everything is released again. */
  static async open(
    parts: BuildParts,
    openSession: (options: Signal) => Promise<RequestSession>,
    { signal }: Signal,
  ): Promise<BuildkitBuild> {
    await using scope = new Scope();
    const session = scope.own(await openSession({ signal }));
    const vertexErrors = new VertexErrors();
    const made = new Set<Digest>();
    const onProgress = (progress: Progress): void => {
      if (progress.kind === "vertex" && progress.completedMs !== undefined && progress.error === "")
        made.add(progress.vertex);
      parts.onProgress(progress);
    };
    const openGateway = (): GatewayBuild =>
      new GatewayBuild(parts.channel, {
        session: session.session.id,
        entitlements: entitlements(parts.request),
        exporter: undefined,
        internal: true,
        ...statusReader(onProgress, vertexErrors),
      });
    const gateway = scope.own(openGateway());
    const capabilities = portCapabilities(await gateway.ping({ signal }));
    const { credentials } = session;
    const result = await askFrontend(gateway, parts.request, { signal, credentials });
    const graph = decodeDefinition(definitionOf(result));
    throwIfCancelled(signal);
    return scope.release(
      () =>
        new BuildkitBuild({
          parts,
          session,
          gateway,
          openGateway,
          capabilities,
          graph,
          made,
          vertexErrors,
        }),
    );
  }

  private constructor(inner: {
    readonly parts: BuildParts;
    readonly session: RequestSession;
    readonly gateway: GatewayBuild;
    readonly openGateway: () => GatewayBuild;
    readonly capabilities: ReadonlySet<Capability>;
    readonly graph: Graph;
    readonly made: Set<Digest>;
    readonly vertexErrors: VertexErrors;
  }) {
    this.graph = inner.graph;
    this.lost = this.#lost.signal;
    this.#parts = inner.parts;
    this.#session = inner.session;
    this.#gateway = inner.gateway;
    this.#openGateway = inner.openGateway;
    this.#capabilities = inner.capabilities;
    this.#made = inner.made;
    this.#vertexErrors = inner.vertexErrors;
    this.#restored = new RestoredAnswers((question) =>
      this.#create(
        { ...question, restored: { hasSh: true, lacking: [] } },
        { signal: this.#containers.ending },
      ),
    );
    this.#watch();
  }

  supports(capability: Capability): boolean {
    return this.#capabilities.has(capability);
  }

  async solve(targets: readonly Edge[], { signal }: Signal): Promise<void> {
    const failed = new AbortController();
    const combined = AbortSignal.any([signal, failed.signal]);
    let first: unknown;
    await Promise.all(
      targets.map(async (edge) => {
        try {
          await this.#ref(edge, { signal: combined });
        } catch (error) {
          first ??= error;
          failed.abort();
        }
      }),
    );
    throwIfCancelled(signal);
    if (first !== undefined) throw first;
  }

  async environment(of: Digest, side: StateSide, { signal }: Signal): Promise<StepEnvironment> {
    const vertex = this.#vertex(of);
    const own = ownEnvironment(vertex);
    if (own !== undefined) return own;
    const text = probeText(this.graph, vertex, side);
    const known = this.#environments.get(text);
    if (known !== undefined) return known;
    const probe = await askAboutText(this.#gateway, text, this.#parts.request, { signal });
    const environment = probedEnvironment(probe);
    this.#environments.set(text, environment);
    return environment;
  }

  async readDir(edge: Edge, path: string, { signal }: Signal): Promise<readonly FileEntry[]> {
    const ref = await this.#ref(edge, { signal });
    return await readDirectory(this.#parts.channel, this.#gateway.metadata, { ref, path }, { signal });
  }

  async readFile(...[edge, path, { signal, ...part }]: Parameters<Build["readFile"]>): Promise<FilePart> {
    const ref = await this.#ref(edge, { signal });
    return await readFilePart(
      this.#parts.channel,
      this.#gateway.metadata,
      { ref, path, ...part },
      { signal },
    );
  }

  async container(of: ContainerSource, { signal }: Signal): Promise<Container> {
    return await this.#containers.make((options) => this.#make(of, options), { signal });
  }

  async #make(of: ContainerSource, { signal }: Signal): Promise<Container> {
    const vertex = this.#vertex("failure" in of ? of.failure.vertex : of.vertex);
    const own = await this.environment(vertex.digest, of.side === "states" ? "failed" : of.side, { signal });
    const mounts = mountsOf(of, vertex, own.mounts);
    const environment = of.side === "states" ? bareEnvironment(own) : own;
    await this.solve(edgesOf(mounts), { signal });
    const question = {
      environment,
      mounts: mounts.map(({ mount, state }) => ({
        mount,
        resultId: state === undefined ? "" : state.kind === "id" ? state.id : this.#refOf(state.edge),
      })),
    };
    const restored = await this.#restored.of(question, { signal });
    return await this.#create({ ...question, restored }, { signal });
  }

  async #create(
    plan: RestoredQuestion & { readonly restored: Restored },
    { signal }: Signal,
  ): Promise<Container> {
    const abilities = {
      canExtraHosts: this.supports("exec.extrahosts"),
      canSecretEnv: this.supports("exec.secretenv"),
    };
    const { channel } = this.#parts;
    const { metadata } = this.#gateway;
    const container = await GatewayContainer.create(channel, metadata, { ...plan, ...abilities }, { signal });
    return await this.#containers.adopt(container, { signal });
  }

  /**
   * The image is made in a second build on the same session: its vertices are those of the first one, so nothing
   * runs again, and the first build's states and shells stay alive.
   */
  async finish({ signal }: Signal): Promise<string | undefined> {
    const { channel, engine, request, onProgress } = this.#parts;
    const exporter = exporterFor(request, engine);
    if (exporter === undefined) return undefined;
    await using output = new GatewayBuild(channel, {
      session: this.#session.session.id,
      entitlements: entitlements(request),
      exporter,
      internal: false,
      // The engine tells the vertices and logs of the first build once more.
      ...statusReader((progress) => {
        const isKnown = progress.vertex !== undefined && this.graph.vertices.has(progress.vertex);
        if (!isKnown && progress.kind !== "warning") onProgress(progress);
      }, this.#vertexErrors),
    });
    await output.ping({ signal });
    // Without "no cache", which would only empty the cache mounts once more: everything exists.
    const result = await askFrontend(output, { ...request, noCache: false }, { signal });
    const answer = await output.finish(result, { signal });
    return answer["containerimage.config.digest"] ?? answer["containerimage.digest"];
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose();
    return this.#disposing;
  }

  async #dispose(): Promise<void> {
    this.#parts.listening[Symbol.dispose]();
    const ended = this.#endInOrder();
    // Told below, if somebody is still waiting then.
    ended.catch(() => undefined);
    // A suspended engine must not keep anybody from leaving: the rest ends with the connection.
    const answered = await Promise.race([
      ended.then(
        () => true,
        () => true,
      ),
      answersWithin(this.#parts.channel, END_DEADLINE_MS),
    ]);
    if (answered) await ended;
  }

  async #endInOrder(): Promise<void> {
    await this.#containers[Symbol.asyncDispose]();
    await this.#gateway[Symbol.asyncDispose]();
    await this.#session[Symbol.asyncDispose]();
  }

  /** Connection, outer solve and session: when one of them ends by itself, the build is of no use any more. */
  #watch(): void {
    const { channel } = this.#parts;
    const onChannel = () => this.#lose(toBktuiError(channel.lost.reason).message, channel.lost.reason);
    // The connection lives longer than this build.
    channel.lost.addEventListener("abort", onChannel, { once: true, signal: this.#containers.ending });
    this.#session.session.closed.addEventListener(
      "abort",
      () => this.#lose("the engine closed the session", this.#session.session.closed.reason),
      { once: true },
    );
    this.#watchGateway(this.#gateway);
  }

  #watchGateway(gateway: GatewayBuild): void {
    const lose = (reason: string, cause: unknown): void => {
      if (gateway === this.#gateway && this.#renewing === undefined) this.#lose(reason, cause);
    };
    gateway.ended.then(
      () => lose("the engine ended the build", undefined),
      (error) => lose(`the engine ended the build: ${toBktuiError(error).message}`, error),
    );
  }

  #lose(what: string, cause: unknown): void {
    if (this.#disposing === undefined && !this.lost.aborted) this.#lost.abort(lostError(what, cause));
  }

  async #ref(edge: Edge, { signal }: Signal): Promise<string> {
    const key = edgeKey(edge);
    for (let tries = 1; ; tries += 1) {
      const known = this.#refs.get(key);
      if (known !== undefined) return known;
      const gateway = this.#gateway;
      const { breaks } = this.#session.session;
      try {
        const definition = encodeSubDefinition(this.graph, edge, this.#made);
        const ref = await gateway.solveDefinition(definition, { signal });
        for (const digest of closure(this.graph, edge)) this.#made.add(digest);
        this.#refs.set(key, ref);
        return ref;
      } catch (error) {
        const failure = await solveFailure(error, this.graph, {
          edge,
          vertexErrors: this.#vertexErrors,
          fileProblem: this.#session.fileProblems.findLast((problem) => problem.kind !== "grew")?.message,
        });
        if (signal.aborted || tries === MOST_TRIES) throw failure;
        if (!(await this.#isSpoilt(gateway, failure, breaks))) throw failure;
        await this.#renew(gateway);
      }
    }
  }

  /** Whether a break of the session explains the failure; `breaks`: those known when the solve began. */
  async #isSpoilt(gateway: GatewayBuild, failure: unknown, breaks: number): Promise<boolean> {
    if (gateway !== this.#gateway || this.#renewing !== undefined) return true;
    if (this.#disposing !== undefined || this.#parts.channel.lost.aborted) return false;
    const { code, message } = toBktuiError(failure);
    const hasRun = failure instanceof SolveFailed && failure.exitCode !== undefined;
    if (code === "cancelled" || hasRun) return false;
    const { session } = this.#session;
    // The engine's word of it may be here before the break itself.
    if (session.breaks === breaks && /session|connection|transport|Unavailable/.test(message)) {
      await delay(BREAK_GRACE_MS);
    }
    return session.breaks > breaks && !session.closed.aborted;
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
    await this.#session.session.healed();
    // An engine gives the old error to a build that it knows beside the old one: that one goes first.
    await this.#containers.release();
    await spoilt[Symbol.asyncDispose]();
    throwIfCancelled(this.#containers.ending);
    this.#refs.clear();
    this.#vertexErrors.clear();
    this.#gateway = this.#openGateway();
    this.#watchGateway(this.#gateway);
    await this.#gateway.ping({ signal: this.#containers.ending });
  }

  #refOf(edge: Edge): string {
    return this.#refs.get(edgeKey(edge)) ?? "";
  }

  #vertex(digest: Digest | undefined): Vertex {
    const vertex = digest === undefined ? undefined : this.graph.vertices.get(digest);
    if (vertex === undefined)
      throw new BktuiError("not-found", "this step is not part of the build any more");
    return vertex;
  }
}

function edgeKey(edge: Edge): string {
  return `${edge.vertex}#${edge.output}`;
}
