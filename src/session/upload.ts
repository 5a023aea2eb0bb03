/** The service that sends archives: a context as it is, or what is streamed to the engine as it comes into being. */
import { createReadStream } from "node:fs";
import { basename } from "node:path/posix";
import { moby } from "#proto";
import { toBktuiError } from "../base/errors.ts";
import { type Attachable, type Call, CallRefused, grpcCode } from "./attachable.ts";
import { describeSystemError } from "./files/file-problem.ts";

const { BytesMessage } = moby.upload.v1;

/** Below the 4 MiB that BuildKit 0.8 takes in a message. */
const CHUNK_BYTES = 1024 * 1024;

/** Path of a file, or what makes the bytes when they are asked for: chunks of at most 4 MiB. */
export type Upload = string | ((options: { readonly signal: AbortSignal }) => AsyncIterable<Uint8Array>);

/**
 * Answers `http://buildkit-session/ID` with bytes, as often as they are asked for (BuildKit 0.8 to 0.32 fetch them once
 * per build).
 * @param uploads by id; may grow
 */
export function uploadService(uploads: ReadonlyMap<string, Upload>): Attachable {
  const pull = async (call: Call): Promise<void> => {
    const id = basename(call.metadata.get("urlpath")?.[0] ?? "");
    const upload = uploads.get(id);
    if (upload === undefined)
      throw new CallRefused(grpcCode.notFound, `nothing is uploaded as ${JSON.stringify(id)}`);
    const signal = call.cancelled;
    try {
      const stream =
        typeof upload === "string"
          ? createReadStream(upload, { highWaterMark: CHUNK_BYTES, signal })
          : upload({ signal });
      for await (const data of stream) {
        if (!call.write(BytesMessage.encode({ data }).finish())) await call.drained();
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const what =
        typeof upload === "string"
          ? `cannot read ${upload}: ${describeSystemError(error)}`
          : `the archive cannot be made: ${toBktuiError(error).message}`;
      throw new CallRefused(grpcCode.unknown, what, { cause: error });
    }
  };
  return { methods: new Map([["/moby.upload.v1.Upload/Pull", pull]]) };
}
