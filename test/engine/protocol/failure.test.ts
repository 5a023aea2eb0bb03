import { expect, test } from "vitest";
import { definitionOf } from "../../../src/engine/buildkit/frontend.ts";
import { GatewayBuild } from "../../../src/engine/buildkit/gateway-build.ts";
import type { Vertex } from "../../../src/graph/graph.ts";
import { type FailureFacts, failureFacts } from "../../../src/protocol/failure.ts";
import { decodeDefinition, encodeSubDefinition } from "../../../src/protocol/llb.ts";
import { fileSyncService, sharedKeyOf } from "../../../src/session/files/file-sync.ts";
import { openSession } from "../../../src/session/session.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { RpcError } from "../../../src/transport/rpc-error.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const { signal } = new AbortController();
const base = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n';
const nothing = { vertex: undefined, exitCode: undefined, solve: undefined, sources: [], frontend: false };

/** Builds until something fails; the last vertex of the definition is the one that was asked for. */
async function failureOf(engine: TestEngine, dockerfile: string) {
  await using context = await busyboxContext({ files: { Dockerfile: dockerfile } });
  await using channel = await Channel.open(parseAddress(engine.dockerHost, engine.kind), { signal });
  const files = fileSyncService({ context: context.path, dockerfile: `${context.path}/Dockerfile` });
  await using session = await openSession(channel, [files], { sharedKey: sharedKeyOf(context.path), signal });
  const nobody = { entitlements: [], exporters: [], internal: true, onStatus: () => undefined };
  await using build = new GatewayBuild(channel, { ...nobody, session: session.id });
  let asked: Vertex | undefined;
  try {
    await build.ping({ signal });
    const answer = await build.solveFrontend("dockerfile.v0", { filename: "Dockerfile" }, {}, { signal });
    const graph = decodeDefinition(definitionOf(answer));
    if (graph.result === undefined) throw new Error("the Dockerfile has steps");
    asked = graph.vertices.get(graph.result.vertex);
    await build.solveDefinition(encodeSubDefinition(graph, graph.result), { signal });
  } catch (error) {
    if (error instanceof RpcError) return { error, facts: failureFacts(error), asked };
    throw error;
  }
  throw new Error("nothing failed");
}

forEachEngine((engine) => {
  /** Engines without details tell nothing at all. */
  const expectFacts = (facts: FailureFacts, whereDetailed: object): void => {
    expect(facts).toEqual(engine.keepsFailedState ? { ...nothing, ...whereDetailed } : nothing);
  };

  test("a failed RUN tells its vertex, its exit code and the states before and after", async () => {
    const { error, facts, asked } = await failureOf(engine, `${base}RUN echo half > /half; exit 7\n`);
    expect(error.message).toContain("exit code: 7");
    expect(asked).toBeDefined();
    expectFacts(facts, {
      vertex: asked?.digest,
      exitCode: 7,
      solve: {
        inputIDs: [expect.stringContaining("::")],
        mountIDs: [expect.stringContaining("::")],
        subject: "exec",
        index: 0,
      },
    });
  });

  test("a COPY of something missing tells the input in which it was sought", async () => {
    const { error, facts, asked } = await failureOf(engine, `${base}COPY missing.txt /\n`);
    expect(error.message).toContain("not found");
    const context = asked?.inputs.length === 2 ? 1 : undefined;
    expectFacts(facts, {
      vertex: asked?.digest,
      solve: {
        inputIDs: [expect.stringContaining("::")],
        mountIDs: [],
        subject: "cache",
        index: context,
      },
    });
  });

  test("a Dockerfile that is refused tells the line, and no vertex", async () => {
    const { error, facts } = await failureOf(engine, `${base}RUNN true\n`);
    expect(error.message).toContain("RUNN");
    expect(facts).toMatchObject({ vertex: undefined, exitCode: undefined });
    expect(facts.sources.flatMap(({ ranges }) => ranges)).toEqual(
      engine.keepsFailedState ? [{ source: 0, start: 4, end: 4 }] : [],
    );
  });
});
