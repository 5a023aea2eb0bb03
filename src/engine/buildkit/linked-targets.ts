/**
 * Linked targets of a bake file: the frontend is asked about each in a build and a session of its own, and its definition is
 * an input of those that name it, as buildx does it (checked against 0.37). So a linked target's directories are those of its
 * session, which stays as long as the build, and its steps are steps of the one build. The engine's frontend must know named
 * contexts (BuildKit 0.10).
 */
import type { pb } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import type { Digest, Graph, SourceFile } from "../../graph/graph.ts";
import { unionOf } from "../../graph/union.ts";
import { decodeDefinition } from "../../protocol/llb.ts";
import type { BuildRequest } from "../build-request.ts";
import { targetOf } from "../build-sources.ts";
import type { Progress } from "../engine.ts";
import { FrontendFailed } from "../failures.ts";
import { askFrontend, definitionsOf, type FrontendInputs, type PlatformDefinition } from "./frontend.ts";
import type { FrontendResult, GatewayBuild } from "./gateway-build.ts";
import type { RequestSession } from "./request-session.ts";

interface Signal {
  readonly signal: AbortSignal;
}

interface Answer {
  readonly parts: readonly (PlatformDefinition & { readonly config: Uint8Array | undefined })[];
  /** Of all platforms. */
  readonly graph: Graph;
}

const CONFIG = "containerimage.config";

/** What the frontend made of the linked targets; fixed for the life of a build. Disposing ends their sessions. */
export class LinkedAnswers implements AsyncDisposable {
  readonly #answers = new Map<string, Answer>();
  readonly #sessions = new Scope();
  /** From which the engine takes their directories. */
  readonly byTarget = new Map<string, RequestSession>();

  /** @param session ends with these from now on. */
  keep(name: string, session: RequestSession): void {
    this.byTarget.set(name, this.#sessions.own(session));
  }

  /** @param answer the frontend's, for the target of that name. */
  add(name: string, answer: FrontendResult): void {
    const parts = definitionsOf(answer).map((part) => {
      const { platform } = part;
      return {
        ...part,
        config: answer.metadata?.[platform === undefined ? CONFIG : `${CONFIG}/${platform}`],
      };
    });
    const graph = unionOf(parts.map(({ definition }) => decodeDefinition(definition)));
    this.#answers.set(name, { parts, graph });
  }

  /** For a request that names some of them; to be asked when these have been added. */
  inputsOf({ contexts }: Pick<BuildRequest, "contexts">): FrontendInputs {
    const options: Record<string, string> = {};
    const inputs: Record<string, pb.Definition.$Properties> = {};
    for (const context of contexts) {
      const target = targetOf(context);
      if (target === undefined) continue;
      const answer = this.#answers.get(target);
      if (answer === undefined)
        throw new BktuiError("bad-request", `build context "${context.name}": there is no target ${target}`, {
          hint: "targets are named in a bake file: bktui bake TARGET",
        });
      for (const { platform, definition, config } of answer.parts) {
        // One for each platform is found by the platform that is built, as buildx writes them.
        const name = answer.parts.length === 1 ? context.name : `${context.name}::${platform}`;
        options[`context:${name}`] = `input:${name}`;
        inputs[name] = definition;
        if (config === undefined) continue;
        const encoded = Buffer.from(config).toString("base64");
        options[`input-metadata:${name}`] = JSON.stringify({ [CONFIG]: encoded });
      }
    }
    return { options, inputs };
  }

  /**
   * The graph with the name of its target at each Dockerfile that is not the build's own. A definition has only those that
   * an operation stands in: `text`, what the own one says, is for one without any (`FROM base` alone).
   */
  named(graph: Graph, filename: string, text: string | undefined): Graph {
    if (this.#answers.size === 0) return graph;
    const linked = new Set([...this.#answers.values()].flatMap(({ graph: own }) => [...own.vertices.keys()]));
    const located = [...graph.vertices.values()].filter(({ ranges }) => ranges.length > 0);
    const own = new Set(
      located
        .filter(({ digest }) => !linked.has(digest))
        .flatMap(({ ranges }) => ranges.map(({ source }) => source)),
    );
    const sources = graph.sources.map((source, index) => {
      const target = own.has(index) ? undefined : this.#locatedIn(graph, source, index);
      return target === undefined ? source : { ...source, target };
    });
    const isWithoutOwn = text !== undefined && sources.every(({ target }) => target !== undefined);
    return {
      ...graph,
      sources: isWithoutOwn ? [...sources, { filename, text, language: "Dockerfile" }] : sources,
    };
  }

  /** As what a vertex was built: the environment of its place is asked for with that request. */
  askedOf(
    vertex: Digest,
    own: BuildRequest,
  ): { readonly request: BuildRequest; readonly given: FrontendInputs; readonly name?: string } {
    const target = this.targetOf(vertex);
    const linked = own.linked?.find(({ name }) => name === target);
    if (linked === undefined) return { request: own, given: this.inputsOf(own) };
    const { request } = linked;
    return { request, given: this.inputsOf(request), name: linked.name };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#sessions[Symbol.asyncDispose]();
  }

  /** The target that the vertex is of; undefined = none of them. */
  targetOf(vertex: Digest): string | undefined {
    return [...this.#answers].find(([, { graph }]) => graph.vertices.has(vertex))?.[0];
  }

  #locatedIn(graph: Graph, { text }: SourceFile, index: number): string | undefined {
    const isLocated = (digest: Digest): boolean =>
      graph.vertices.get(digest)?.ranges.some(({ source }) => source === index) === true;
    const found = [...this.#answers].find(
      ([, { graph: own }]) =>
        own.sources.some((source) => source.text === text) && [...own.vertices.keys()].some(isLocated),
    );
    return found?.[0];
  }
}

/** What each is asked with. */
export interface LinkedParts extends Signal {
  readonly openSession: (request: BuildRequest, options: Signal) => Promise<RequestSession>;
  readonly openGateway: (session: RequestSession, report: (progress: Progress) => void) => GatewayBuild;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Asks about each linked target, in their order.
 * @throws {FrontendFailed} when one is refused; the message names it, and its line.
 */
export async function askLinked(
  { linked = [] }: BuildRequest,
  { openSession, openGateway, onProgress, signal }: LinkedParts,
): Promise<LinkedAnswers> {
  await using scope = new Scope();
  const answers = scope.own(new LinkedAnswers());
  for (const { name, request } of linked) {
    const session = await openSession(request, { signal });
    answers.keep(name, session);
    const report = (progress: Progress): void => onProgress(reportOf(name, progress));
    await using gateway = openGateway(session, report);
    try {
      await gateway.ping({ signal });
      const given = answers.inputsOf(request);
      const answer = await askFrontend(gateway, request, { signal, credentials: session.credentials, given });
      answers.add(name, answer);
    } catch (error) {
      throw ofTarget(name, error);
    }
  }
  return scope.release(() => answers);
}

/** What the frontend warns of has lines of another file than the build's own. */
function reportOf(name: string, progress: Progress): Progress {
  if (progress.kind !== "warning") return progress;
  const line = progress.ranges[0] === undefined ? "" : `, line ${progress.ranges[0].start} of its Dockerfile`;
  return { ...progress, text: `target ${name}${line}: ${progress.text}`, ranges: [] };
}

/** Lines of another file than the build's own must not be shown in that one. */
function ofTarget(name: string, error: unknown): unknown {
  if (!(error instanceof FrontendFailed)) return error;
  const { message, ranges, credentials, hint } = error;
  const line = ranges[0] === undefined ? "" : `, line ${ranges[0].start} of its Dockerfile`;
  return new FrontendFailed(`target ${name}${line}: ${message}`, [], {
    cause: error,
    credentials,
    ...(hint === undefined ? {} : { hint }),
  });
}
