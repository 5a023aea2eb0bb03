import fc from "fast-check";
import { expect, test } from "vitest";
import { moby } from "#proto";
import { bigintOf, epochMsOf, numberOf } from "../../../src/protocol/scalars.ts";

test("64-bit integers survive the wire", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (current) => {
      const { VertexStatus } = moby.buildkit.v1;
      const decoded = VertexStatus.decode(VertexStatus.encode({ current }).finish());
      expect(numberOf(decoded.current)).toBe(current + 0);
      expect(bigintOf(decoded.current)).toBe(BigInt(current));
    }),
  );
});

test("a number that a double cannot hold is an error, never a wrong number", () => {
  expect(() => numberOf(2 ** 53)).toThrow("out of range");
});

test("timestamps become epoch milliseconds", () => {
  expect(epochMsOf({ seconds: 1_700_000_000, nanos: 250_000_000 })).toBe(1_700_000_000_250);
  expect(epochMsOf(null)).toBeUndefined();
});
