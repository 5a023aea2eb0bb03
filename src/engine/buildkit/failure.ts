/** Errors of gateway solves -> the port's SolveFailed and FrontendFailed. */

import { BktuiError } from "../../base/errors.ts";
import { limits, shortWords } from "../../base/limits.ts";
import type { Digest, Edge, Graph, SourceRange } from "../../graph/graph.ts";
import { closure } from "../../graph/subgraph.ts";
import { type FailureFacts, failureFacts } from "../../protocol/failure.ts";
import { RpcError } from "../../transport/rpc-error.ts";
import { type CredentialsAsked, FrontendFailed, SolveFailed } from "../failures.ts";

/** Failed vertices as the status stream tells them: the only source where errors carry no details (BuildKit 0.8). */
export class VertexErrors {
  readonly #errors = new Map<Digest, string>();
  readonly #waiting = new Set<() => void>();

  add(vertex: Digest, error: string): void {
    // A vertex that was only cancelled because another one failed is not the cause.
    if (error === "" || error.includes("context canceled")) return;
    if (this.#errors.size >= limits.vertices) return;
    this.#errors.set(vertex, error);
    for (const wake of [...this.#waiting]) wake();
  }

  /** They were of another build. */
  clear(): void {
    this.#errors.clear();
  }

  /**
   * The failed vertex among the candidates; waits a moment, since the status may arrive after the solve's answer. Of
   * several that failed at the same time it is the one whose words are in the answer.
   */
  async find(
    isCandidate: (vertex: Digest) => boolean,
    answer: string,
  ): Promise<{ vertex: Digest; error: string } | undefined> {
    const candidates = () =>
      [...this.#errors].flatMap(([vertex, error]) => (isCandidate(vertex) ? [{ vertex, error }] : []));
    const meant = () => candidates().find(({ error }) => answer.includes(error));
    const graceMs = 300;
    return (
      meant() ??
      (await this.#changed(graceMs, () => meant() !== undefined).then(() => meant() ?? candidates()[0]))
    );
  }

  #changed(graceMs: number, isEnough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const check = () => {
        if (isEnough()) end();
      };
      const timer = setTimeout(end, graceMs);
      this.#waiting.add(check);
    });
  }
}

/**
 * A definition's solve failed. Connection trouble and cancellation pass unchanged.
 * `fileProblem`: what this side could not send for the vertex; the engine's own text often names no file.
 */
export async function solveFailure(
  error: unknown,
  graph: Graph,
  {
    edge,
    vertexErrors,
    fileProblem,
  }: {
    readonly edge: Edge;
    readonly vertexErrors: VertexErrors;
    readonly fileProblem: (vertex: Digest | undefined) => string | undefined;
  },
): Promise<unknown> {
  if (!(error instanceof RpcError) || error.code !== "engine") return error;
  const facts = failureFacts(error);
  const typed = facts.vertex;
  const needed = new Set(typed === undefined ? closure(graph, edge) : []);
  const seen =
    typed === undefined ? await vertexErrors.find((digest) => needed.has(digest), error.message) : undefined;
  const vertex = typed ?? seen?.vertex;
  const exitCode = facts.exitCode ?? exitCodeIn(seen?.error ?? error.message);
  if (vertex === undefined && facts.solve === undefined && exitCode === undefined) return error;
  return new SolveFailed(withFileProblem(shortWords(error.message), fileProblem(vertex)), {
    vertex,
    exitCode,
    ranges: rangesIn(facts, graph),
    states: statesOf(facts),
    cause: error,
  });
}

/** An engine that gives the same reason, in words of its own or as it got it from here, has nothing to add. */
function withFileProblem(engineText: string, problem: string | undefined): string {
  if (problem === undefined) return engineText;
  const reason = problem.split(": ").at(-1) ?? problem;
  return engineText.includes(reason) ? problem : `${problem} (${engineText})`;
}

/** The frontend's own solve failed: the file, the target or a base image was refused. */
export function frontendFailure(
  error: unknown,
  credentials: readonly CredentialsAsked[],
  frontend: string | undefined,
): unknown {
  if (!(error instanceof RpcError) || error.code !== "engine") return error;
  const facts = failureFacts(error);
  const typed = facts.sources.flatMap((source) => source.ranges);
  return new FrontendFailed(plain(error.message), typed.length > 0 ? typed : rangesInText(error.message), {
    cause: error,
    credentials,
    frontend,
    text: facts.sources.find(({ text }) => text !== undefined)?.text,
  });
}

/** The engine's text without the wrapping that says nothing to a person. */
function plain(message: string): string {
  return message
    .replace(/^(failed to solve(?: with frontend [\w.-]+)?: |rpc error: code = \w+ desc = )+/, "")
    .replace(/^failed to create LLB definition: /, "");
}

/** BuildKit 0.8 names the line only in its text ("dockerfile parse error line 3: …"). */
function rangesInText(message: string): SourceRange[] {
  const line = Number(/(?:parse error (?:on )?line|Dockerfile:)\s*(\d+)/i.exec(message)?.[1] ?? "0");
  if (line < 1) return [];
  return [{ source: 0, start: line as SourceRange["start"], end: line as SourceRange["end"] }];
}

/** BuildKit 0.8 (dockerd 20.10) gives the exit code in the text alone. */
function exitCodeIn(text: string): number | undefined {
  const code = /exit code: (\d+)/.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

function rangesIn(facts: FailureFacts, graph: Graph): SourceRange[] {
  const index = (filename: string) =>
    Math.max(
      0,
      graph.sources.findIndex((source) => source.filename === filename),
    );
  return facts.sources.flatMap(({ filename, ranges }) =>
    ranges.map((range) => ({ ...range, source: index(filename) })),
  );
}

function statesOf(facts: FailureFacts): SolveFailed["states"] {
  const { solve } = facts;
  if (solve === undefined) return undefined;
  const { inputIDs, mountIDs } = solve;
  if (inputIDs.length === 0 && mountIDs.length === 0) return undefined;
  return { inputIds: inputIDs, mountIds: mountIDs, subject: solve.subject, index: solve.index };
}

/** Why a build that has ended cannot be used. */
export function lostError(what: string, cause: unknown): BktuiError {
  return new BktuiError("engine-unreachable", what, {
    cause,
    hint: "the engine's states and shells are gone; breakpoints are kept",
  });
}
