import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { readPieces } from "../../../src/base/pieces.ts";

const { signal } = new AbortController();

test("gives each piece as it comes, and resolves at the end", async () => {
  const stream = new PassThrough().pause();
  const seen: string[] = [];
  const reading = readPieces(stream, (piece) => void seen.push(piece.toString()), signal);
  stream.write("one");
  await expect.poll(() => seen).toEqual(["one"]);
  stream.end("two");
  await reading;
  expect(seen).toEqual(["one", "two"]);
});

test("waits for who takes a piece before it gives the next, and passes on what it throws", async () => {
  const stream = new PassThrough();
  const seen: string[] = [];
  let goOn = (): void => undefined;
  const reading = readPieces(
    stream,
    async (piece) => {
      seen.push(piece.toString());
      if (seen.length === 2) throw new Error("two are enough");
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    },
    signal,
  );
  stream.write("one");
  await expect.poll(() => seen).toEqual(["one"]);
  stream.write("two");
  expect(stream.isPaused()).toBe(true);
  goOn();
  await expect(reading).rejects.toThrow("two are enough");
  expect(seen).toEqual(["one", "two"]);
});

test("a stream that breaks has ended, and finds a listener when it breaks later", async () => {
  const stream = new PassThrough();
  const reading = readPieces(stream, () => undefined, signal);
  stream.destroy(new Error("it broke"));
  await reading;
  stream.emit("error", new Error("once more"));
  await readPieces(stream, () => expect.unreachable(), signal);
});

test("leaves the stream as it is when the signal fires", async () => {
  const stream = new PassThrough();
  const stop = new AbortController();
  const seen: string[] = [];
  const reading = readPieces(stream, (piece) => void seen.push(piece.toString()), stop.signal);
  stop.abort();
  await reading;
  stream.write("late");
  expect(seen).toEqual([]);
  expect(stream.destroyed).toBe(false);
  expect(stream.read()?.toString()).toBe("late");
  await readPieces(stream, () => expect.unreachable(), stop.signal);
});
