/** Lets the engine export the target of a build, in a second build on the same session. */
import { isDigest } from "../../protocol/scalars.ts";
import type { SecretMask } from "../../session/secret-mask.ts";
import type { Channel } from "../../transport/channel.ts";
import type { BuildRequest } from "../build-request.ts";
import type { Build, Progress } from "../engine.ts";
import { threadWith } from "./build-threads.ts";
import { cachesOf } from "./caches.ts";
import type { VertexErrors } from "./failure.ts";
import { entitlements } from "./frontend-options.ts";
import { type FrontendResult, GatewayBuild } from "./gateway-build.ts";
import { indexLocalCaches } from "./local-caches.ts";
import type { ReadyPlan } from "./outputs.ts";
import type { RawReports } from "./raw-reports.ts";
import { sameAnswer } from "./same-answer.ts";
import { readSourcePolicy } from "./source-policy.ts";
import { statusReader } from "./status-reader.ts";

export interface TargetExport {
  readonly channel: Channel;
  readonly request: BuildRequest;
  readonly env: NodeJS.ProcessEnv;
  readonly mask: SecretMask;
  readonly onProgress: (progress: Progress) => void;
  readonly reports: RawReports | undefined;
  /** Id of the build's own session. */
  readonly session: string;
  readonly threads: Build["threads"];
  readonly plan: ReadyPlan;
  readonly answer: FrontendResult;
  readonly vertexErrors: VertexErrors;
}

/** Resolves with what the exporters answered, and with the second build's own name. */
export async function exportTarget(
  {
    channel,
    request,
    env,
    mask,
    onProgress,
    reports,
    session,
    threads,
    plan,
    answer,
    vertexErrors,
  }: TargetExport,
  { signal }: { readonly signal: AbortSignal },
): Promise<{ readonly ref: string; readonly answer: Readonly<Record<string, string>> }> {
  const isKnown = (vertex: string): boolean => isDigest(vertex) && threadWith(threads, vertex) !== undefined;
  const raw = reports?.reader(mask, isKnown);
  await using output = new GatewayBuild(channel, {
    session,
    entitlements: entitlements(request),
    exporters: plan.outputs.map(({ exporter }) => exporter),
    attributes: plan.attributes,
    caches: cachesOf(request, env),
    sourcePolicy: await readSourcePolicy(request.sourcePolicy),
    internal: false,
    // The engine tells the vertices and logs of the first build once more.
    ...statusReader(
      (progress) => {
        if (progress.kind !== "warning" && !isKnown(progress.vertex)) onProgress(progress);
      },
      { vertexErrors, mask, onMessage: raw && ((status) => raw({ ...status, warnings: [] })) },
    ),
  });
  await output.ping({ signal });
  const result = await sameAnswer(output, { answer, threads }, { signal, vertexErrors });
  const exported = await output.finish(result, { signal });
  await indexLocalCaches(request, exported);
  return { ref: output.ref, answer: exported };
}
