/** What a build makes, platform by platform. */
import type { Digest } from "../../graph/graph.ts";
import { graphWith, type PlatformGraph, unionOf } from "../../graph/union.ts";
import { decodeDefinition } from "../../protocol/llb.ts";
import type { BuildRequest } from "../build-request.ts";
import { dockerfileName, readDockerfile } from "../build-sources.ts";
import type { Build } from "../engine.ts";
import { definitionsOf } from "./frontend.ts";
import type { FrontendResult } from "./gateway-build.ts";
import type { IgnoreCacheParts } from "./ignore-cache.ts";
import type { LinkedAnswers } from "./linked-targets.ts";

type Threads = Build["threads"];

/** The frontend's answer read. @throws {BktuiError} "engine" when it is malformed. */
export async function threadsOf(
  answer: FrontendResult,
  linked: LinkedAnswers,
  request: BuildRequest,
): Promise<Threads> {
  const text = await readDockerfile(request);
  const [first, ...others] = definitionsOf(answer);
  const threadOf = ({ platform, definition }: typeof first): PlatformGraph => ({
    platform,
    graph: linked.named(decodeDefinition(definition), dockerfileName(request), text),
  });
  return [threadOf(first), ...others.map(threadOf)];
}

/** The first one that has the vertex. */
export function threadWith(threads: Threads, digest: Digest | undefined): PlatformGraph | undefined {
  const graph = graphWith(
    threads.map((thread) => thread.graph),
    digest,
  );
  return threads.find((thread) => thread.graph === graph);
}

/** All that is built, and what of it is a result. */
export function togetherOf(threads: Threads): Pick<IgnoreCacheParts, "graph" | "results"> {
  const graphs = threads.map(({ graph }) => graph);
  return { graph: unionOf(graphs), results: graphs.flatMap(({ result }) => result ?? []) };
}
