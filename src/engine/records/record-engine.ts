/** The port over a record: what a build did is shown as if it ran now, until it is run again on a real engine. */
import { BktuiError } from "../../base/errors.ts";
import type { Digest, Edge, Graph, Vertex } from "../../graph/graph.ts";
import { closure } from "../../graph/subgraph.ts";
import type { BuildRequest } from "../build-request.ts";
import type {
  Build,
  Container,
  ContextTree,
  Download,
  Engine,
  EngineInfo,
  FileEntry,
  FilePart,
  FrontendReply,
  OpenOptions,
  StepEnvironment,
} from "../engine.ts";
import { FrontendFailed, SolveFailed } from "../failures.ts";
import type { StateMade } from "../outputs.ts";
import type { BuildRecord, RecordedFailure, RecordSource } from "../record.ts";
import { recordGraph } from "./record-graph.ts";

type Signal = { readonly signal: AbortSignal };

export interface RecordEngineOptions {
  readonly source: RecordSource;
  readonly record: BuildRecord;
  /** Connects to the engine that runs the build again. */
  readonly connect: (options: Signal) => Promise<Engine>;
  /** Why it cannot be run again here; undefined = it can. */
  readonly problem: BktuiError | undefined;
}

/**
 * The first `open` answers from the record and reaches no engine; each later one, which is a rerun, is a build on the engine
 * that `connect` finds. What only an engine has (states, shells, files) is refused with what makes it.
 */
export class RecordEngine implements Engine {
  readonly #options: RecordEngineOptions;
  #isShown = false;
  #real: Engine | undefined;

  constructor(options: RecordEngineOptions) {
    this.#options = options;
  }

  get info(): EngineInfo {
    const { source } = this.#options;
    const shown = {
      kind: "buildkitd",
      version: undefined,
      address: source.place,
      origin: "a record",
      isRecord: true,
    } as const;
    return this.#real?.info ?? shown;
  }

  async open(request: BuildRequest, options: OpenOptions): Promise<Build> {
    if (!this.#isShown) {
      const build = await openRecord(this.#options, request, options);
      this.#isShown = true;
      return build;
    }
    if (this.#options.problem !== undefined) throw this.#options.problem;
    this.#real ??= await this.#options.connect(options);
    return await this.#real.open(request, options);
  }

  async contextTree(request: BuildRequest): Promise<ContextTree> {
    return await (await this.#engine()).contextTree(request);
  }

  async knownFlags(...asked: Parameters<Engine["knownFlags"]>): Promise<readonly string[]> {
    return await (await this.#engine()).knownFlags(...asked);
  }

  async subrequest(...asked: Parameters<Engine["subrequest"]>): Promise<FrontendReply> {
    return await (await this.#engine()).subrequest(...asked);
  }

  async downloadAgain(...asked: Parameters<Engine["downloadAgain"]>): Promise<Download | undefined> {
    return await this.#real?.downloadAgain(...asked);
  }

  opText(vertex: Vertex): string {
    if (this.#real !== undefined) return this.#real.opText(vertex);
    throw isRecord("the operations of its steps");
  }

  masked(text: string): string {
    return this.#real?.masked(text) ?? text;
  }

  async writeBundle(...asked: Parameters<Engine["writeBundle"]>): Promise<number> {
    if (this.#real !== undefined) return await this.#real.writeBundle(...asked);
    throw isRecord("more than its own file has");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#real?.[Symbol.asyncDispose]();
    await this.#options.source[Symbol.asyncDispose]();
  }

  async #engine(): Promise<Engine> {
    if (this.#real === undefined) throw isRecord("what its build was sent");
    return this.#real;
  }
}

async function openRecord(
  { source, record }: RecordEngineOptions,
  request: BuildRequest,
  { signal, onProgress }: OpenOptions,
): Promise<Build> {
  const failure = await source.failure(record, { signal });
  const vertices = await source.vertices(record, { signal });
  let failed = failure?.vertex;
  for await (const report of source.progress(record, { signal })) {
    onProgress(report);
    if (report.kind !== "vertex" || report.error === "" || report.error.includes("context canceled"))
      continue;
    failed ??= report.vertex;
  }
  const dockerfile = failure?.sources[0];
  const graph = recordGraph(vertices, { source: dockerfile, failed, target: request.target });
  if (record.status === "failed" && (failed === undefined || !graph.vertices.has(failed)))
    throw new FrontendFailed(failure?.message ?? record.error, dockerfile?.ranges ?? [], {
      text: dockerfile?.text,
    });
  return new RecordedBuild(graph, { record, failure, failed });
}

/** A build that is over: solving ends where it ended then. */
class RecordedBuild implements Build {
  readonly threads: Build["threads"];
  readonly #graph: Graph;
  readonly lost = new AbortController().signal;
  readonly #failed: Digest | undefined;
  readonly #error: string;
  readonly #failure: RecordedFailure | undefined;

  constructor(
    graph: Graph,
    {
      record,
      failure,
      failed,
    }: {
      readonly record: BuildRecord;
      readonly failure: RecordedFailure | undefined;
      readonly failed: Digest | undefined;
    },
  ) {
    this.#graph = graph;
    this.threads = [{ platform: undefined, graph }];
    this.#failed = failed;
    this.#failure = failure;
    this.#error = failure?.message || record.error;
  }

  supports(): boolean {
    return false;
  }

  async solve(targets: readonly Edge[]): Promise<void> {
    const failed = this.#failed;
    if (failed === undefined || !closure(this.#graph, ...targets).includes(failed)) return;
    throw new SolveFailed(this.#error, {
      vertex: failed,
      exitCode: this.#failure?.exitCode,
      ranges: this.#failure?.sources[0]?.ranges ?? [],
      // It is over: nothing is kept, and nothing can run again.
      states: { inputIds: [], mountIds: [], subject: "exec", index: 0 },
    });
  }

  place(): void {
    // Environments are not known, so nothing asks where steps stand.
  }

  async environment(): Promise<StepEnvironment> {
    throw isRecord("the environment of its steps");
  }

  async readDir(): Promise<readonly FileEntry[]> {
    throw isRecord("files");
  }

  async readFile(): Promise<FilePart> {
    throw isRecord("files");
  }

  async container(): Promise<Container> {
    throw isRecord("states of its steps");
  }

  async exportState(): Promise<StateMade> {
    throw isRecord("states of its steps");
  }

  async finish(): Promise<{ readonly imageId: undefined; readonly outputs: readonly never[] }> {
    return { imageId: undefined, outputs: [] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // There is nothing that was made.
  }
}

function isRecord(what: string): BktuiError {
  return new BktuiError(
    "not-now",
    `this is the record of a build that is over, which does not hold ${what}`,
    {
      hint: "a rerun makes the build again here",
    },
  );
}
