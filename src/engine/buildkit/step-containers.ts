/** Makes containers over the states of a step. */
import type { Digest, Vertex } from "../../graph/graph.ts";
import type { SecretMask } from "../../session/secret-mask.ts";
import type { Channel } from "../../transport/channel.ts";
import type {
  Build,
  Capability,
  Container,
  ContainerOptions,
  ContainerSource,
  MissingPart,
  StepEnvironment,
} from "../engine.ts";
import { GatewayContainer } from "./container.ts";
import type { ContainerList } from "./container-list.ts";
import type { ContainerPlan } from "./container-plan.ts";
import type { DebugRoot } from "./debug-root.ts";
import { bareEnvironment, debugEnvironment } from "./environment.ts";
import { type GivenParts, MissingParts } from "./missing-parts.ts";
import {
  belowTarget,
  besideDebugRoot,
  edgesOf,
  mountsOf,
  type StatefulMount,
  withDebugRoot,
} from "./mounts.ts";
import { RestoredAnswers } from "./restored.ts";
import type { SolvedEdges } from "./solved-edges.ts";
import type { StateQueue } from "./state-queue.ts";

export interface StepContainersParts {
  readonly channel: Channel;
  readonly mask: SecretMask;
  readonly capabilities: ReadonlySet<Capability>;
  readonly edges: SolvedEdges;
  readonly containers: ContainerList;
  readonly queue: StateQueue;
  readonly debugRoot: DebugRoot;
  readonly given: GivenParts;
  readonly environment: Build["environment"];
  /** @throws {BktuiError} "not-found" */
  readonly vertex: (digest: Digest | undefined) => Vertex;
}

interface Signal {
  readonly signal: AbortSignal;
}

interface Placed {
  readonly environment: StepEnvironment;
  readonly mounts: readonly StatefulMount[];
  readonly missing: readonly MissingPart[];
}

/** Makes the containers of one build. */
export class StepContainers {
  readonly #parts: StepContainersParts;
  readonly #restored: RestoredAnswers;
  readonly #missing: MissingParts;

  constructor(parts: StepContainersParts) {
    this.#parts = parts;
    const bare = { missing: [], restored: { hasSh: true, lacking: [] } };
    this.#restored = new RestoredAnswers((question) =>
      this.#create({ ...question, ...bare }, { signal: parts.containers.ending }),
    );
    this.#missing = new MissingParts({
      ...parts,
      make: (question, options) => this.#create({ ...question, ...bare }, options),
    });
  }

  async make(of: ContainerSource, { signal, debugRoot }: ContainerOptions): Promise<Container> {
    const make = (options: Signal): Promise<Container> => this.#make(of, { ...options, debugRoot });
    return await this.#parts.containers.make(make, { signal });
  }

  async #make(of: ContainerSource, options: ContainerOptions): Promise<Container> {
    const { signal } = options;
    const { edges } = this.#parts;
    const { environment, mounts, missing } = await this.#placed(of, options);
    await edges.solve(edgesOf(mounts), { signal });
    const question = {
      environment,
      mounts: mounts.map(({ mount, state }) => ({
        mount,
        resultId: state === undefined ? "" : state.kind === "id" ? state.id : edges.refOf(state.edge),
      })),
    };
    const restored = await this.#restored.of(question, { signal });
    return await this.#create({ ...question, missing, restored }, { signal });
  }

  /** What a process finds where. */
  async #placed(of: ContainerSource, { signal, debugRoot }: ContainerOptions): Promise<Placed> {
    const vertex = this.#parts.vertex("failure" in of ? of.failure.vertex : of.vertex);
    const isBoth = of.side === "states";
    const side = isBoth ? ("failure" in of ? "failed" : "base") : of.side;
    const whole = await this.#parts.environment(vertex.digest, side, { signal });
    const wanted = { environment: whole, mounts: mountsOf(of, vertex, whole.mounts) };
    // Of both states there are the roots alone.
    const possible = isBoth
      ? { ...wanted, missing: [] }
      : await this.#missing.of({ ...wanted, vertex }, { signal });
    const { environment: own, mounts, missing } = possible;
    if (debugRoot === undefined)
      return isBoth ? { ...possible, environment: bareEnvironment(own) } : possible;
    const root = await this.#parts.debugRoot.edge({ signal, isStatic: debugRoot === "beside" });
    if (debugRoot === "beside") return { ...possible, mounts: withDebugRoot(mounts, root) };
    const debug = debugEnvironment(own);
    return isBoth
      ? { environment: bareEnvironment(debug), mounts: besideDebugRoot(mounts, root), missing }
      : { environment: debug, mounts: belowTarget(mounts, root), missing };
  }

  async #create(
    plan: Pick<ContainerPlan, "environment" | "mounts" | "missing" | "restored">,
    { signal }: Signal,
  ): Promise<Container> {
    const { channel, capabilities, edges, containers, queue, mask } = this.#parts;
    const abilities = {
      canExtraHosts: capabilities.has("exec.extrahosts"),
      canSecretEnv: capabilities.has("exec.secretenv"),
    };
    const { metadata } = edges.gateway;
    const made = { ...plan, ...abilities, mask, queue };
    const container = await GatewayContainer.create(channel, metadata, made, { signal });
    return await containers.adopt(container, { signal });
  }
}
