/** Makes outputs of a step's state, in a build of its own on the session of the one that has the state. */
import { createHash, randomUUID } from "node:crypto";
import { BktuiError, throwIfCancelled } from "../../../base/errors.ts";
import { Scope } from "../../../base/scope.ts";
import type { Edge, Graph, Vertex } from "../../../graph/graph.ts";
import { registryHosts } from "../../../graph/registries.ts";
import {
  ACCEPTS_EXIT_CODES,
  type AddedFile,
  archivesDefinition,
  rerunDefinition,
  withFile,
} from "../../../protocol/llb-state.ts";
import { bridge } from "../../../protocol/methods.ts";
import { digestOf } from "../../../protocol/scalars.ts";
import type { SecretMask } from "../../../session/secret-mask.ts";
import type { Channel } from "../../../transport/channel.ts";
import type { BuildRequest } from "../../build-request.ts";
import type { Build, EngineInfo, ExportSource, Progress } from "../../engine.ts";
import type { SolveFailed } from "../../failures.ts";
import type { MadeOutput, OutputSpec, StateMade, StateOrder } from "../../outputs.ts";
import { threadWith } from "../build-threads.ts";
import { pushedDigest } from "../docker-deliveries.ts";
import { type OutputAbilities, planOutputs } from "../exporters.ts";
import { VertexErrors } from "../failure.ts";
import { entitlements } from "../frontend-options.ts";
import { type FrontendResult, GatewayBuild, type Pong } from "../gateway-build.ts";
import { makeOutputs, type OutputPlaces, type ReadyPlan, readyOutputs } from "../outputs.ts";
import { hasLlbCapability } from "../port-capabilities.ts";
import type { RequestSession } from "../request-session.ts";
import { readSourcePolicy } from "../source-policy.ts";
import { statusReader } from "../status-reader.ts";
import { refuseExisting } from "./already-there.ts";
import { directoryProblem } from "./directory-problem.ts";
import { HISTORY_NAME, imageConfig, NOTES_DIRECTORY } from "./image-config.ts";
import { layersBelow } from "./layers-below.ts";
import { forgetImage, intoStore, type SavedImage, savedImage, saveImage } from "./saved-images.ts";
import { SecretCheck } from "./secret-check.ts";
import { StateCapture } from "./state-capture.ts";

type Signal = { readonly signal: AbortSignal };
type Options = Signal & { readonly onProgress: (progress: Progress) => void };

export interface StateExporterParts {
  readonly channel: Channel;
  readonly engine: EngineInfo;
  readonly request: BuildRequest;
  readonly env: NodeJS.ProcessEnv;
  readonly places: OutputPlaces;
  readonly mask: SecretMask;
  readonly abilities: OutputAbilities;
  readonly pong: Pong;
  readonly session: RequestSession;
  readonly graph: Graph;
  readonly threads: Build["threads"];
  readonly answer: FrontendResult;
  readonly container: Build["container"];
}

/** Of a tar or a directory there is no configuration, so nothing is added to it either. */
const IMAGES: readonly string[] = ["image", "registry", "oci", "docker", "moby"];
const READING = "reading the state out of its container";
const NO_PROVENANCE = { type: "provenance", record: undefined } as const;

/** Exports states of one build, one at a time. */
export class StateExporter {
  readonly #parts: StateExporterParts;

  constructor(parts: StateExporterParts) {
    this.#parts = parts;
  }

  /** @throws {AlreadyThere} */
  async make(source: ExportSource, order: StateOrder, options: Options): Promise<StateMade> {
    const { session, places, env } = this.#parts;
    const { signal, onProgress } = options;
    const { specs, saved } = this.#specs(order);
    const request = this.#request(specs, source);
    const plan = await this.#plan(request, { signal });
    if (!order.force) await this.#refuseExisting(plan, saved, { signal });
    for (const name of plan.outputs.flatMap(({ names }) => names))
      for (const host of registryHosts(`FROM ${name}`, {})) session.allowRegistry(host);
    const check = order.withSecrets ? undefined : await SecretCheck.begin(this.#parts);
    for (const name of plan.outputs.flatMap(({ names }) => names)) check?.text(name, "the image's name");
    // What is run again is run once: the second time it is in the cache.
    const seed = randomUUID();
    if (check !== undefined && (source.way === "solved" || source.way === "rebuilt")) {
      const isImage = specs.some(({ type }) => IMAGES.includes(type));
      for (const edge of isImage ? this.#layersBelow(source) : [])
        await this.#searchSolved(check, { source: { way: "solved", edge }, order, seed }, options);
      await this.#searchSolved(check, { source, order, seed }, options);
    }
    let notes = (): readonly string[] => [];
    const exportAll = async ({
      signal: stop,
    }: Signal): ReturnType<Parameters<typeof makeOutputs>[0]["exportAll"]> => {
      await using scope = new Scope();
      const output = scope.own(await this.#open(plan, source, { signal: stop, onProgress }));
      const stated = await this.#stated(
        output,
        { source, order, plan, scope, check, seed },
        { signal: stop, onProgress },
      );
      notes = stated.notes;
      // Nothing has left yet.
      check?.refuse();
      return { ref: output.ref, answer: await output.finish(stated.result, { signal: stop }) };
    };
    const { fileSend, stores } = session;
    const provenance = async (): Promise<Readonly<Record<string, string>>> => ({});
    await using scope = new Scope();
    for (const image of saved) scope.defer(() => forgetImage(this.#parts.channel.address, image));
    const made = await makeOutputs(
      { plan, request, places, env, fileSend, stores, onProgress, exportAll, provenance },
      { signal },
    ).catch((error: unknown) => {
      throw plan.outputs.some(({ delivery }) => delivery.kind === "directory")
        ? directoryProblem(error)
        : error;
    });
    const files: MadeOutput[] = [];
    for (const image of saved) files.push(await saveImage(this.#parts.channel.address, image, { signal }));
    const isSaved = ({ kind, ...output }: MadeOutput): boolean =>
      kind === "loaded" &&
      "names" in output &&
      saved.some(({ temporary }) => output.names.includes(temporary));
    return {
      ...made,
      outputs: [...made.outputs.filter((output) => !isSaved(output)), ...files],
      notes: [...notes(), ...(check?.notes ?? [])],
    };
  }

  /** What the engine is to make; what docker is to save goes into its store first. */
  #specs({ outputs, name }: StateOrder): {
    readonly specs: readonly OutputSpec[];
    readonly saved: readonly SavedImage[];
  } {
    const saved: SavedImage[] = [];
    const specs = outputs.map((spec) => {
      const isNamed = !IMAGES.includes(spec.type) || (spec.attributes["name"] ?? "") !== "";
      const named = isNamed ? spec : { ...spec, attributes: { ...spec.attributes, name } };
      const image = savedImage(named, this.#parts.abilities);
      if (image === undefined) return named;
      saved.push(image);
      return intoStore(image);
    });
    return { specs, saved };
  }

  #layersBelow(source: Extract<ExportSource, { readonly way: "solved" | "rebuilt" }>): readonly Edge[] {
    const { graph } = this.#parts;
    if (source.way === "solved") return source.edge === undefined ? [] : layersBelow(graph, source.edge);
    return layersBelow(graph, { vertex: this.#failed(source.failure).digest, output: 0 });
  }

  /** What the engine has itself is sent here once, to be looked through, before anything is made of it. */
  async #searchSolved(
    check: SecretCheck,
    {
      source,
      order,
      seed,
    }: { readonly source: ExportSource; readonly order: StateOrder; readonly seed: string },
    options: Options,
  ): Promise<void> {
    if (source.way === "solved" && source.edge === undefined) return;
    const { session, abilities } = this.#parts;
    const outputs = [{ type: "tar", dest: "-", attributes: {} }];
    const plan = planOutputs(this.#request(outputs, source), abilities);
    await using receiver = check.receiver();
    using _expected = session.fileSend.expect([receiver]);
    await using scope = new Scope();
    const searched = { ...plan, outputs: plan.outputs.map((output) => ({ ...output, docker: undefined })) };
    const build = scope.own(await this.#open(searched, source, options));
    const stated = await this.#stated(build, { source, order, plan: searched, scope, check, seed }, options);
    try {
      await build.finish(stated.result, options);
    } catch (error) {
      throw receiver.problem ?? error;
    }
    receiver.commit();
    check.refuse();
  }

  /** Nothing that was asked of the target holds for a state: neither its names nor its notes, caches and files of ids. */
  #request(outputs: readonly OutputSpec[], source: ExportSource): BuildRequest {
    const { iidFile: _iid, metadataFile: _metadata, ...request } = this.#parts.request;
    return {
      ...request,
      platform: this.#platformOf(source) ?? request.platform,
      outputs,
      tags: [],
      load: false,
      push: false,
      annotations: {},
      attests: [NO_PROVENANCE],
      cacheTo: [],
    };
  }

  async #plan(request: BuildRequest, { signal }: Signal): Promise<ReadyPlan> {
    const { abilities, channel, places } = this.#parts;
    const plan = planOutputs(request, abilities);
    return await readyOutputs(plan, { request, engine: channel.address, places }, { signal });
  }

  async #refuseExisting(
    { outputs }: ReadyPlan,
    saved: readonly SavedImage[],
    { signal }: Signal,
  ): Promise<void> {
    const { channel, engine, env } = this.#parts;
    const docker = engine.kind === "dockerd" ? channel.address : undefined;
    const isPushed = async (name: string): Promise<boolean> => {
      // A registry that refuses to answer refuses the push too, and says why.
      const asked =
        docker === undefined
          ? this.#resolved(name, { signal })
          : pushedDigest(docker, name, { env, signal }).then((digest) => digest !== undefined);
      return await asked.catch(() => {
        throwIfCancelled(signal);
        return false;
      });
    };
    const files = saved.map(({ path }) => path);
    await refuseExisting(outputs, { docker, isPushed, files, signal });
  }

  /** Whether the engine finds an image of that name in its registry. */
  async #resolved(name: string, { signal }: Signal): Promise<boolean> {
    await using build = this.#gateway(
      { outputs: [], attributes: {} },
      { signal, onProgress: () => undefined },
    );
    await build.ping({ signal });
    const asked = { Ref: name, ResolveMode: "pull", LogName: `look for ${name}` };
    await this.#parts.channel.unary(bridge.resolveImageConfig, asked, { metadata: build.metadata, signal });
    return true;
  }

  #gateway(
    plan: Pick<ReadyPlan, "attributes"> & { readonly outputs: ReadyPlan["outputs"] },
    { onProgress }: Options,
    sourcePolicy?: Awaited<ReturnType<typeof readSourcePolicy>>,
  ): GatewayBuild {
    const { channel, session, request, mask, graph } = this.#parts;
    const report = (progress: Progress): void => {
      // The engine tells the vertices and logs of the first build once more.
      const isKnown = progress.vertex !== undefined && graph.vertices.has(progress.vertex);
      if (!isKnown) onProgress(progress);
    };
    return new GatewayBuild(channel, {
      session: session.session.id,
      entitlements: entitlements(request),
      exporters: plan.outputs.map(({ exporter }) => exporter),
      attributes: plan.attributes,
      sourcePolicy,
      internal: true,
      ...statusReader(report, { vertexErrors: new VertexErrors(), mask }),
    });
  }

  async #open(plan: ReadyPlan, source: ExportSource, options: Options): Promise<GatewayBuild> {
    // What a policy says of the build's sources: an archive of a state is none of them.
    const isBuilds = source.way === "solved" || source.way === "rebuilt";
    const policy = isBuilds ? await readSourcePolicy(this.#parts.request.sourcePolicy) : undefined;
    const build = this.#gateway(plan, options, policy);
    try {
      await build.ping(options);
      return build;
    } catch (error) {
      await build[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The state as the second build has it, with the configuration of its image. */
  async #stated(
    build: GatewayBuild,
    {
      source,
      order,
      plan,
      scope,
      check,
      seed,
    }: {
      readonly source: ExportSource;
      readonly order: StateOrder;
      readonly plan: ReadyPlan;
      readonly scope: Scope;
      readonly check: SecretCheck | undefined;
      readonly seed: string;
    },
    { signal, onProgress }: Options,
  ): Promise<{ readonly result: FrontendResult; readonly notes: () => readonly string[] }> {
    const { graph, session } = this.#parts;
    const atSeconds = this.#epoch();
    const isImage = plan.outputs.some(({ exporter }) => IMAGES.includes(exporter.type));
    const { command } = order.image;
    const added: AddedFile | undefined =
      isImage && command !== undefined
        ? { directory: NOTES_DIRECTORY, name: HISTORY_NAME, text: `${command}\n`, atSeconds }
        : undefined;
    let notes = (): readonly string[] => [];
    let id: string;
    let layers: "one" | "several" = "several";
    if (source.way === "solved") {
      const definition =
        source.edge === undefined
          ? added === undefined
            ? undefined
            : archivesDefinition([], added)
          : withFile(graph, source.edge, added);
      id = definition === undefined ? "" : await build.solveDefinition(definition, { signal });
    } else if (source.way === "rebuilt") {
      const vertex = this.#failed(source.failure);
      const acceptsAll = hasLlbCapability(this.#parts.pong, ACCEPTS_EXIT_CODES);
      const rerun = { acceptsAll, seed };
      id = await build.solveDefinition(rerunDefinition(graph, vertex, rerun, added), { signal });
    } else {
      const { captured, onRead } = this.#capture(onProgress);
      const state = await captured.of(source, { signal });
      notes = state.notes;
      const ids = state.archives.map((archive) => {
        const name = randomUUID();
        session.uploads.set(name, check === undefined ? archive : check.archive(archive));
        scope.defer(() => void session.uploads.delete(name));
        return name;
      });
      id = await build.solveDefinition(archivesDefinition(ids, added), { signal });
      onRead();
      layers = "one";
    }
    const config = imageConfig(order.image, this.#frontendConfig(source), { atSeconds, layers });
    check?.config(config);
    return { result: { ref: { id }, metadata: { "containerimage.config": config } }, notes };
  }

  /** What is read is told like a vertex of the engine's own. */
  #capture(onProgress: (progress: Progress) => void): {
    readonly captured: StateCapture;
    readonly onRead: () => void;
  } {
    const { container } = this.#parts;
    const vertex = digestOf(`sha256:${createHash("sha256").update(randomUUID()).digest("hex")}`);
    const startedMs = Date.now();
    const tell = (completedMs: number | undefined): void =>
      onProgress({ kind: "vertex", vertex, name: READING, startedMs, completedMs, cached: false, error: "" });
    let bytes = 0;
    const count = (completed: boolean): void =>
      onProgress({ kind: "status", vertex, id: READING, current: bytes, total: 0, completed });
    tell(undefined);
    const onBytes = (read: number): void => {
      bytes = read;
      count(false);
    };
    const onRead = (): void => {
      count(true);
      tell(Date.now());
    };
    return { captured: new StateCapture({ container, onBytes }), onRead };
  }

  #failed({ vertex }: SolveFailed): Vertex {
    const found = vertex === undefined ? undefined : this.#parts.graph.vertices.get(vertex);
    if (found === undefined) throw new BktuiError("not-found", "this step is not part of the build any more");
    return found;
  }

  /** That of the one which the state is of, where the build is for several. */
  #platformOf(source: ExportSource): string | undefined {
    const { threads } = this.#parts;
    const vertex =
      source.way === "solved"
        ? source.edge?.vertex
        : source.way === "reproduced"
          ? source.vertex
          : source.failure.vertex;
    return threadWith(threads, vertex)?.platform ?? threads[0].platform;
  }

  #frontendConfig(source: ExportSource): Uint8Array | undefined {
    const own = this.#parts.answer.metadata?.[`containerimage.config/${this.#platformOf(source)}`];
    if (own !== undefined) return own;
    const entries = Object.entries(this.#parts.answer.metadata ?? {});
    return entries.find(
      ([name]) => name === "containerimage.config" || name.startsWith("containerimage.config/"),
    )?.[1];
  }

  /** `SOURCE_DATE_EPOCH` of the build. */
  #epoch(): number | undefined {
    const text = this.#parts.request.buildArgs["SOURCE_DATE_EPOCH"] ?? "";
    return /^\d{1,11}$/.test(text) ? Number(text) : undefined;
  }
}
