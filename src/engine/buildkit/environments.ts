/** What a command in a place of the build gets: said by its op, by the frontend, or by what is around it. */
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import type { Cuts } from "../../graph/cuts.ts";
import type { Digest, Graph, Vertex } from "../../graph/graph.ts";
import { bridge } from "../../protocol/methods.ts";
import type { Channel } from "../../transport/channel.ts";
import type { BuildRequest } from "../build-request.ts";
import type { Build, StateSide, StepEnvironment } from "../engine.ts";
import { threadWith } from "./build-threads.ts";
import { ownEnvironment, probedEnvironment, probeText } from "./environment.ts";
import { askAboutText } from "./frontend.ts";
import type { GatewayBuild } from "./gateway-build.ts";
import type { LinkedAnswers } from "./linked-targets.ts";
import {
  BARE_ENVIRONMENT,
  environmentOfCommand,
  environmentOfImage,
  imageOf,
  nearestOf,
} from "./near-environment.ts";

type Signal = { readonly signal: AbortSignal };

export interface EnvironmentsParts {
  readonly channel: Channel;
  readonly request: BuildRequest;
  readonly threads: Build["threads"];
  readonly linked: LinkedAnswers;
  /** The one of now: it may be replaced. */
  readonly gateway: () => GatewayBuild;
  /** @throws {BktuiError} "not-found" */
  readonly vertex: (digest: Digest) => Vertex;
}

/** Environments of the places of one build, each asked for once. */
export class Environments {
  readonly #parts: EnvironmentsParts;
  #cuts: ReadonlyMap<Digest, Cuts> = new Map();
  readonly #known = new Map<string, StepEnvironment>();

  constructor(parts: EnvironmentsParts) {
    this.#parts = parts;
  }

  /** Where the Dockerfile is cut for each vertex; empty for what is no Dockerfile. */
  place(cuts: ReadonlyMap<Digest, Cuts>): void {
    this.#cuts = cuts;
  }

  async of(digest: Digest, side: StateSide, options: Signal): Promise<StepEnvironment> {
    const { threads, request } = this.#parts;
    const vertex = this.#parts.vertex(digest);
    const own = ownEnvironment(vertex);
    if (own !== undefined) return own;
    const { graph, platform } = threadWith(threads, digest) ?? threads[0];
    return this.#cuts.size === 0 || request.source.kind === "definition"
      ? await this.#near(graph, vertex, options)
      : await this.#asked({ graph, vertex, platform }, side, options);
  }

  async #asked(
    { graph, vertex, platform }: { graph: Graph; vertex: Vertex; platform: string | undefined },
    side: StateSide,
    { signal }: Signal,
  ): Promise<StepEnvironment> {
    const { linked, gateway } = this.#parts;
    const text = probeText(graph, vertex, side, this.#cuts.get(vertex.digest));
    const { request, given, name = "" } = linked.askedOf(vertex.digest, this.#asOne(platform));
    return await this.#once(`${name}\n${platform ?? ""}\n${text}`, async () =>
      probedEnvironment(await askAboutText(gateway(), text, request, { signal, given })),
    );
  }

  async #near(graph: Graph, vertex: Vertex, { signal }: Signal): Promise<StepEnvironment> {
    const nearest = nearestOf(graph, vertex);
    if (nearest?.kind === "command") return environmentOfCommand(nearest.vertex);
    const image = imageOf(nearest?.vertex);
    if (nearest === undefined || image === undefined) return BARE_ENVIRONMENT;
    return await this.#once(`${image}\n${nearest.vertex.platform}`, async () => {
      const config = await this.#configOf(image, nearest.vertex, { signal });
      return environmentOfImage(config, image) ?? BARE_ENVIRONMENT;
    });
  }

  /** Undefined where the engine does not tell it: a shell is opened all the same. */
  async #configOf(image: string, { platform }: Vertex, { signal }: Signal): Promise<Uint8Array | undefined> {
    const [OS = "", Architecture = "", Variant = ""] = platform.split("/");
    const asked = {
      Ref: image,
      ...(platform === "" ? {} : { Platform: { OS, Architecture, Variant } }),
      ResolveMode: "default",
      LogName: `[internal] look up the environment of ${image}`,
    };
    const { metadata } = this.#parts.gateway();
    try {
      return (await this.#parts.channel.unary(bridge.resolveImageConfig, asked, { metadata, signal })).Config;
    } catch (error) {
      throwIfCancelled(signal);
      if (!(error instanceof BktuiError)) throw error;
      return undefined;
    }
  }

  async #once(key: string, ask: () => Promise<StepEnvironment>): Promise<StepEnvironment> {
    const known = this.#known.get(key) ?? (await ask());
    this.#known.set(key, known);
    return known;
  }

  /** What is asked about a place is asked for the platform that it is built for. */
  #asOne(platform: string | undefined): BuildRequest {
    const { request, threads } = this.#parts;
    return threads.length === 1 || platform === undefined ? request : { ...request, platform };
  }
}
