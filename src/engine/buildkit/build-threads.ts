/** What a build makes, platform by platform. */
import { BktuiError } from "../../base/errors.ts";
import { architectureOf, installCommands, withoutEmulation } from "../../graph/emulation.ts";
import type { Digest, Graph } from "../../graph/graph.ts";
import { graphWith, type PlatformGraph, unionOf } from "../../graph/union.ts";
import { decodeDefinition } from "../../protocol/llb.ts";
import type { BuildRequest } from "../build-request.ts";
import { readSource, sourceName } from "../build-sources.ts";
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
  const text = await readSource(request);
  const shown = shownText(request, text);
  const [first, ...others] = definitionsOf(answer);
  const threadOf = ({ platform, definition }: typeof first): PlatformGraph => ({
    platform,
    graph: showing(linked.named(decodeDefinition(definition), sourceName(request), text), shown),
  });
  return [threadOf(first), ...others.map(threadOf)];
}

/**
 * The file that somebody asked to see, or the one that a frontend reads.
 * @throws {BktuiError} "io" when the file that was asked for cannot be read.
 */
function shownText(request: BuildRequest, text: string | undefined): Shown {
  const { source } = request;
  const isAsked = source.kind !== "dockerfile" && source.shown !== undefined;
  if (text === undefined && isAsked)
    throw new BktuiError("io", `cannot read ${source.shown}, which is to be shown`, {
      hint: "give another file, or none: then the definition itself is shown",
    });
  return { isAsked, file: text === undefined ? undefined : { filename: sourceName(request), text } };
}

interface Shown {
  readonly isAsked: boolean;
  readonly file: Graph["shown"];
}

/** A definition that says itself where its operations stand needs no other text. */
function showing(graph: Graph, { isAsked, file }: Shown): Graph {
  const isTold = graph.sources.length > 0 || graph.vertices.size === 0;
  return file === undefined || (isTold && !isAsked) ? graph : { ...graph, shown: file };
}

/** The first one that has the vertex. */
export function threadWith(threads: Threads, digest: Digest | undefined): PlatformGraph | undefined {
  const graph = graphWith(
    threads.map((thread) => thread.graph),
    digest,
  );
  return threads.find((thread) => thread.graph === graph);
}

/** What is said before anything runs of steps that cannot: an engine that promises nothing is not doubted. */
export function emulationWarnings(threads: Threads, architectures: readonly string[]): readonly string[] {
  const { graph } = togetherOf(threads);
  return withoutEmulation(graph, architectures).map(({ platform, commands }) => {
    const { docker, debian } = installCommands(architectureOf(platform) ?? "all");
    const steps = commands === 1 ? "its RUN step" : `its ${commands} RUN steps`;
    return `${platform}: the engine's machine has no emulation for it, so programs made for it cannot start in ${steps} (exec format error). On that machine, ${docker} installs it, or on Debian and Ubuntu ${debian}`;
  });
}

/** All that is built, and what of it is a result. */
export function togetherOf(threads: Threads): Pick<IgnoreCacheParts, "graph" | "results"> {
  const graphs = threads.map(({ graph }) => graph);
  return { graph: unionOf(graphs), results: graphs.flatMap(({ result }) => result ?? []) };
}
