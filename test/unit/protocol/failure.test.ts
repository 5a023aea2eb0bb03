import { describe, expect, test } from "vitest";
import { failureFacts } from "../../../src/protocol/failure.ts";
import { RpcError } from "../../../src/transport/rpc-error.ts";

const digest = `sha256:${"ab".repeat(32)}`;

function facts(details: Readonly<Record<string, unknown>>) {
  return failureFacts(
    new RpcError("failed", {
      grpcCode: 2,
      details: Object.entries(details).map(([name, value]) => ({
        typeUrl: `github.com/moby/buildkit/${name}+json`,
        value,
      })),
    }),
  );
}

describe("facts about a failure", () => {
  test("tell the vertex, the exit code and the states of a failed RUN", () => {
    expect(
      facts({
        "errdefs.Vertex": { digest },
        "stack.Stack": { frames: [] },
        "errdefs.Solve": { inputIDs: ["w::a", ""], mountIDs: ["w::b", ""], op: { exec: {} } },
        "gatewayapi.ExitMessage": { Code: 7 },
        "errdefs.Source": {
          info: { filename: "Dockerfile", data: "Rk9P" },
          ranges: [{ start: { line: 3 }, end: { line: 4 } }, { start: { line: 6 } }],
        },
      }),
    ).toEqual({
      vertex: digest,
      exitCode: 7,
      solve: { inputIDs: ["w::a", ""], mountIDs: ["w::b", ""], subject: "exec", index: 0 },
      sources: [
        {
          filename: "Dockerfile",
          text: "FOO",
          ranges: [
            { source: 0, start: 3, end: 4 },
            { source: 0, start: 6, end: 6 },
          ],
        },
      ],
      frontend: false,
    });
  });

  test("tell the action of a failed COPY, whose index Go writes as text", () => {
    expect(facts({ "errdefs.Solve": { mountIDs: ["", "w::c"], file: { index: "1" } } }).solve).toEqual({
      inputIDs: [],
      mountIDs: ["", "w::c"],
      subject: "file",
      index: 1,
    });
  });

  test("tell the input in which a source is missing; Go leaves out index 0", () => {
    expect(facts({ "errdefs.Solve": { inputIDs: ["w::d"], cache: {} } }).solve).toMatchObject({
      subject: "cache",
      index: 0,
    });
  });

  test("tell a failure of the frontend", () => {
    expect(facts({ "errdefs.Frontend": { name: "dockerfile.v0" }, "errdefs.Solve": {} })).toMatchObject({
      frontend: true,
      solve: { inputIDs: [], mountIDs: [] },
    });
  });

  test("are empty without details, and where details have another shape", () => {
    const nothing = {
      vertex: undefined,
      exitCode: undefined,
      solve: undefined,
      sources: [],
      frontend: false,
    };
    expect(facts({})).toEqual(nothing);
    expect(facts({ "errdefs.Vertex": { digest: "nope" }, "gatewayapi.ExitMessage": { Code: "x" } })).toEqual(
      nothing,
    );
    expect(
      facts({ "errdefs.Source": { info: null, ranges: [null, {}, { start: { line: 0 } }] } }).sources,
    ).toEqual([{ filename: "", ranges: [] }]);
  });
});
