/** Why an engine could not send the files of a state as a directory. */
import { BktuiError } from "../../../base/errors.ts";
import { grpcCode, RpcError } from "../../../transport/rpc-error.ts";

/**
 * An error that holds such a name is lost on its way: the engine only breaks off (BuildKit 0.25). Now and then the build's
 * end is quicker, and has the engine's own words.
 */
const NO_TEXT = /RST_STREAM|invalid UTF-8/;

export function directoryProblem(error: unknown): unknown {
  if (!(error instanceof RpcError) || error.grpcCode !== grpcCode.internal || !NO_TEXT.test(error.message))
    return error;
  return new BktuiError("engine", "the engine broke off while it sent the files of the state", {
    cause: error,
    hint: "A directory can hold no names that are no UTF-8: export them as a tar.",
  });
}
