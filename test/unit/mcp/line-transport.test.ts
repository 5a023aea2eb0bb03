import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { LineTransport } from "../../../src/mcp/line-transport.ts";

function transportOn(isWilling: () => boolean = () => true): {
  readonly source: PassThrough;
  readonly written: string[];
  readonly messages: unknown[];
  readonly transport: LineTransport;
  readonly drain: () => void;
  readonly closed: Promise<void>;
} {
  const source = new PassThrough();
  const written: string[] = [];
  const messages: unknown[] = [];
  let drained = (): void => undefined;
  const transport = new LineTransport(
    source,
    {
      write: (data) => {
        written.push(data);
        return isWilling();
      },
      onDrain: (listener) => {
        drained = listener;
      },
      closed: new AbortController().signal,
    },
    { wrong: (method) => (method === "bad" ? "that is bad" : undefined) },
  );
  transport.onmessage = (message) => messages.push(message);
  const closed = new Promise<void>((resolve) => {
    transport.onclose = resolve;
  });
  return { source, written, messages, transport, drain: () => drained(), closed };
}

describe("messages by lines", () => {
  test("come whole, however they are cut, and what is none is answered with its id", async () => {
    const { source, written, messages, transport, closed } = transportOn();
    await transport.start();
    const text =
      '{"jsonrpc":"2.0","id":1,"method":"ä"}\r\n\n{"id":7}\n[1]\nnope\n{"jsonrpc":"2.0","id":"b","method":"bad"}\n';
    for (const byte of Buffer.from(text)) source.write(Buffer.of(byte));
    source.end();
    await closed;
    expect(messages).toEqual([{ jsonrpc: "2.0", id: 1, method: "ä" }]);
    expect(written.map((line) => JSON.parse(line))).toMatchObject([
      { id: 7, error: { code: -32600 } },
      { id: null, error: { code: -32600 } },
      { id: null, error: { code: -32700 } },
      { id: "b", error: { code: -32602, message: "that is bad" } },
    ]);
  });

  test("of 100 MB are refused once and not kept; the next one is read", async () => {
    const { source, written, messages, transport, closed } = transportOn();
    await transport.start();
    const before = process.memoryUsage().arrayBuffers;
    const piece = Buffer.alloc(1024 * 1024, "x");
    let most = 0;
    for (let at = 0; at < 100; at++) {
      if (!source.write(piece)) await new Promise((resolve) => source.once("drain", resolve));
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    source.end('\n{"jsonrpc":"2.0","id":2,"method":"x"}\n');
    await closed;
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/-32700.*longer than 4 MiB/);
    expect(messages).toHaveLength(1);
    expect(most).toBeLessThan(40 * 1024 * 1024);
  });

  test("wait for a client that does not read, which is not listened to meanwhile, and end with one that never does", async () => {
    let isWilling = false;
    const { written, transport, drain, source, closed } = transportOn(() => isWilling);
    await transport.start();
    const message = { jsonrpc: "2.0", id: 1, result: { text: "y".repeat(1024 * 1024) } } as const;
    await transport.send(message);
    await transport.send(message);
    expect(written).toHaveLength(1);
    expect(source.isPaused()).toBe(true);
    isWilling = true;
    drain();
    expect(written).toHaveLength(2);
    expect(source.isPaused()).toBe(false);
    isWilling = false;
    for (let at = 0; at < 20; at++) await transport.send(message);
    await closed;
  });
});
