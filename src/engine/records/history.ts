/** The records that an engine keeps of its builds. */
import type { moby } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { clipText, limits } from "../../base/limits.ts";
import { content, control } from "../../protocol/methods.ts";
import { epochMsOf, isDigest, numberOf } from "../../protocol/scalars.ts";
import type { Address } from "../../transport/address.ts";
import type { Channel } from "../../transport/channel.ts";
import { grpcCode, RpcError } from "../../transport/rpc-error.ts";
import { openConnection } from "../buildkit/connection.ts";
import type { Progress } from "../engine.ts";
import type { Environment } from "../locate/docker/files.ts";
import type {
  BuildRecord,
  RecordBlob,
  RecordedFailure,
  RecordedVertices,
  RecordSource,
  RecordStatus,
} from "../record.ts";
import { readFailure, readReports, readVertices } from "./record-blobs.ts";
import { recordedPlaces } from "./recorded-places.ts";

type Wire = moby.buildkit.v1.BuildHistoryRecord.$Shape;
type Signal = { readonly signal: AbortSignal };

/** How many are asked for; buildx's own number. */
const MOST_RECORDS = 50;

/**
 * Asks an engine for its records.
 * @throws {BktuiError} "unsupported" for an engine that keeps none, "engine-unreachable", "engine", "cancelled".
 */
export async function openHistory(
  { address, origin, env }: { readonly address: Address; readonly origin: string; readonly env: Environment },
  { signal }: Signal,
): Promise<RecordSource> {
  const { channel, info } = await openConnection({ address, origin }, { signal });
  const place = `the engine at ${address.text}`;
  try {
    const wire = await listed(channel, { signal }).catch((error: unknown) => {
      throw keepsNone(error) ? noRecords(info.version, place) : error;
    });
    const records = await Promise.all(
      wire.map(async (each) => recordOf(each, await recordedPlaces(env, each.Ref ?? ""))),
    );
    const newestFirst = records.sort((one, other) => other.startedMs - one.startedMs);
    return new EngineHistory(channel, place, newestFirst.slice(0, MOST_RECORDS));
  } catch (error) {
    await channel[Symbol.asyncDispose]();
    throw error;
  }
}

/** Records over a connection to their engine. */
class EngineHistory implements RecordSource {
  readonly #channel: Channel;
  readonly place: string;
  readonly records: readonly BuildRecord[];

  constructor(channel: Channel, place: string, records: readonly BuildRecord[]) {
    this.#channel = channel;
    this.place = place;
    this.records = records;
  }

  async failure({ failure }: BuildRecord, { signal }: Signal): Promise<RecordedFailure | undefined> {
    if (failure === undefined) return undefined;
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#read(failure, signal)) chunks.push(chunk);
    return readFailure(Buffer.concat(chunks));
  }

  async vertices({ ref, logs }: BuildRecord, { signal }: Signal): Promise<RecordedVertices> {
    if (logs === undefined) return new Map();
    return await readVertices(this.#read(logs, signal), `the record ${ref}`);
  }

  async *progress({ ref, logs }: BuildRecord, { signal }: Signal): AsyncIterable<Progress> {
    if (logs !== undefined) yield* readReports(this.#read(logs, signal), `the record ${ref}`);
  }

  async *#read({ digest }: RecordBlob, signal: AbortSignal): AsyncIterable<Uint8Array> {
    for await (const { data } of this.#channel.serverStream(content.read, { digest }, { signal }))
      if (data !== undefined && data !== null) yield data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#channel[Symbol.asyncDispose]();
  }
}

async function listed(channel: Channel, { signal }: Signal): Promise<readonly Wire[]> {
  const request = { EarlyExit: true, Limit: MOST_RECORDS };
  const byRef = new Map<string, Wire>();
  for await (const { type, record } of channel.serverStream(control.listenBuildHistory, request, {
    signal,
  })) {
    const isGone = type === 2;
    if (record === undefined || record === null || isGone) continue;
    if (byRef.size >= limits.records) continue;
    byRef.set(record.Ref ?? "", record);
  }
  return [...byRef.values()];
}

function keepsNone(error: unknown): boolean {
  return error instanceof RpcError && error.grpcCode === grpcCode.unimplemented;
}

function noRecords(version: string | undefined, place: string): BktuiError {
  return new BktuiError(
    "unsupported",
    `${place}${version === undefined ? "" : ` (${version})`} keeps no records of builds`,
    {
      hint: "engines do since BuildKit 0.11 (Docker 24.0); debug the build itself: bktui [OPTIONS] PATH, with the options of docker build",
    },
  );
}

function recordOf(wire: Wire, places: BuildRecord["places"]): BuildRecord {
  const completedMs = dateMs(epochMsOf(wire.CompletedAt));
  return {
    ref: clipText(wire.Ref ?? "", limits.nameCharacters),
    status: statusOf(completedMs !== undefined, wire.error?.code ?? 0, wire.error?.message ?? ""),
    attributes: attributesOf(wire.FrontendAttrs ?? {}),
    exporters: (wire.Exporters ?? []).map(({ Type }) => Type ?? ""),
    startedMs: dateMs(epochMsOf(wire.CreatedAt)) ?? 0,
    completedMs,
    error: clipText(wire.error?.message ?? "", limits.errorCharacters),
    steps: {
      total: wire.numTotalSteps ?? 0,
      completed: wire.numCompletedSteps ?? 0,
      cached: wire.numCachedSteps ?? 0,
    },
    warnings: wire.numWarnings ?? 0,
    logs: blobOf(wire.logs),
    failure: blobOf(wire.externalError),
    platform: undefined,
    places,
  };
}

/** Without what has no name: the map of a decoded message is no plain object. */
export function attributesOf(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== ""));
}

/** Undefined for what is no date. */
export function dateMs(ms: number | undefined): number | undefined {
  return ms !== undefined && Math.abs(ms) < 8.64e15 ? ms : undefined;
}

/** A build that was given up is told from one that failed by its error alone. */
export function statusOf(isOver: boolean, code: number, message: string): RecordStatus {
  if (code === 0 && message === "") return isOver ? "completed" : "running";
  const isCancelled = code === grpcCode.cancelled || message.includes("context canceled");
  return isCancelled ? "cancelled" : "failed";
}

function blobOf(wire: moby.buildkit.v1.Descriptor.$Shape | null | undefined): RecordBlob | undefined {
  if (wire === null || wire === undefined || !isDigest(wire.digest)) return undefined;
  return { digest: wire.digest, size: numberOf(wire.size) };
}
