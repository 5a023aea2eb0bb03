/** What a record keeps in pieces of their own: how a build failed, and what it reported. */
import { moby } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { failureFacts } from "../../protocol/failure.ts";
import { grpcCode, rpcErrorOf } from "../../transport/rpc-error.ts";
import { toProgress } from "../buildkit/progress.ts";
import type { Progress } from "../engine.ts";
import type { RecordedFailure } from "../record.ts";

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

/**
 * The reports of a build, as they come; in memory is one message at a time.
 * @param what the record, for people
 * @throws {BktuiError} "bad-request" with the place when they break off or are none.
 */
export async function* readReports(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Progress, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < LENGTH_BYTES) break;
      const length = rest.readUInt32LE(0);
      if (length > limits.messageBytes)
        throw broken(what, at, `a message of ${length} bytes, more than any engine sends`);
      if (rest.length < LENGTH_BYTES + length) break;
      yield* reportsOf(rest.subarray(LENGTH_BYTES, LENGTH_BYTES + length), what, at);
      rest = rest.subarray(LENGTH_BYTES + length);
      at += LENGTH_BYTES + length;
    }
  }
  if (rest.length > 0) throw broken(what, at, "they break off");
}

function* reportsOf(message: Uint8Array, what: string, at: number): Generator<Progress, void, undefined> {
  let status: ReturnType<typeof moby.buildkit.v1.StatusResponse.decode>;
  try {
    status = moby.buildkit.v1.StatusResponse.decode(message);
  } catch (error) {
    throw broken(what, at, error instanceof Error ? error.message : String(error));
  }
  // One bad entry is no reason to lose the others.
  yield* toProgress(status, () => undefined);
}

function broken(what: string, at: number, why: string): BktuiError {
  return new BktuiError("bad-request", `${what}: its log cannot be read, at byte ${at}: ${why}`, {
    hint: "get the record again from where it was made",
  });
}
