import { describe, expect, test } from "vitest";
import { google } from "#proto";
import { rpcErrorOf } from "../../../src/transport/rpc-error.ts";

function statusBytes(message: string, details: { typeUrl: string; json: string | Uint8Array }[] = []) {
  return google.rpc.Status.encode({
    code: 2,
    message,
    details: details.map(({ typeUrl, json }) => ({ type_url: typeUrl, value: Buffer.from(json) })),
  }).finish();
}

describe("an RPC error", () => {
  test("has the text of the rich status, whose blanks the header has lost", () => {
    const error = rpcErrorOf(
      "/a/B",
      { code: 2, details: "", richStatus: statusBytes("failed: ") },
      undefined,
    );
    expect(error.message).toBe("failed: ");
  });

  test("has the header's text when there is no rich status, or a garbled one", () => {
    const texts = [undefined, Buffer.from([0x12, 0xff]), new Uint8Array()].map(
      (richStatus) => rpcErrorOf("/a/B", { code: 2, details: "exit code: 7", richStatus }, undefined).message,
    );
    expect(texts).toEqual(["exit code: 7", "exit code: 7", "exit code: 7"]);
  });

  test("names the method when the engine says nothing at all", () => {
    const error = rpcErrorOf("/a/B", { code: 13, details: "", richStatus: undefined }, undefined);
    expect(error.message).toBe("/a/B failed with gRPC status 13");
  });

  test("gives details as parsed JSON, and as bytes when they are none", () => {
    const richStatus = statusBytes("m", [
      { typeUrl: "x/errdefs.Vertex+json", json: '{"digest":"sha256:ü"}' },
      { typeUrl: "x/other", json: Uint8Array.of(8, 1) },
    ]);
    const { details } = rpcErrorOf("/a/B", { code: 2, details: "", richStatus }, undefined);
    expect(details).toEqual([
      { typeUrl: "x/errdefs.Vertex+json", value: { digest: "sha256:ü" } },
      { typeUrl: "x/other", value: Buffer.of(8, 1) },
    ]);
  });

  test.each([
    [14, "engine-unreachable"],
    [1, "cancelled"],
    [2, "engine"],
    [12, "engine"],
  ])("with gRPC code %i is %s", (grpcCode, code) => {
    const error = rpcErrorOf("/a/B", { code: grpcCode, details: "x", richStatus: undefined }, undefined);
    expect(error).toMatchObject({ grpcCode, code });
  });
});
