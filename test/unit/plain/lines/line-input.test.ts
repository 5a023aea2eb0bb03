import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { LineInput } from "../../../../src/plain/lines/line-input.ts";

test("lines come one by one, the last one without its end too", async () => {
  using input = new LineInput(new PassThrough().end("one\r\ntwo\n\nthree"));
  expect([await input.line(), await input.line(), await input.line(), await input.line()]).toEqual([
    "one",
    "two",
    "",
    "three",
  ]);
  expect(await input.line()).toBeUndefined();
});

test("characters that arrive in pieces are put together", async () => {
  const stream = new PassThrough();
  using input = new LineInput(stream);
  const line = input.line();
  for (const byte of Buffer.from("żółć\n")) stream.write(Buffer.from([byte]));
  expect(await line).toBe("żółć");
});

test("what nobody asks for is not read without end", async () => {
  const stream = new PassThrough();
  using input = new LineInput(stream);
  stream.write("first\n");
  expect(await input.line()).toBe("first");
  const flood = Buffer.alloc(64 * 1024, "y\n");
  let accepted = 0;
  while (accepted < 100 && stream.write(flood)) accepted++;
  expect(accepted).toBeLessThan(10);
});

test("a relay gets what follows a line, byte for byte, and can give back what it does not want", async () => {
  const stream = new PassThrough();
  using input = new LineInput(stream);
  stream.write("shell\nls\u001b[A\u001dnext\n");
  expect(await input.line()).toBe("shell");
  const got: Uint8Array[] = [];
  input.relay(
    (chunk) => {
      got.push(chunk.subarray(0, 5));
      return chunk.subarray(6);
    },
    () => undefined,
  );
  expect(await input.line()).toBe("next");
  expect(Buffer.concat(got).toString()).toBe("ls\u001b[A");
});

test("an endless line is cut instead of kept", async () => {
  using input = new LineInput(new PassThrough().end(Buffer.alloc(200_000, "a")));
  expect((await input.line())?.length).toBe(64 * 1024);
});
