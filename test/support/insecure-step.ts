/**
 * A step with all privileges. The Dockerfile frontends inside dockerd 20.10 and 28.5 do not know `RUN --security`, so the
 * op of an ordinary RUN is changed into what the frontends that know it make of it.
 */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pb } from "#proto";
import { Scope } from "../../src/base/scope.ts";
import { GatewayContainer } from "../../src/engine/buildkit/container.ts";
import type { Restored } from "../../src/engine/buildkit/container-plan.ts";
import { RestoredAnswers, type RestoredQuestion } from "../../src/engine/buildkit/restored.ts";
import { StateQueue } from "../../src/engine/buildkit/state-queue.ts";
import type { Edge, Graph, Vertex } from "../../src/graph/graph.ts";
import { decodeDefinition, digestOfOp, encodeSubDefinition } from "../../src/protocol/llb.ts";
import { bridge, buildRef, control } from "../../src/protocol/methods.ts";
import { fileSyncService, sharedKeyOf } from "../../src/session/files/file-sync.ts";
import { SecretMask } from "../../src/session/secret-mask.ts";
import { openSession } from "../../src/session/session.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { Channel } from "../../src/transport/channel.ts";
import { busyboxContext } from "./engines.ts";
import { fixture, type Probed, Report, reportOf } from "./probe.ts";
import type { TestEngine } from "./test-engine.ts";

/**
 * Runs the probe as an insecure step with a small /dev/shm, and in a shell over its base state.
 * Rejects with the engine's refusal when the entitlement is missing or not granted.
 */
export async function probeInsecure(
  engine: TestEngine,
  { entitlements, signal }: { readonly entitlements: readonly string[]; readonly signal: AbortSignal },
): Promise<Probed> {
  await using scope = new Scope();
  const build = await RawBuild.open(engine, { scope, entitlements, signal });
  const graph = insecure(await build.definition({ "shm-size": String(4 * 1024 * 1024) }));
  const step = graph.result === undefined ? undefined : graph.vertices.get(graph.result.vertex);
  const base = step?.inputs[step.rootInput ?? 0];
  if (graph.result === undefined || step?.exec === undefined || base === undefined) {
    throw new Error("the case has no RUN");
  }
  const failure = await build.failureOf(graph, graph.result);
  if (!/exit code: 3/.test(failure.message)) throw failure;
  const report = await build.log.whole(signal);
  return { step: report, ...(await shellOf(build, step.exec, await build.solve(graph, base))) };
}

async function shellOf(
  build: RawBuild,
  exec: NonNullable<Vertex["exec"]>,
  root: string,
): Promise<Omit<Probed, "step">> {
  const question: RestoredQuestion = {
    environment: { ...exec, shell: ["/bin/sh", "-c"] },
    mounts: exec.mounts.map((mount) => ({ mount, resultId: mount.dest === "/" ? root : "" })),
  };
  const answers = new RestoredAnswers((asked) => build.container(asked, { hasSh: true, lacking: [] }));
  const restored = await answers.of(question, { signal: build.signal });
  await using container = await build.container(question, restored);
  const report = await reportOf(container, undefined, build.signal);
  return { shells: new Map([["BASE", report]]), differences: container.differences };
}

/** The last RUN with all privileges; everything before it as it was. */
function insecure(definition: pb.Definition.$Shape): Graph {
  const ops = definition.def ?? [];
  const step = pb.Op.decode(ops.at(-2) ?? new Uint8Array());
  if (step.exec == null) throw new Error("the last op is no RUN");
  step.exec.security = pb.SecurityMode.INSECURE;
  const bytes = pb.Op.encode(step).finish();
  const terminal = pb.Op.encode({ inputs: [{ digest: digestOfOp(bytes), index: 0 }] }).finish();
  return decodeDefinition({ ...definition, def: [...ops.slice(0, -2), bytes, terminal] });
}

/** A gateway build over the fixture's context, without the adapter's checks of what it is given. */
class RawBuild {
  readonly log = new Report();
  readonly signal: AbortSignal;
  readonly #channel: Channel;
  readonly #metadata: ReturnType<typeof buildRef>;
  /** Settles when the engine ends the build, e.g. because it refuses it. */
  readonly #ended: Promise<never>;

  static async open(
    engine: TestEngine,
    options: {
      readonly scope: Scope;
      readonly entitlements: readonly string[];
      readonly signal: AbortSignal;
    },
  ): Promise<RawBuild> {
    const { scope, signal } = options;
    const Dockerfile = `${await readFile(join(fixture, "Dockerfile"), "utf8")}RUN /bin/probe\n`;
    const context = scope.own(await busyboxContext({ fixture, files: { Dockerfile, case: "insecure" } }));
    const channel = scope.own(await Channel.open(parseAddress(engine.dockerHost, engine.kind), { signal }));
    const files = fileSyncService({ context: context.path, dockerfile: join(context.path, "Dockerfile") });
    const sharedKey = sharedKeyOf(context.path);
    const session = scope.own(await openSession(channel, [files], { sharedKey, signal }));
    return new RawBuild(channel, session.id, options);
  }

  private constructor(
    channel: Channel,
    session: string,
    { scope, entitlements, signal }: Parameters<typeof RawBuild.open>[1],
  ) {
    const ref = randomUUID();
    const life = new AbortController();
    this.#channel = channel;
    this.#metadata = buildRef(ref);
    this.signal = signal;
    const solve = { Ref: ref, Session: session, Frontend: "", Cache: {}, Entitlements: [...entitlements] };
    this.#ended = channel.unary(control.solve, solve, { signal: life.signal }).then(() => {
      throw new Error("the build ended");
    });
    this.#ended.catch(() => undefined);
    const reading = this.#readLog(ref, life.signal);
    scope.own({
      [Symbol.asyncDispose]: async () => {
        life.abort();
        await Promise.allSettled([this.#ended, reading]);
      },
    });
  }

  async definition(options: Readonly<Record<string, string>>): Promise<pb.Definition.$Shape> {
    const answer = await this.#solve({
      Frontend: "dockerfile.v0",
      FrontendOpt: { filename: "Dockerfile", ...options },
    });
    return answer.result?.ref?.def ?? {};
  }

  /** Resolves with the ref id. */
  async solve(graph: Graph, edge: Edge): Promise<string> {
    const answer = await this.#solve({ Definition: encodeSubDefinition(graph, edge), Evaluate: true });
    return answer.result?.ref?.id ?? "";
  }

  async failureOf(graph: Graph, edge: Edge): Promise<Error> {
    try {
      await this.solve(graph, edge);
    } catch (error) {
      if (error instanceof Error) return error;
      throw error;
    }
    throw new Error("the step did not fail");
  }

  container(question: RestoredQuestion, restored: Restored): Promise<GatewayContainer> {
    const mask = new SecretMask();
    const queue = new StateQueue(this.#channel);
    const plan = { ...question, missing: [], restored, canExtraHosts: true, canSecretEnv: true, mask, queue };
    return GatewayContainer.create(this.#channel, this.#metadata, plan, { signal: this.signal });
  }

  async #solve(request: Parameters<typeof bridge.solve.encode>[0]) {
    const metadata = this.#metadata;
    const options = { metadata, signal: this.signal };
    const whole = { ...request, allowResultReturn: true, allowResultArrayRef: true };
    return await Promise.race([this.#channel.unary(bridge.solve, whole, options), this.#ended]);
  }

  async #readLog(ref: string, signal: AbortSignal): Promise<void> {
    for await (const status of this.#channel.serverStream(control.status, { Ref: ref }, { signal })) {
      for (const { msg } of status.logs ?? []) if (msg != null) this.log.add(msg);
    }
  }
}
