import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FRAME_LIMIT,
  type Frame,
  FrameReader,
  type FrameType,
  framed,
  GREETING,
} from "../../../src/attach/frames.ts";
import { helloFrame, readFacts, readHello, readSize, sizeFrame } from "../../../src/attach/hello.ts";
import { failureOf } from "../../support/thrown.ts";

const TYPES: readonly FrameType[] = ["hello", "input", "size", "stopped", "resumed", "screen", "stop", "bye"];

/** Cuts bytes where the numbers say. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const borders = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...borders].map((from, at) => bytes.subarray(from, borders[at] ?? bytes.length));
}

function readAll(chunks: readonly Uint8Array[]): readonly Frame[] {
  const reader = new FrameReader(TYPES);
  return chunks.flatMap((chunk) => reader.push(chunk));
}

describe("frames", () => {
  test("come out as they went in, wherever the bytes are cut", () => {
    const frames = fc.array(
      fc.record({ type: fc.constantFrom(...TYPES), bytes: fc.uint8Array({ maxLength: 300 }) }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 12 }), (sent, places) => {
        const bytes = Buffer.concat([
          Buffer.from(GREETING),
          ...sent.map(({ type, bytes: payload }) => framed(type, payload)),
        ]);
        const got = readAll(cut(bytes, places)).map(({ type, payload }) => [type, [...payload]]);
        expect(got).toEqual(sent.map(({ type, bytes: payload }) => [type, [...payload]]));
      }),
    );
  });

  test("too long for one are several, one after the other", () => {
    const bytes = Buffer.alloc(FRAME_LIMIT * 2 + 3, "x");
    const got = readAll([Buffer.from(GREETING), framed("screen", bytes)]);
    expect(got.map(({ payload }) => payload.length)).toEqual([FRAME_LIMIT, FRAME_LIMIT, 3]);
    expect(Buffer.concat(got.map(({ payload }) => payload)).equals(bytes)).toBe(true);
  });

  test("are refused behind rubbish, by whatever it is cut, and nothing is kept of it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 40, maxLength: 400 }), fc.array(fc.nat()), (bytes, places) => {
        expect(failureOf(() => readAll(cut(Buffer.from(bytes), places))).code).toBe("unsupported");
      }),
    );
  });

  test("of an unknown type, of the other direction or with too great a length are refused", () => {
    const head = (type: number, length: number): Buffer => {
      const bytes = Buffer.alloc(5);
      bytes.writeUInt8(type, 0);
      bytes.writeUInt32BE(length, 1);
      return bytes;
    };
    for (const bytes of [head(99, 0), head(19, 0), head(16, FRAME_LIMIT + 1), head(16, 0xffff_ffff)])
      expect(() => readAll([Buffer.from(GREETING), bytes])).toThrow(/no frame of this bktui$/);
  });

  test("of another version are told of with what helps", () => {
    const error = failureOf(() => readAll([Buffer.from("bktui attach 27\n")]));
    expect(error.message).toBe("the other side attaches by version 27, this bktui by version 1");
    expect(error.hint).toMatch(/the bktui that runs the build/);
    expect(() => readAll([Buffer.from("HTTP/1.1 400 \u001b[2J")])).toThrow(
      /no bktui: it sends "HTTP\/1\.1 400/,
    );
  });
});

describe("what terminals and processes say of themselves", () => {
  const payloadOf = (frame: Buffer): Buffer => frame.subarray(5);

  test("of a terminal: size, wish, and no variable but those that a screen is drawn by", () => {
    const frame = helloFrame({
      wish: "watch",
      size: { columns: 20, rows: 5 },
      env: { TERM: "xterm", TOKEN: "secret", LANG: "C.UTF-8" },
    });
    expect(frame.toString("latin1")).not.toMatch(/secret/);
    expect(readHello(payloadOf(frame))).toEqual({
      wish: "watch",
      size: { columns: 20, rows: 5 },
      env: { TERM: "xterm", LANG: "C.UTF-8" },
    });
  });

  test("sizes of no use are the usual one, and none is larger than a screen can be", () => {
    expect(readSize(payloadOf(sizeFrame({ columns: 0, rows: 0 })))).toEqual({ columns: 80, rows: 24 });
    expect(readSize(Buffer.from([255, 255, 255, 255]))).toEqual({ columns: 1000, rows: 1000 });
    expect(readSize(Buffer.from([1, 2, 3]))).toBeUndefined();
  });

  test("what is none is told from what is one", () => {
    for (const text of ["", "[", "null", "7", '{"wish":"root"}'])
      expect([readHello(Buffer.from(text)), readFacts(Buffer.from(text))]).toEqual([undefined, undefined]);
  });

  test("texts of a process are harmless and short", () => {
    const facts = { name: "n", pid: 1, screens: 0, what: "\u001b[2J".padEnd(5000, "x"), status: "a\nb" };
    const read = readFacts(Buffer.from(JSON.stringify(facts)));
    expect(read?.what).toHaveLength(300);
    expect(read?.what).not.toContain("\u001b");
    expect(read?.status).not.toMatch(/\n/);
  });
});
