/** The port's Build: one session, one gateway build, incremental solves, containers, outputs. */
import { BktuiError, throwIfCancelled, toBktuiError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import type { Cuts } from "../../graph/cuts.ts";
import type { Digest, Edge, Vertex } from "../../graph/graph.ts";
import type { SecretMask } from "../../session/secret-mask.ts";
import type { Channel } from "../../transport/channel.ts";
import type { BuildRequest } from "../build-request.ts";
import type {
  Build,
  Capability,
  Container,
  ContainerOptions,
  ContainerSource,
  EngineInfo,
  ExportSource,
  FileEntry,
  FilePart,
  Progress,
  StateSide,
  StepEnvironment,
} from "../engine.ts";
import type { Made, StateMade, StateOrder } from "../outputs.ts";
import { answerTo } from "./answer.ts";
import { provenanceMode, recordedProvenance } from "./build-record.ts";
import { BuildSessions } from "./build-sessions.ts";
import { emulationWarnings, threadsOf, threadWith, togetherOf } from "./build-threads.ts";
import { cachesOf, checkCacheExports } from "./caches.ts";
import { ContainerList } from "./container-list.ts";
import { DebugRoot, type FindRootDirectory } from "./debug-root.ts";
import { Environments } from "./environments.ts";
import { StateExporter } from "./export/state-exporter.ts";
import { type OutputAbilities, outputAbilities, planOutputs } from "./exporters.ts";
import { lostError, VertexErrors } from "./failure.ts";
import { entitlements } from "./frontend-options.ts";
import { FrontendSolves } from "./frontend-solves.ts";
import { type FrontendResult, GatewayBuild, type Pong } from "./gateway-build.ts";
import { hiding } from "./hiding.ts";
import { IgnoreCache } from "./ignore-cache.ts";
import { askLinked, type LinkedAnswers } from "./linked-targets.ts";
import { makeOutputs, type OutputPlaces, type ReadyPlan, readyOutputs } from "./outputs.ts";
import { architecturesOf, portCapabilities } from "./port-capabilities.ts";
import { answersWithin } from "./pulse.ts";
import type { RawReports } from "./raw-reports.ts";
import type { RequestSession } from "./request-session.ts";
import { SolvedEdges } from "./solved-edges.ts";
import { readSourcePolicy } from "./source-policy.ts";
import { readDirectory, readFilePart, type StateReads } from "./state-files.ts";
import { StateQueue } from "./state-queue.ts";
import { statusReader } from "./status-reader.ts";
import { StepContainers } from "./step-containers.ts";
import { exportTarget } from "./target-export.ts";

export interface BuildParts {
  readonly channel: Channel;
  readonly engine: EngineInfo;
  readonly request: BuildRequest;
  /** Where values of secrets may come from. */
  readonly env: NodeJS.ProcessEnv;
  /** To whether the engine answers; ends with the build. */
  readonly listening: Disposable;
  /** Hides the values of secrets in all that the build prints. */
  readonly mask: SecretMask;
  readonly onProgress: (progress: Progress) => void;
  /** The same of this side's own work and warnings. */
  readonly onOwn: (progress: Progress) => void;
  /** Gets all that the engine reports; undefined = nobody wants it. */
  readonly reports: RawReports | undefined;
  /** Programs of this machine for the debug root. */
  readonly findRootDirectory: FindRootDirectory | undefined;
  readonly places: OutputPlaces;
}

/** An engine that says nothing for so long is not waited for any more. */
const END_DEADLINE_MS = 700;

type Signal = { readonly signal: AbortSignal };

/** One open build on a BuildKit engine. Disposing ends its session, its containers and its solves. */
export class BuildkitBuild implements Build {
  readonly threads: Build["threads"];
  readonly lost: AbortSignal;
  readonly #parts: BuildParts;
  readonly #answer: FrontendResult;
  readonly #linked: LinkedAnswers;
  readonly #session: RequestSession;
  readonly #sessions: BuildSessions;
  readonly #capabilities: ReadonlySet<Capability>;
  readonly #vertexErrors: VertexErrors;
  readonly #lost = new AbortController();
  readonly #edges: SolvedEdges;
  readonly #environments: Environments;
  readonly #containers = new ContainerList();
  readonly #queue: StateQueue;
  readonly #stepContainers: StepContainers;
  readonly #outputs: ReadyPlan;
  readonly #states: StateExporter;
  /** Never left behind: it removes what is half made. */
  #making: Promise<unknown> = Promise.resolve();
  #disposing: Promise<void> | undefined;

  /** Opens session and build and asks the frontend. On failure everything is released again. */
  static async open(
    parts: BuildParts,
    openSession: (request: BuildRequest, options: Signal) => Promise<RequestSession>,
    { signal }: Signal,
  ): Promise<BuildkitBuild> {
    await using scope = new Scope();
    const session = scope.own(await openSession(parts.request, { signal }));
    const vertexErrors = new VertexErrors();
    const existing = new Set<Digest>();
    const caches = cachesOf(parts.request, parts.env);
    const sourcePolicy = await readSourcePolicy(parts.request.sourcePolicy);
    let ignoreCache: IgnoreCache | undefined;
    const early = new FrontendSolves();
    const onProgress = (progress: Progress): void => {
      if (ignoreCache?.hides(progress) === true) return;
      early.add(progress);
      if (progress.kind === "vertex" && progress.completedMs !== undefined && progress.error === "")
        existing.add(progress.vertex);
      parts.onProgress(progress);
    };
    const openGateway = (of = session, report = onProgress): GatewayBuild =>
      new GatewayBuild(parts.channel, {
        session: of.session.id,
        entitlements: entitlements(parts.request),
        exporters: [],
        caches: { ...caches, exports: [] },
        sourcePolicy,
        internal: true,
        ...statusReader(report, { vertexErrors, ...hiding(parts, (vertex) => ignoreCache?.isOwn(vertex)) }),
      });
    const gateway = scope.own(openGateway());
    const pong = await gateway.ping({ signal });
    const { request } = parts;
    // What cannot be made is refused now, not after the build.
    const abilities = { ...outputAbilities(parts.engine, pong), loads: parts.places.loads };
    const plan = planOutputs(request, abilities);
    checkCacheExports(request, abilities.hasImageStore);
    const outputs = await readyOutputs(plan, { ...parts, engine: parts.channel.address }, { signal });
    const linked = scope.own(await askLinked(request, { openSession, openGateway, onProgress, signal }));
    const given = linked.inputsOf(request);
    const onWarning = warningTo(parts);
    const answer = await answerTo(gateway, request, { signal, session, given, onWarning });
    const threads = await threadsOf(answer, linked, request);
    const warnings = emulationWarnings(threads, architecturesOf(pong));
    for (const text of [...warnings, ...early.told(threads)]) onWarning(text);
    const announcing = new IgnoreCache({ ...togetherOf(threads), existing, onWarning });
    ignoreCache = announcing;
    throwIfCancelled(signal);
    return scope.release(
      () =>
        new BuildkitBuild({
          parts,
          session,
          gateway,
          openGateway,
          pong,
          abilities,
          outputs,
          answer,
          linked,
          threads,
          existing,
          ignoreCache: announcing,
          vertexErrors,
        }),
    );
  }

  private constructor(inner: {
    readonly parts: BuildParts;
    readonly session: RequestSession;
    readonly gateway: GatewayBuild;
    readonly openGateway: () => GatewayBuild;
    readonly pong: Pong;
    readonly abilities: OutputAbilities;
    readonly outputs: ReadyPlan;
    readonly answer: FrontendResult;
    readonly linked: LinkedAnswers;
    readonly threads: Build["threads"];
    readonly existing: Set<Digest>;
    readonly ignoreCache: IgnoreCache;
    readonly vertexErrors: VertexErrors;
  }) {
    this.threads = inner.threads;
    this.#answer = inner.answer;
    this.#linked = inner.linked;
    this.lost = this.#lost.signal;
    this.#parts = inner.parts;
    this.#session = inner.session;
    this.#outputs = inner.outputs;
    this.#capabilities = portCapabilities(inner.pong);
    this.#vertexErrors = inner.vertexErrors;
    this.#queue = new StateQueue(inner.parts.channel);
    this.#sessions = new BuildSessions(inner.session, inner.linked);
    this.#edges = new SolvedEdges({
      ...inner,
      sessions: this.#sessions,
      graphs: inner.threads.map(({ graph }) => graph),
      channel: inner.parts.channel,
      containers: this.#containers,
      onFailed: (vertex) => {
        const failure = inner.ignoreCache.failureOf(vertex);
        if (failure !== undefined) inner.parts.onProgress(failure);
      },
      queue: this.#queue,
      onEnded: (what, cause) => this.#lose(what, cause),
    });
    this.#environments = new Environments({
      ...inner.parts,
      ...inner,
      gateway: () => this.#edges.gateway,
      vertex: (digest) => this.#vertex(digest),
    });
    this.#stepContainers = new StepContainers({
      channel: inner.parts.channel,
      mask: inner.parts.mask,
      capabilities: this.#capabilities,
      edges: this.#edges,
      containers: this.#containers,
      queue: this.#queue,
      debugRoot: new DebugRoot({
        edges: this.#edges,
        request: inner.parts.request,
        session: inner.session,
        architectures: architecturesOf(inner.pong),
        find: inner.parts.findRootDirectory,
      }),
      given: inner.parts.request,
      environment: (...asked) => this.environment(...asked),
      vertex: (digest) => this.#vertex(digest),
    });
    const container: Build["container"] = (...asked) => this.container(...asked);
    this.#states = new StateExporter({ ...inner.parts, ...inner, ...togetherOf(inner.threads), container });
    this.#watch();
  }

  supports(capability: Capability): boolean {
    return this.#capabilities.has(capability);
  }

  async solve(targets: readonly Edge[], { signal }: Signal): Promise<void> {
    await this.#edges.solve(targets, { signal });
  }

  place(cuts: ReadonlyMap<Digest, Cuts>): void {
    this.#environments.place(cuts);
  }

  async environment(of: Digest, side: StateSide, { signal }: Signal): Promise<StepEnvironment> {
    return await this.#environments.of(of, side, { signal });
  }

  async readDir(edge: Edge, path: string, { signal }: Signal): Promise<readonly FileEntry[]> {
    const ref = await this.#edges.ref(edge, { signal });
    return await readDirectory(this.#reads(), { ref, path }, { signal });
  }

  async readFile(...[edge, path, { signal, ...part }]: Parameters<Build["readFile"]>): Promise<FilePart> {
    const ref = await this.#edges.ref(edge, { signal });
    return await readFilePart(this.#reads(), { ref, path, ...part }, { signal });
  }

  #reads(): StateReads {
    return {
      channel: this.#parts.channel,
      queue: this.#queue,
      metadata: this.#edges.gateway.metadata,
    };
  }

  async container(of: ContainerSource, options: ContainerOptions): Promise<Container> {
    return await this.#stepContainers.make(of, options);
  }

  /**
   * Outputs are made in a second build on the same session: its vertices are those of the first one, so nothing
   * runs again, and the first build's states and shells stay alive.
   */
  async finish({ signal }: Signal): Promise<Made> {
    const plan = this.#outputs;
    const { request, places, env, onOwn } = this.#parts;
    const makesNothing = plan.outputs.length === 0 && cachesOf(request, env).exports.length === 0;
    const isAskedAbout = request.metadataFile !== undefined || request.iidFile !== undefined;
    if (makesNothing && !isAskedAbout) return { imageId: undefined, outputs: [] };
    const { fileSend, stores } = this.#session;
    const exportAll = (options: Signal) =>
      exportTarget(
        {
          ...this.#parts,
          session: this.#session.session.id,
          threads: this.threads,
          plan,
          answer: this.#answer,
          vertexErrors: this.#vertexErrors,
        },
        options,
      );
    const mode = provenanceMode(env["BUILDX_METADATA_PROVENANCE"]);
    const provenance = (ref: string, options: Signal) =>
      recordedProvenance(this.#parts.channel, ref, { mode, ...options });
    return await this.#make(() =>
      makeOutputs(
        { plan, request, places, env, fileSend, stores, onProgress: onOwn, exportAll, provenance },
        { signal },
      ),
    );
  }

  async exportState(
    source: ExportSource,
    order: StateOrder,
    options: Parameters<Build["exportState"]>[2],
  ): Promise<StateMade> {
    // Whoever leaves does not wait for it.
    const signal = AbortSignal.any([options.signal, this.#containers.ending]);
    return await this.#make(() => this.#states.make(source, order, { ...options, signal }));
  }

  /** One at a time: a session receives the outputs of one build. */
  async #make<T>(make: () => Promise<T>): Promise<T> {
    const before = this.#making;
    const making = before.then(make, make);
    this.#making = making;
    return await making;
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
    await this.#queue[Symbol.asyncDispose]();
    await this.#edges[Symbol.asyncDispose]();
    await this.#making.catch(() => undefined);
    await this.#linked[Symbol.asyncDispose]();
    await this.#session[Symbol.asyncDispose]();
  }

  /** Connection, outer solve and sessions: when one of them ends by itself, the build is of no use any more. */
  #watch(): void {
    const { channel } = this.#parts;
    const onChannel = () => this.#lose(toBktuiError(channel.lost.reason).message, channel.lost.reason);
    // The connection lives longer than this build.
    channel.lost.addEventListener("abort", onChannel, { once: true, signal: this.#containers.ending });
    this.#sessions.watch((what, reason) => this.#lose(what, reason));
  }

  #lose(what: string, cause: unknown): void {
    if (this.#disposing === undefined && !this.lost.aborted) this.#lost.abort(lostError(what, cause));
  }

  #vertex(digest: Digest | undefined): Vertex {
    const vertex = digest && threadWith(this.threads, digest)?.graph.vertices.get(digest);
    if (vertex === undefined)
      throw new BktuiError("not-found", "this step is not part of the build any more");
    return vertex;
  }
}

function warningTo({ onOwn }: BuildParts): (text: string) => void {
  return (text) => onOwn({ kind: "warning", vertex: undefined, text, ranges: [] });
}
