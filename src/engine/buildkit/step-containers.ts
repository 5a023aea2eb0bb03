/** Makes containers over the states of a step. */
import type { Digest, Vertex } from "../../graph/graph.ts";
import type { Channel } from "../../transport/channel.ts";
import type { Build, Capability, Container, ContainerSource } from "../engine.ts";
import { GatewayContainer } from "./container.ts";
import type { ContainerList } from "./container-list.ts";
import { bareEnvironment } from "./environment.ts";
import { edgesOf, mountsOf } from "./mounts.ts";
import { type Restored, RestoredAnswers, type RestoredQuestion } from "./restored.ts";
import type { SolvedEdges } from "./solved-edges.ts";

export interface StepContainersParts {
  readonly channel: Channel;
  readonly capabilities: ReadonlySet<Capability>;
  readonly edges: SolvedEdges;
  readonly containers: ContainerList;
  readonly environment: Build["environment"];
  /** @throws {BktuiError} "not-found" */
  readonly vertex: (digest: Digest | undefined) => Vertex;
}

interface Signal {
  readonly signal: AbortSignal;
}

export class StepContainers {
  readonly #parts: StepContainersParts;
  readonly #restored: RestoredAnswers;

  constructor(parts: StepContainersParts) {
    this.#parts = parts;
    this.#restored = new RestoredAnswers((question) =>
      this.#create(
        { ...question, restored: { hasSh: true, lacking: [] } },
        { signal: parts.containers.ending },
      ),
    );
  }

  async make(of: ContainerSource, { signal }: Signal): Promise<Container> {
    return await this.#parts.containers.make((options) => this.#make(of, options), { signal });
  }

  async #make(of: ContainerSource, { signal }: Signal): Promise<Container> {
    const { edges } = this.#parts;
    const vertex = this.#parts.vertex("failure" in of ? of.failure.vertex : of.vertex);
    const own = await this.#parts.environment(vertex.digest, of.side === "states" ? "failed" : of.side, {
      signal,
    });
    const mounts = mountsOf(of, vertex, own.mounts);
    const environment = of.side === "states" ? bareEnvironment(own) : own;
    await edges.solve(edgesOf(mounts), { signal });
    const question = {
      environment,
      mounts: mounts.map(({ mount, state }) => ({
        mount,
        resultId: state === undefined ? "" : state.kind === "id" ? state.id : edges.refOf(state.edge),
      })),
    };
    const restored = await this.#restored.of(question, { signal });
    return await this.#create({ ...question, restored }, { signal });
  }

  async #create(
    plan: RestoredQuestion & { readonly restored: Restored },
    { signal }: Signal,
  ): Promise<Container> {
    const { channel, capabilities, edges, containers } = this.#parts;
    const abilities = {
      canExtraHosts: capabilities.has("exec.extrahosts"),
      canSecretEnv: capabilities.has("exec.secretenv"),
    };
    const { metadata } = edges.gateway;
    const container = await GatewayContainer.create(channel, metadata, { ...plan, ...abilities }, { signal });
    return await containers.adopt(container, { signal });
  }
}
