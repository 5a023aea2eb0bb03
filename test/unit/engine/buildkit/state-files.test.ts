import { expect, test } from "vitest";
import { readDirectory } from "../../../../src/engine/buildkit/state-files.ts";
import { StateQueue } from "../../../../src/engine/buildkit/state-queue.ts";
import { RpcError } from "../../../../src/transport/rpc-error.ts";

test("what nobody waits for any more is not asked again", async () => {
  const stop = new AbortController();
  let asked = 0;
  const channel = {
    unary: async () => {
      asked += 1;
      // Between this answer and the next try, whose timer comes later.
      setImmediate(() => stop.abort());
      throw new RpcError("flightcontrol: exceeded retry timeout", { grpcCode: 2, details: [] });
    },
  };
  await using queue = new StateQueue(channel);
  const reads = { channel: channel as never, queue, metadata: [] };
  const look = readDirectory(reads, { ref: "state", path: "/" }, { signal: stop.signal });
  await expect(look).rejects.toMatchObject({ code: "cancelled" });
  // Its turn comes when the one before is over.
  await queue.ask("state", async () => undefined, { signal: new AbortController().signal });
  expect(asked).toBe(1);
});
