/** The client of the tests sees what is wrong: else none of its tests says anything. */
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { DapClient, Refused } from "../../support/dap-client.ts";
import { FrameReader, framed, framedText } from "../../support/dap-frames.ts";

function pair(secrets: readonly string[] = []): {
  client: DapClient;
  say: (...messages: object[]) => void;
  input: PassThrough;
} {
  const input = new PassThrough();
  const client = new DapClient({ input, output: new PassThrough(), secrets });
  return { client, input, say: (...messages) => messages.forEach((each) => void input.write(framed(each))) };
}

const answer = (seq: number, request: number) => ({
  seq,
  type: "response",
  request_seq: request,
  success: true,
  command: "threads",
  body: { threads: [] },
});
const output = (seq: number, text: string) => ({
  seq,
  type: "event",
  event: "output",
  body: { output: text },
});

test("answers and events reach who waits for them, in whatever pieces they come", async () => {
  const { client, input } = pair();
  const asked = client.request("threads");
  const first = client.event("output");
  const bytes = Buffer.concat([
    framed(output(1, "one\n")),
    framed(answer(2, 1)),
    framed(output(3, "zwei ü\n")),
  ]);
  for (const byte of bytes) input.write(Buffer.of(byte));
  expect(await first).toEqual({ output: "one\n" });
  expect(await client.event("output", (body) => body.output.includes("zwei"))).toEqual({
    output: "zwei ü\n",
  });
  expect(await asked).toEqual({ threads: [] });
  expect(client.problems).toEqual([]);
  client.check();
});

test("a refusal is thrown with its words", async () => {
  const { client, say } = pair();
  const asked = client.request("threads");
  say({ seq: 1, type: "response", request_seq: 1, success: false, command: "threads", message: "not now" });
  await expect(asked).rejects.toThrow(Refused);
  // A refusal without an error is not what the protocol has.
  expect(client.problems.join()).toMatch(/body/);
});

test.each([
  ["a number twice", [output(5, "a"), output(5, "b")], /number 5 came behind 5/],
  ["an answer to nothing", [answer(1, 9)], /answer to nothing/],
  ["two answers", [answer(1, 1), answer(2, 1)], /answered more than once/],
  [
    "an answer with another name",
    [{ ...answer(1, 1), command: "modules", body: { modules: [] } }],
    /answered as modules/,
  ],
  ["a message that the protocol has not", [{ seq: 1, type: "event", event: "output", body: {} }], /output/],
  ["a control character", [output(1, "\u001b[31mred")], /control character/],
  ["a control character of eight bits", [output(1, "\u009b31m")], /control character/],
  ["a secret", [output(1, "the word is hunter2")], /secret/],
] as const)("seen: %s", async (_name, messages, words) => {
  const { client, say } = pair(["hunter2"]);
  client.send("threads");
  say(...messages);
  say(output(99, "the end"));
  await client.event("output", (body) => body.output === "the end");
  expect(client.problems.join("\n")).toMatch(words);
  expect(() => client.check()).toThrow(words);
});

test("an end within a message and a wrong header are seen", async () => {
  const { client, input } = pair();
  input.end(framed(output(1, "cut")).subarray(0, 30));
  await client.over();
  expect(client.problems).toEqual(["it ended within a message"]);
  await expect(client.event("output")).rejects.toThrow(/over without an event output/);
  expect(() => new FrameReader().push(Buffer.from(`Content-length: 3\r\n\r\n${" ".repeat(40)}`))).toThrow(
    /header/,
  );
  expect(new FrameReader().push(Buffer.concat([framedText("{}"), framedText("[]")]))).toEqual(["{}", "[]"]);
});
