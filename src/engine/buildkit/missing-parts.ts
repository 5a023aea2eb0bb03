/**
 * Which parts of a step a container of it has to go without. One mount that cannot be made is enough for BuildKit (0.8 to
 * 0.32) to make no container, or to start nothing in it, often without saying why; and 0.25 (dockerd 28.5) never
 * answers a process whose secret variable is missing. So each is looked at before, and left out alone.
 */
import { randomUUID } from "node:crypto";
import { toBktuiError } from "../../base/errors.ts";
import type { Mount, Vertex } from "../../graph/graph.ts";
import { type SecretOrigin, whyNoSecret } from "../../session/secrets.ts";
import { type AgentOrigin, hasAgent } from "../../session/ssh.ts";
import type { Channel } from "../../transport/channel.ts";
import type { Container, MissingPart, StepEnvironment } from "../engine.ts";
import { SolveFailed } from "../failures.ts";
import type { ContainerMount } from "./container-plan.ts";
import { bareEnvironment } from "./environment.ts";
import { inputOf, type StatefulMount } from "./mounts.ts";
import type { RestoredQuestion } from "./restored.ts";
import type { SolvedEdges } from "./solved-edges.ts";
import { pathExists } from "./state-files.ts";
import type { StateQueue } from "./state-queue.ts";

export interface MissingPartsParts {
  readonly channel: Channel;
  readonly edges: SolvedEdges;
  readonly queue: StateQueue;
  readonly given: GivenParts;
  /** The container that a mount is tried in; the caller disposes it. */
  readonly make: (question: RestoredQuestion, options: Signal) => Promise<Container>;
}

/** What the build's session hands out. */
export interface GivenParts {
  readonly secrets: readonly SecretOrigin[];
  readonly ssh: readonly AgentOrigin[];
}

interface Signal {
  readonly signal: AbortSignal;
}

/** What a container can be made of, and what it goes without. */
export interface Possible {
  readonly environment: StepEnvironment;
  readonly mounts: readonly StatefulMount[];
  readonly missing: readonly MissingPart[];
}

type Wanted = Omit<Possible, "missing"> & { readonly vertex: Vertex };

/** Solves what a container needs, and finds what it has to go without. */
export class MissingParts {
  readonly #parts: MissingPartsParts;

  constructor(parts: MissingPartsParts) {
    this.#parts = parts;
  }

  /** Solves what the mounts are made of. @throws {SolveFailed} when the root itself cannot be had. */
  async of(wanted: Wanted, { signal }: Signal): Promise<Possible> {
    const { environment, mounts } = wanted;
    const found = await allOver(mounts.map((each) => this.#why(each, wanted, { signal })));
    const kept = mounts.filter((_, index) => found[index] === undefined);
    const dests = new Set(kept.map(({ mount }) => mount.dest));
    const variables = await this.#variables(environment);
    const names = new Set(variables.map(({ what }) => (what.kind === "variable" ? what.name : "")));
    const { meta } = environment;
    return {
      mounts: kept,
      environment: {
        ...environment,
        mounts: environment.mounts.filter(({ dest }) => dests.has(dest)),
        meta: { ...meta, secretEnv: meta.secretEnv.filter(({ name }) => !names.has(name)) },
      },
      missing: [...found.filter((part) => part !== undefined), ...variables],
    };
  }

  async #why(each: StatefulMount, wanted: Wanted, { signal }: Signal): Promise<MissingPart | undefined> {
    const { mount } = each;
    const why = await this.#whyNot(each, wanted, { signal });
    return why === undefined
      ? undefined
      : { what: { kind: "mount", dest: mount.dest, mount: mount.kind }, why };
  }

  async #whyNot(
    each: StatefulMount,
    wanted: Wanted,
    { signal }: Signal,
  ): Promise<MissingPart["why"] | undefined> {
    const { mount } = each;
    switch (mount.kind) {
      case "secret":
        return await this.#whyNoSecret(mount.secret);
      case "ssh": {
        const { id = "", optional = true } = mount.secret ?? {};
        return optional || hasAgent(id, this.#parts.given.ssh) ? undefined : { kind: "ssh", id };
      }
      case "bind":
      case "cache":
        return mount.dest === "/" ? undefined : await this.#whyNoSource(each, wanted, { signal });
      case "tmpfs":
        return undefined;
    }
  }

  /** A secret that the step can do without is skipped by the engine when it was not given, and then only. */
  async #whyNoSecret(
    secret: Pick<NonNullable<Mount["secret"]>, "id" | "optional"> | undefined,
  ): Promise<Extract<MissingPart["why"], { kind: "secret" }> | undefined> {
    if (secret === undefined) return undefined;
    const { secrets } = this.#parts.given;
    const text = await whyNoSecret(secret.id, secrets);
    const isSkipped = secret.optional && !secrets.some(({ id }) => id === secret.id);
    return text === undefined || isSkipped ? undefined : { kind: "secret", id: secret.id, text };
  }

  async #variables({ meta }: StepEnvironment): Promise<readonly MissingPart[]> {
    const found = await Promise.all(
      meta.secretEnv.map(async (secret): Promise<MissingPart | undefined> => {
        const why = await this.#whyNoSecret(secret);
        return why === undefined ? undefined : { what: { kind: "variable", name: secret.name }, why };
      }),
    );
    return found.filter((part) => part !== undefined);
  }

  async #whyNoSource(
    { mount, state }: StatefulMount,
    { mounts, vertex, environment }: Wanted,
    { signal }: Signal,
  ): Promise<MissingPart["why"] | undefined> {
    const edge = state?.kind === "edge" ? state.edge : inputOf(vertex, mount);
    const path = `/${mount.selector.replace(/^\/+|\/+$/g, "")}`;
    if (edge === undefined) {
      if (path === "/" || mount.kind !== "cache") return undefined;
      const root = mounts.find((other) => other.mount.dest === "/");
      const tried = { mount, root, environment };
      return (await this.#starts(tried, { signal })) ? undefined : { kind: "source", path, edge };
    }
    const { channel, edges, queue } = this.#parts;
    try {
      const ref = await edges.ref(edge, { signal });
      if (path === "/") return undefined;
      const { metadata } = edges.gateway;
      const reads = { channel, queue, metadata };
      const exists = ref !== "" && (await pathExists(reads, { ref, path }, { signal }));
      return exists ? undefined : { kind: "source", path, edge };
    } catch (error) {
      if (!(error instanceof SolveFailed)) throw error;
      return { kind: "input", edge, text: error.message };
    }
  }

  /**
   * Nobody but the executor can look into a cache. It is asked for a program that cannot be there: a complaint that
   * names it comes after all mounts were made (checked on dockerd 20.10 and 28.5).
   */
  async #starts(
    tried: {
      readonly mount: Mount;
      readonly root: StatefulMount | undefined;
      readonly environment: StepEnvironment;
    },
    { signal }: Signal,
  ): Promise<boolean> {
    const { mount, root } = tried;
    if (root === undefined) return true;
    const { edges } = this.#parts;
    const { state } = root;
    const rootId =
      state === undefined ? "" : state.kind === "id" ? state.id : await edges.ref(state.edge, { signal });
    const mounts: readonly ContainerMount[] = [
      { mount: root.mount, resultId: rootId },
      { mount, resultId: "" },
    ];
    await using container = await this.#parts.make(
      { environment: bareEnvironment(tried.environment), mounts },
      { signal },
    );
    const program = `/bktui-${randomUUID()}`;
    const said: string[] = [];
    try {
      const process = await container.start({ args: [program], env: [], terminal: undefined }, { signal });
      process.onData((chunk) => said.push(Buffer.from(chunk).toString("latin1")));
      await process.exited;
    } catch (error) {
      const { code, message } = toBktuiError(error);
      if (code !== "engine") throw error;
      said.push(message);
    }
    return said.join("").includes(program);
  }
}

/** As `Promise.all`, but no work goes on when this has rejected: a container of it would outlive whoever asked. */
async function allOver<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}
