/** S33, S34: what is no message of the protocol is refused in words, in bounds, and the process goes on or ends in order. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { DapClient } from "../support/dap-client.ts";
import { framed, framedText } from "../support/dap-frames.ts";
import { type DapProgram, startDap } from "../support/dap-program.ts";
import { NO_BUILDS, servedSession } from "../support/dap-served.ts";

const MEBIBYTE = 1 << 20;
/** Pieces that were read past wait for being collected; what is held would be the whole of it. */
const MOST_GROWTH_BYTES = 150 * MEBIBYTE;

const initialize = { seq: 1, type: "request", command: "initialize", arguments: {} };
const threads = (seq: number): object => ({ seq, type: "request", command: "threads" });

/** Whether a request is answered. */
async function answers(client: DapClient): Promise<boolean> {
  const answer = await client.ask("threads").catch(() => undefined);
  return answer?.success === true;
}

async function residentBytes({ child }: DapProgram): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

const HEADERS: readonly (readonly [string, string])[] = [
  ["a negative length", "Content-Length: -1\r\n\r\n"],
  ["a length of a trillion in letters", "Content-Length: 1e12\r\n\r\n"],
  ["a length of more than a tebibyte", "Content-Length: 99999999999999\r\n\r\n"],
  ["a hexadecimal length", "Content-Length: 0x10\r\n\r\n"],
  ["no length", "Content-Length:\r\n\r\n"],
  ["two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"],
  ["another header alone", "Content-Type: text/plain\r\n\r\n{}"],
  ["no header", '{"seq":1,"type":"request","command":"threads"}\r\n\r\n'],
  ["a header without an end", `X: ${"y".repeat(9000)}`],
  ["no empty line", `Content-Length: 2\r\n${"{}".repeat(4000)}`],
  ["a NUL in a header", "Content-Length: 2\u0000\r\n\r\n{}"],
  ["the header of another protocol", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
];

test.each(HEADERS)("S33 · %s: said, and the session ends in order", async (_name, bytes) => {
  await using session = servedSession(NO_BUILDS);
  const { client } = session;
  await client.request("initialize", {});
  client.sendBytes(Buffer.concat([Buffer.from(bytes, "latin1"), framed(threads(9))]));
  await client.over();
  await session.done;
  expect(client.output("important")).toMatch(/nothing behind it can be read, so this session ends\n$/);
  expect(session.problems).toHaveLength(1);
});

/** Made when it is wanted: the test's name has them in it otherwise. */
const BODIES: Readonly<Record<string, () => Uint8Array>> = {
  "an empty body": () => framedText(""),
  "no JSON": () => framedText("hello"),
  "a NUL in JSON": () => framedText('{"seq":5,\u0000"type":"request","command":"threads"}'),
  "a list": () => framedText("[]"),
  null: () => framedText("null"),
  "JSON 100,000 deep": () => framedText("[".repeat(100_000) + "]".repeat(100_000)),
  "an argument 100,000 deep": () => framedText(deepRequest()),
  "a request without a number": () => framed({ type: "request", command: "threads" }),
  "a request without a command": () => framed({ seq: 7, type: "request" }),
  "a number that is none": () => framed({ seq: "7", type: "request", command: "threads" }),
  "a message of no kind": () => framed({ seq: 7 }),
  "an answer to nothing": () =>
    framed({ seq: 7, type: "response", request_seq: 99, success: true, command: "x" }),
  "a command of 100,000 letters": () => framed({ seq: 7, type: "request", command: "x".repeat(100_000) }),
  "no UTF-8": () =>
    Buffer.concat([Buffer.from("Content-Length: 4\r\n\r\n"), Buffer.of(0xff, 0xfe, 0xc3, 0x28)]),
  "a message of 5 MiB": () =>
    framed({ ...initialize, seq: 7, arguments: { clientName: "x".repeat(5 * MEBIBYTE) } }),
};

function deepRequest(): string {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  return `{"seq":7,"type":"request","command":"evaluate","arguments":{"expression":${deep}}}`;
}

test.each(Object.keys(BODIES))(
  "S33 · %s: refused or left out, and what comes next is answered",
  async (name) => {
    await using session = servedSession(NO_BUILDS, { sendsBytes: true });
    const { client } = session;
    await client.request("initialize", {});
    client.sendBytes(BODIES[name]?.() ?? expect.unreachable());
    expect(await answers(client)).toBe(true);
  },
);

test("S33 · messages may come in any pieces, and many in one", async () => {
  const bytes = Buffer.concat([
    framed(initialize),
    framed(threads(2)),
    framed(threads(3)),
    framed(threads(4)),
  ]);
  for (const size of [1, 2, 7, 40, bytes.length]) {
    await using session = servedSession(NO_BUILDS, { sendsBytes: true });
    const { client } = session;
    for (let at = 0; at < bytes.length; at += size) client.sendBytes(bytes.subarray(at, at + size));
    await client.close();
    await client.over();
    expect(client.messages.map((message) => message["request_seq"])).toEqual([1, 2, 3, 4]);
  }
});

test("S33 · a split at every byte", async () => {
  const bytes = Buffer.concat([framed(initialize), framed(threads(2))]);
  for (let at = 1; at < bytes.length; at += 1) {
    await using session = servedSession(NO_BUILDS, { sendsBytes: true });
    session.client.sendBytes(bytes.subarray(0, at));
    await new Promise(setImmediate);
    session.client.sendBytes(bytes.subarray(at));
    await session.client.close();
    await session.client.over();
    expect(session.client.messages).toHaveLength(2);
  }
});

test("S33 · a message of 500 MB is read past within bounds, answered, and the next one is taken", async () => {
  await using dap = await startDap(["dap"], { sendsBytes: true });
  const { client, child } = dap;
  await client.request("initialize", {});
  expect(await answers(client)).toBe(true);
  const before = await residentBytes(dap);
  const length = 500_000_000;
  const head = '{"seq":77,"type":"request","command":"evaluate","arguments":{"expression":"';
  child.stdin.write(`Content-Length: ${length}\r\n\r\n${head}`);
  const piece = Buffer.alloc(MEBIBYTE, 0x78);
  for (let left = length - head.length; left > 0; left -= piece.length)
    if (!child.stdin.write(piece.subarray(0, left)))
      await new Promise<void>((resolve) => void child.stdin.once("drain", resolve));
  expect(await answers(client)).toBe(true);
  expect((await residentBytes(dap)) - before).toBeLessThan(MOST_GROWTH_BYTES);
  const refusal = client.messages.find((message) => message["request_seq"] === 77);
  expect(refusal).toMatchObject({
    success: false,
    command: "evaluate",
    message: expect.stringMatching(/longer than/),
  });
});

test("S34 · before initialize nothing is done, twice is refused, and a broken header ends the program with 0", async () => {
  await using dap = await startDap(["dap"], { sendsBytes: true });
  const { client } = dap;
  for (const [command, args] of [
    ["launch", { contextPath: "/" }],
    ["evaluate", { expression: "! true", context: "repl" }],
    ["threads", undefined],
  ] as const)
    expect(await client.ask(command, args)).toMatchObject({
      success: false,
      message: expect.stringMatching(/came before initialize/),
    });
  await client.request("initialize", {});
  expect(await client.ask("initialize", {})).toMatchObject({ success: false });
  client.sendBytes(Buffer.from("Content-Length: -1\r\n\r\n"));
  await client.over();
  expect(await dap.ended()).toBe(0);
  expect(dap.stderr()).toMatch(/Content-Length is no length/);
});
