/** The frontend's answer, given once more in another build. */
import type { Graph } from "../../graph/graph.ts";
import type { PlatformGraph } from "../../graph/union.ts";
import { encodeSubDefinition } from "../../protocol/llb.ts";
import { solveFailure, type VertexErrors } from "./failure.ts";
import type { FrontendResult, GatewayBuild } from "./gateway-build.ts";

/**
 * The very definition that was stepped through, with what the frontend said of the image. The frontend is not asked
 * again: a tag may have moved meanwhile, and it would answer with another base. All vertices exist, so they are sent
 * without "ignore cache", which would only empty their cache mounts once more.
 * @throws {SolveFailed} when something has to be made again and cannot be.
 */
export async function sameAnswer(
  build: GatewayBuild,
  { answer, threads }: { readonly answer: FrontendResult; readonly threads: readonly PlatformGraph[] },
  options: { readonly signal: AbortSignal; readonly vertexErrors: VertexErrors },
): Promise<FrontendResult> {
  const metadata = answer.metadata ?? null;
  const refs = await Promise.all(
    threads.map(async ({ platform, graph }) => ({
      platform,
      ref: { id: await resultOf(build, graph, options) },
    })),
  );
  const [first] = refs;
  if (first !== undefined && first.platform === undefined) return { metadata, ref: first.ref };
  return {
    metadata,
    refs: { refs: Object.fromEntries(refs.map(({ platform = "", ref }) => [platform, ref])) },
  };
}

/** "" for a definition without a result (`FROM scratch` alone). */
async function resultOf(
  build: GatewayBuild,
  graph: Graph,
  { signal, vertexErrors }: { readonly signal: AbortSignal; readonly vertexErrors: VertexErrors },
): Promise<string> {
  const { result } = graph;
  if (result === undefined) return "";
  try {
    return await build.solveDefinition(
      encodeSubDefinition(graph, result, () => true),
      { signal },
    );
  } catch (error) {
    throw await solveFailure(error, graph, { edge: result, vertexErrors, fileProblem: () => undefined });
  }
}
