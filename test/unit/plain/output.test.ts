import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { outputTo } from "../../../src/plain/output.ts";

/** A reader that takes one piece each time it is told to. */
function slowReader(): { readonly stream: Writable; readonly taken: string[]; take(): void } {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      waiting.push(() => {
        taken.push(text);
        done();
      });
    },
  });
  return { stream, taken, take: () => waiting.shift()?.() };
}

test("output is flushed when a slow reader has taken all of it, not before", async () => {
  const reader = slowReader();
  const output = outputTo(reader.stream);
  output.line("one");
  output.line("two");
  let flushed = false;
  const flushing = output.flushed().then(() => {
    flushed = true;
  });
  reader.take();
  await new Promise(setImmediate);
  expect(flushed).toBe(false);
  reader.take();
  await new Promise(setImmediate);
  reader.take();
  await flushing;
  expect(reader.taken.join("")).toBe("one\ntwo\n");
});

test("R29 · a reader that is gone is not waited for", async () => {
  const { stream } = slowReader();
  const output = outputTo(stream);
  output.line("one");
  let flushed = false;
  void output.flushed().then(() => {
    flushed = true;
  });
  stream.destroy(new Error("EPIPE"));
  await new Promise(setImmediate);
  expect(flushed).toBe(true);
  expect(output.closed.aborted).toBe(true);
  await output.flushed();
});
