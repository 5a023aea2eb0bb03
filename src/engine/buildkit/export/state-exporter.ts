/** Makes outputs of a step's state, in a build of its own on the session of the one that has the state. */
import { randomUUID } from "node:crypto";
import { BktuiError, throwIfCancelled } from "../../../base/errors.ts";
import { Scope } from "../../../base/scope.ts";
import type { Graph } from "../../../graph/graph.ts";
import { registryHosts } from "../../../graph/registries.ts";
import { type AddedFile, archivesDefinition, withFile } from "../../../protocol/llb-state.ts";
import { bridge } from "../../../protocol/methods.ts";
import type { SecretMask } from "../../../session/secret-mask.ts";
import type { Channel } from "../../../transport/channel.ts";
import type { BuildRequest } from "../../build-request.ts";
import type { Build, EngineInfo, ExportSource, Progress } from "../../engine.ts";
import type { OutputSpec, StateMade, StateOrder } from "../../outputs.ts";
import { threadWith } from "../build-threads.ts";
import { pushedDigest } from "../docker-deliveries.ts";
import { type OutputAbilities, planOutputs } from "../exporters.ts";
import { VertexErrors } from "../failure.ts";
import { entitlements } from "../frontend-options.ts";
import { type FrontendResult, GatewayBuild } from "../gateway-build.ts";
import { makeOutputs, type OutputPlaces, type ReadyPlan, readyOutputs } from "../outputs.ts";
import type { RequestSession } from "../request-session.ts";
import { readSourcePolicy } from "../source-policy.ts";
import { statusReader } from "../status-reader.ts";
import { refuseExisting } from "./already-there.ts";
import { HISTORY_NAME, imageConfig, NOTES_DIRECTORY } from "./image-config.ts";
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
  readonly session: RequestSession;
  readonly graph: Graph;
  readonly threads: Build["threads"];
  readonly answer: FrontendResult;
  readonly container: Build["container"];
}

/** Of a tar or a directory there is no configuration, so nothing is added to it either. */
const IMAGES: readonly string[] = ["image", "registry", "oci", "docker", "moby"];
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
    const request = this.#request(order, source);
    const plan = await this.#plan(request, { signal });
    if (!order.force) await this.#refuseExisting(plan, { signal });
    for (const name of plan.outputs.flatMap(({ names }) => names))
      for (const host of registryHosts(`FROM ${name}`, {})) session.allowRegistry(host);
    let notes = (): readonly string[] => [];
    const exportAll = async ({
      signal: stop,
    }: Signal): ReturnType<Parameters<typeof makeOutputs>[0]["exportAll"]> => {
      await using scope = new Scope();
      const output = scope.own(await this.#open(plan, source, { signal: stop, onProgress }));
      const stated = await this.#stated(output, { source, order, plan, scope }, { signal: stop, onProgress });
      notes = stated.notes;
      return { ref: output.ref, answer: await output.finish(stated.result, { signal: stop }) };
    };
    const { fileSend, stores } = session;
    const provenance = async (): Promise<Readonly<Record<string, string>>> => ({});
    const made = await makeOutputs(
      { plan, request, places, env, fileSend, stores, onProgress, exportAll, provenance },
      { signal },
    );
    return { ...made, notes: notes() };
  }

  /** Nothing that was asked of the target holds for a state: neither its names nor its notes, caches and files of ids. */
  #request({ outputs, name }: StateOrder, source: ExportSource): BuildRequest {
    const { iidFile: _iid, metadataFile: _metadata, ...request } = this.#parts.request;
    const named = (spec: OutputSpec): OutputSpec => {
      const isNamed = !IMAGES.includes(spec.type) || (spec.attributes["name"] ?? "") !== "";
      return isNamed ? spec : { ...spec, attributes: { ...spec.attributes, name } };
    };
    return {
      ...request,
      platform: this.#platformOf(source) ?? request.platform,
      outputs: outputs.map(named),
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

  async #refuseExisting({ outputs }: ReadyPlan, { signal }: Signal): Promise<void> {
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
    await refuseExisting(outputs, { docker, isPushed, signal });
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
    }: {
      readonly source: ExportSource;
      readonly order: StateOrder;
      readonly plan: ReadyPlan;
      readonly scope: Scope;
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
      throw new BktuiError("unsupported", "a state cannot be built again yet");
    } else {
      const { captured, onBytes } = this.#capture(onProgress);
      const state = await captured.of(source, { signal });
      notes = state.notes;
      const ids = state.archives.map((archive) => {
        const name = randomUUID();
        session.uploads.set(name, archive);
        scope.defer(() => void session.uploads.delete(name));
        return name;
      });
      id = await build.solveDefinition(archivesDefinition(ids, added), { signal });
      onBytes();
      layers = "one";
    }
    const config = imageConfig(order.image, this.#frontendConfig(source), { atSeconds, layers });
    return { result: { ref: { id }, metadata: { "containerimage.config": config } }, notes };
  }

  /** What is read is told like a vertex of the engine's own. */
  #capture(_onProgress: (progress: Progress) => void): {
    readonly captured: StateCapture;
    readonly onBytes: () => void;
  } {
    const { container } = this.#parts;
    return { captured: new StateCapture({ container, onBytes: () => undefined }), onBytes: () => undefined };
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
