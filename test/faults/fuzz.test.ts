/** Whatever bytes a peer sends: an answer or a BktuiError, soon, and never anything else. */
import { expect, test } from "vitest";
import { google, moby, pb } from "#proto";
import { BktuiError } from "../../src/base/errors.ts";
import { toProgress } from "../../src/engine/buildkit/progress.ts";
import { buildProgram } from "../../src/graph/build-program.ts";
import { failureFacts } from "../../src/protocol/failure.ts";
import { decodeDefinition } from "../../src/protocol/llb.ts";
import { bridge } from "../../src/protocol/methods.ts";
import { decodeReceiverPacket } from "../../src/session/files/packets.ts";
import { FrameReader } from "../../src/session/framing.ts";
import { readMetadata } from "../../src/session/metadata.ts";
import { AgentMessageReader } from "../../src/session/ssh-agent.ts";
import { rpcErrorOf } from "../../src/transport/rpc-error.ts";
import { decodeBytesMessage } from "../../src/transport/wire-fields.ts";
import { digestsOf, evilDefinition, status } from "../support/evil-daemon.ts";
import { hostileText } from "../support/hostile-text.ts";
import { numbersFrom } from "../support/seeded-numbers.ts";

const ROUNDS = 10_000;
/** For one message; the machine may be busy with something else. */
const MAX_MS = 1000;

/** One to eight changes: bits, bytes, pieces left out, doubled or put elsewhere, huge lengths, the end cut off. */
function mutated(bytes: Uint8Array, below: (limit: number) => number): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let changes = 1 + below(8); changes > 0; changes -= 1) {
    const at = below(result.length + 1);
    const piece = result.subarray(at, at + below(32));
    switch (below(7)) {
      case 0:
        if (at < result.length) result[at] = (result[at] ?? 0) ^ (1 << below(8));
        break;
      case 1:
        if (at < result.length) result[at] = below(256);
        break;
      case 2:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + piece.length)]);
        break;
      case 3:
        result = Buffer.concat([result.subarray(0, at), piece, result.subarray(at)]);
        break;
      case 4:
        result = Buffer.concat([
          result.subarray(0, at),
          Buffer.alloc(1 + below(10), 0xff),
          result.subarray(at),
        ]);
        break;
      case 5:
        result = result.subarray(0, at);
        break;
      default:
        result = Buffer.concat([piece, result]);
    }
  }
  return result;
}

const definition = evilDefinition(["FROM scratch", "RUN one", `RUN ${hostileText}`]);
const [digest = ""] = digestsOf(definition);
const { frontend, StatusResponse } = { ...moby.buildkit.v1, frontend: moby.buildkit.v1.frontend };
const detail = (name: string, value: unknown) => ({
  type_url: `github.com/moby/buildkit/${name}+json`,
  value: Buffer.from(JSON.stringify(value)),
});

/** What must make the best of everything: a worse error would hide the failure. */
const NEVER_REFUSES = new Set(["the details of an error", "headers of a call"]);

/** A proper message to begin with, and what reads it as the program does. */
const DECODERS: Readonly<Record<string, readonly [seed: Uint8Array, read: (bytes: Uint8Array) => unknown]>> =
  {
    "the status stream": [
      status({
        vertexes: [{ digest, name: "a", started: { seconds: 1, nanos: 2 }, error: "e" }],
        statuses: [
          { ID: "pull", vertex: digest, current: 2 ** 40, total: 2 ** 41, completed: { seconds: 3 } },
        ],
        logs: [{ vertex: digest, stream: 2, msg: Buffer.from("text"), timestamp: { seconds: 4 } }],
        warnings: [
          {
            vertex: digest,
            short: Buffer.from("a warning ä😀"),
            ranges: [{ start: { line: 1 }, end: { line: 2 } }],
          },
        ],
      }),
      (bytes) => [...toProgress(StatusResponse.decode(bytes), () => undefined)],
    ],
    "a definition, up to its program": [
      pb.Definition.encode(definition).finish(),
      (bytes) => buildProgram(decodeDefinition(pb.Definition.decode(bytes)), "Dockerfile"),
    ],
    "the details of an error": [
      google.rpc.Status.encode({
        code: 2,
        message: "failed",
        details: [
          detail("errdefs.Vertex", { digest }),
          detail("errdefs.Solve", { inputIDs: ["a"], mountIDs: ["b", ""], file: { index: "1" } }),
          detail("errdefs.Source", { info: { filename: "Dockerfile" }, ranges: [{ start: { line: 1 } }] }),
          detail("gatewayapi.ExitMessage", { Code: 1 }),
        ],
      }).finish(),
      (bytes) => failureFacts(rpcErrorOf("/x", { code: 2, details: "", richStatus: bytes }, undefined)),
    ],
    "frames of a session": [
      Buffer.concat([Buffer.from([0, 0, 0, 0, 3]), Buffer.from("abc"), Buffer.from([0, 0, 0, 0, 0])]),
      (bytes) => {
        const reader = new FrameReader();
        for (let at = 0; at < bytes.length; at += 3) reader.push(bytes.subarray(at, at + 3));
      },
    ],
    "packets of a file transfer": [
      Buffer.from([0x08, 1, 0x18, 200, 1, 0x22, 2, 65, 66]),
      decodeReceiverPacket,
    ],
    "the tunnel of a session": [
      moby.buildkit.v1.BytesMessage.encode({ data: Buffer.from("abc") }).finish(),
      decodeBytesMessage,
    ],
    "requests to the ssh agent": [
      Buffer.from([0, 0, 0, 1, 11, 0, 0, 0, 5, 13, 0, 0, 0, 0]),
      (bytes) => [...new AgentMessageReader().push(bytes)],
    ],
    "headers of a call": [
      Buffer.from("dir-name\ncontext\nexclude-patterns\na%2Fb+c\nexclude-patterns-encoded\n1"),
      (bytes) => readMetadata(Buffer.from(bytes).toString("latin1").split("\n")),
    ],
    "answers of the gateway": [
      frontend.SolveResponse.encode({ result: { ref: { id: "a", def: definition } } }).finish(),
      (bytes) => {
        const { result } = bridge.solve.decode(bytes);
        return decodeDefinition(result?.ref?.def ?? {});
      },
    ],
    "messages of a process": [
      frontend.ExecMessage.encode({ ProcessID: "p", File: { Fd: 1, Data: Buffer.from("out") } }).finish(),
      (bytes) => frontend.ExecMessage.decode(bytes),
    ],
  };

/** What a decoder throws on purpose; protobufjs' own errors become a failed call in the channel. */
function isExpected(error: unknown): boolean {
  if (error instanceof BktuiError) return error.code !== "internal";
  return error instanceof RangeError ? /index out of range/.test(error.message) : isProtocolError(error);
}

function isProtocolError(error: unknown): boolean {
  return (
    error instanceof Error && /^(invalid|illegal|max depth|missing|unexpected|duplicate)/i.test(error.message)
  );
}

test.each(Object.entries(DECODERS))("S45 · %s: 10,000 broken messages", (name, [seed, read]) => {
  const below = numbersFrom(20_260_101);
  read(seed);
  const before = process.memoryUsage().rss;
  let answered = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = mutated(seed, below);
    const startedMs = performance.now();
    try {
      read(bytes);
      answered += 1;
    } catch (error) {
      if (NEVER_REFUSES.has(name) || !isExpected(error))
        throw new Error(`round ${round}: ${bytes.toString("hex")}`, { cause: error });
    }
    const tookMs = performance.now() - startedMs;
    if (tookMs > MAX_MS) throw new Error(`round ${round} took ${tookMs} ms: ${bytes.toString("hex")}`);
  }
  // Neither refuses everything nor takes everything: the messages are near to proper ones.
  expect(answered).toBeGreaterThan(ROUNDS / 100);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
});
