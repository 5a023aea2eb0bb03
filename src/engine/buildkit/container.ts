/** A container over the mounts of a step, with the step's own way of running processes. */
import type { pb } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import type { ExecMeta } from "../../graph/graph.ts";
import { newContainer } from "../../protocol/containers.ts";
import { bridge } from "../../protocol/methods.ts";
import type { Channel } from "../../transport/channel.ts";
import type { HeaderList } from "../../transport/upgrade.ts";
import type { Container, MissingPart, Process, ProcessSpec, StepEnvironment } from "../engine.ts";
import type { ContainerPlan } from "./container-plan.ts";
import { differencesOf } from "./differences.ts";
import { newId } from "./ids.ts";
import { GatewayProcess } from "./process.ts";
import { restoring } from "./restore.ts";
import { wireMeta, wireMount, wireNetwork, wireSecurity } from "./wire-exec.ts";

/** How long a release may take: 20 ms on current engines, 1.8 s on BuildKit 0.8. */
const RELEASE_DEADLINE_MS = 15_000;

/** After this, streams end before their container: BuildKit 0.8 may take 8 s to drain a terminal that goes on printing. */
const STREAM_PATIENCE_MS = 2000;

/** One container of a gateway build. Disposing releases it. */
export class GatewayContainer implements Container {
  readonly environment: StepEnvironment;
  readonly differences: readonly string[];
  readonly missing: readonly MissingPart[];
  readonly #channel: Channel;
  readonly #metadata: HeaderList;
  readonly #plan: ContainerPlan;
  readonly #id = newId();
  readonly #processes = new Set<GatewayProcess>();
  /** Whether a process has begun; never rejects. */
  #mounted = Promise.resolve(false);
  #released: Promise<void> | undefined;
  #onReleased: () => void = () => {};

  static async create(
    channel: Channel,
    metadata: HeaderList,
    plan: ContainerPlan,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<GatewayContainer> {
    const container = new GatewayContainer(channel, metadata, plan);
    const { meta } = plan.environment;
    const request = {
      ContainerID: container.#id,
      Mounts: plan.mounts.map(({ mount, resultId }) => wireMount(mount, resultId)),
      Network: wireNetwork(meta.network),
      hostname: plan.canExtraHosts ? meta.hostname : "",
      extraHosts: plan.canExtraHosts ? meta.extraHosts.map(({ host, ip }) => ({ Host: host, IP: ip })) : [],
    };
    try {
      const { mounted } = await plan.queue.mount(
        container.#refs(),
        () => ({ mounted: newContainer(channel, request, { metadata, signal }) }),
        { signal },
      );
      await mounted;
    } catch (error) {
      // A cancelled call may have made the container all the same; BuildKit 0.8 never frees it by itself.
      await container[Symbol.asyncDispose]();
      throw error;
    }
    return container;
  }

  private constructor(channel: Channel, metadata: HeaderList, plan: ContainerPlan) {
    this.#channel = channel;
    this.#metadata = metadata;
    this.#plan = plan;
    this.environment = plan.environment;
    this.differences = differencesOf(plan);
    this.missing = plan.missing;
  }

  async start(spec: ProcessSpec, { signal }: { readonly signal: AbortSignal }): Promise<Process> {
    const { environment, restored } = this.#plan;
    const { meta } = environment;
    const args = restoring(spec.args, environment, restored);
    const begin = (): GatewayProcess => {
      if (this.#released !== undefined) throw new BktuiError("cancelled", "the container has been released");
      const process = new GatewayProcess(this.#channel, this.#metadata, {
        containerId: this.#id,
        meta: wireMeta(processMeta(meta, { ...spec, args })),
        security: wireSecurity(meta.security),
        secretEnv: this.#plan.canSecretEnv ? secretEnv(meta) : [],
        terminal: spec.terminal,
        input: spec.input === true,
        mask: spec.exact === true ? undefined : this.#plan.mask,
      });
      // At once: a release in the same moment has to know of it.
      this.#processes.add(process);
      const forget = () => this.#processes.delete(process);
      process.exited.then(forget, forget);
      return process;
    };
    const { queue } = this.#plan;
    // With its first process everything is mounted.
    const begun = this.#mounted.then((isMounted) =>
      isMounted ? begin() : queue.mount(this.#refs(), begin, { signal }),
    );
    this.#mounted = begun.then(
      () => true,
      () => false,
    );
    const process = await begun;
    await process.started({ signal });
    return process;
  }

  /** The release answers with an error when a process ended non-zero; the container is gone nevertheless. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  #refs(): readonly string[] {
    return this.#plan.mounts.map(({ resultId }) => resultId).filter((id) => id !== "");
  }

  onReleased(listener: () => void): void {
    this.#onReleased = listener;
  }

  async #release(): Promise<void> {
    // What ran in it ends by itself then, and says why: the connection is gone.
    if (this.#channel.lost.aborted) return;
    const processes = [...this.#processes];
    for (const process of processes) process.letGo();
    const released = this.#channel.unary(
      bridge.releaseContainer,
      { ContainerID: this.#id },
      { metadata: this.#metadata, deadlineMs: RELEASE_DEADLINE_MS },
    );
    const end = (): void => {
      for (const process of processes) process.dispose();
    };
    const patience = setTimeout(end, STREAM_PATIENCE_MS);
    await released.catch(() => undefined);
    clearTimeout(patience);
    end();
    this.#onReleased();
  }
}

/** The proxy variables are part of what the step sees, but the container API drops them. */
function processMeta(meta: ExecMeta, spec: ProcessSpec): ExecMeta {
  const env = new Map<string, string>();
  for (const entry of [...meta.env, ...meta.proxyEnv, ...spec.env])
    env.set(entry.slice(0, entry.indexOf("=")), entry);
  return {
    ...meta,
    args: spec.args,
    env: [...env.values()],
    cwd: spec.directory ?? meta.cwd,
    user: spec.user ?? meta.user,
  };
}

function secretEnv(meta: ExecMeta): pb.SecretEnv.$Properties[] {
  return meta.secretEnv.map(({ id, name, optional }) => ({ ID: id, name, optional }));
}
