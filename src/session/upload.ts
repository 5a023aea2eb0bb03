/** The service that sends a context that is an archive, as it is. */
import { createReadStream } from "node:fs";
import { basename } from "node:path/posix";
import { moby } from "#proto";
import { type Attachable, type Call, CallRefused, grpcCode } from "./attachable.ts";
import { describeSystemError } from "./files/file-problem.ts";

const { BytesMessage } = moby.upload.v1;

/** Below the 4 MiB that BuildKit 0.8 takes in a message. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * Answers `http://buildkit-session/ID` with a file, as often as it is asked for (BuildKit 0.8 to 0.32 fetch it once per
 * build).
 * @param files path by id
 */
export function uploadService(files: ReadonlyMap<string, string>): Attachable {
  const pull = async (call: Call): Promise<void> => {
    const id = basename(call.metadata.get("urlpath")?.[0] ?? "");
    const path = files.get(id);
    if (path === undefined)
      throw new CallRefused(grpcCode.notFound, `nothing is uploaded as ${JSON.stringify(id)}`);
    try {
      const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal: call.cancelled });
      for await (const data of stream) {
        if (!call.write(BytesMessage.encode({ data }).finish())) await call.drained();
      }
    } catch (error) {
      if (call.cancelled.aborted) throw error;
      throw new CallRefused(grpcCode.unknown, `cannot read ${path}: ${describeSystemError(error)}`, {
        cause: error,
      });
    }
  };
  return { methods: new Map([["/moby.upload.v1.Upload/Pull", pull]]) };
}
