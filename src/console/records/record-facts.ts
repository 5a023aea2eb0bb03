/** What is looked up in a record before its build is made again: why it failed, on which platform, of which commit it was. */
import type { BuildRecord, RecordedFailure, RecordedSource, RecordSource } from "../../engine/record.ts";
import type { Digest } from "../../graph/graph.ts";
import { recordedFilename, remoteContext } from "./record-words.ts";

export interface RecordFacts {
  readonly failure: RecordedFailure | undefined;
  /** The Dockerfile as it was built, and the failed lines of it; undefined where the record does not hold it. */
  readonly source: RecordedSource | undefined;
  /** Of the failed step, where its name tells it. */
  readonly platform: string | undefined;
  /** Of a git context. */
  readonly commit: string | undefined;
}

const COMMIT = /^([0-9a-f]{40})\b/;

/** Reads the reports only where something in them counts. */
export async function recordFacts(
  source: RecordSource,
  record: BuildRecord,
  { signal }: { readonly signal: AbortSignal },
): Promise<RecordFacts> {
  const failure = await source.failure(record, { signal });
  const name = recordedFilename(record);
  const found = failure?.sources.find(({ filename }) => filename === name) ?? failure?.sources[0];
  const isForSeveral = (record.attributes["platform"] ?? "").includes(",");
  const none = { platform: undefined, commit: undefined };
  const reported =
    isForSeveral || remoteContext(record) !== undefined
      ? await reportedFacts(source, record, { vertex: failure?.vertex, signal })
      : none;
  return { failure, source: found, ...reported };
}

/** The platform stands in the name of a step, the commit in what a fetch of the context printed. */
async function reportedFacts(
  source: RecordSource,
  record: BuildRecord,
  { vertex, signal }: { readonly vertex: Digest | undefined; readonly signal: AbortSignal },
): Promise<Pick<RecordFacts, "platform" | "commit">> {
  const fetches = new Set<Digest>();
  let platform: string | undefined;
  let commit: string | undefined;
  for await (const report of source.progress(record, { signal })) {
    if (report.kind === "vertex") {
      if (/^\[internal\] load (git source|build context) /.test(report.name)) fetches.add(report.vertex);
      if (report.vertex === vertex)
        platform = /^\[([a-z0-9]+(?:\/[a-z0-9]+)+) /.exec(report.name)?.[1] ?? platform;
    } else if (report.kind === "log" && fetches.has(report.vertex))
      commit ??= COMMIT.exec(Buffer.from(report.data).toString("latin1"))?.[1];
  }
  return { platform, commit };
}

/** The URL of a git context with the commit in place of its branch or tag; others stay. */
export function atCommit(url: string, commit: string | undefined): string {
  if (commit === undefined || url.includes("?")) return url;
  const [, repository = url, , directory = ""] =
    /^([^#]*)(?:#([^:]*)(:.*)?)?$/s.exec(url)?.map((part) => part ?? "") ?? [];
  return `${repository}#${commit}${directory}`;
}
