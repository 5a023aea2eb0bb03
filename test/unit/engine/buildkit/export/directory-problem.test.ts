import { expect, test } from "vitest";
import { directoryProblem } from "../../../../../src/engine/buildkit/export/directory-problem.ts";
import { grpcCode, RpcError } from "../../../../../src/transport/rpc-error.ts";

function internal(message: string): RpcError {
  return new RpcError(message, { grpcCode: grpcCode.internal, details: [] });
}

// As dockerd 28.5 says it, by which of its two ends comes first.
test.each([
  "Received RST_STREAM with code 2 (Internal server error)",
  "rpc error: code = Internal desc = grpc: error while marshaling: string field contains invalid UTF-8",
])("a name that is no UTF-8 is explained: %s", (message) => {
  expect(directoryProblem(internal(message))).toMatchObject({
    code: "engine",
    hint: "A directory can hold no names that are no UTF-8: export them as a tar.",
    cause: { message },
  });
});

test("any other error stays what it is", () => {
  const other = internal("the disk is full");
  expect(directoryProblem(other)).toBe(other);
  const unrelated = new Error("RST_STREAM");
  expect(directoryProblem(unrelated)).toBe(unrelated);
});
