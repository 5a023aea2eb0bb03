/** What a record keeps in pieces of their own: how a build failed, and what it reported. */
import { moby } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { clipText, limits } from "../../base/limits.ts";
import type { Digest } from "../../graph/graph.ts";
import { failureFacts } from "../../protocol/failure.ts";
import { isDigest } from "../../protocol/scalars.ts";
import { grpcCode, rpcErrorOf } from "../../transport/rpc-error.ts";
import { toProgress } from "../buildkit/progress.ts";
import type { Progress } from "../engine.ts";
import type { RecordedFailure, RecordedVertices } from "../record.ts";

/** Each message of the reports stands behind its length. */
const LENGTH_BYTES = 4;

/** A gRPC status with its details, as BuildKit (0.12 to 0.32) keeps it. */
export function readFailure(bytes: Uint8Array): RecordedFailure {
  const error = rpcErrorOf(
    "the build",
    { code: grpcCode.unknown, details: "", richStatus: bytes },
    undefined,
  );
  const { vertex, exitCode, sources } = failureFacts(error);
  return { message: error.message, vertex, exitCode, sources };
}

type Status = ReturnType<typeof moby.buildkit.v1.StatusResponse.decode>;

/**
 * The reports of a build, as they come; in memory is one message at a time.
 * @param what the record, for people
 * @throws {BktuiError} "bad-request" with the place when they break off or are none.
 */
export async function* readReports(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Progress, void, undefined> {
  // One bad entry is no reason to lose the others.
  for await (const status of messagesIn(chunks, what)) yield* toProgress(status, () => undefined);
}

/** How the steps in the reports need each other. @throws {BktuiError} as `readReports`. */
export async function readVertices(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
): Promise<RecordedVertices> {
  const found = new Map<Digest, { readonly name: string; readonly inputs: readonly Digest[] }>();
  for await (const { vertexes } of messagesIn(chunks, what))
    for (const { digest, name, inputs } of vertexes ?? []) {
      if (!isDigest(digest) || (found.size >= limits.vertices && !found.has(digest))) continue;
      const known = (inputs ?? []).filter(isDigest).slice(0, limits.vertices);
      found.set(digest, { name: clipText(name ?? "", limits.nameCharacters), inputs: known });
    }
  return found;
}

async function* messagesIn(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Status, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_BYTES) {
      const length = rest.readUInt32LE(0);
      if (length > limits.messageBytes)
        throw broken(what, at, `a message of ${length} bytes, more than any engine sends`);
      if (rest.length < LENGTH_BYTES + length) break;
      yield messageIn(rest.subarray(LENGTH_BYTES, LENGTH_BYTES + length), what, at);
      rest = rest.subarray(LENGTH_BYTES + length);
      at += LENGTH_BYTES + length;
    }
  }
  if (rest.length > 0) throw broken(what, at, "they break off");
}

function messageIn(message: Uint8Array, what: string, at: number): Status {
  try {
    return moby.buildkit.v1.StatusResponse.decode(message);
  } catch (error) {
    throw broken(what, at, error instanceof Error ? error.message : String(error));
  }
}

function broken(what: string, at: number, why: string): BktuiError {
  return new BktuiError("bad-request", `${what}: the reports in it cannot be read, at byte ${at}: ${why}`, {
    hint: "get the record again from where it was made",
  });
}
