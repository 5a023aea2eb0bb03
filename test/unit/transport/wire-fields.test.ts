import fc from "fast-check";
import { expect, test } from "vitest";
import { moby } from "#proto";
import { decodeBytesMessage, encodeBytesMessage, wireFields } from "../../../src/transport/wire-fields.ts";

const { BytesMessage } = moby.buildkit.v1;

test("tunnel messages are what the generated code writes and reads", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000, size: "max" }), (data) => {
      const ours = encodeBytesMessage(data);
      expect(Buffer.compare(BytesMessage.decode(ours).data ?? new Uint8Array(), data)).toBe(0);
      expect(Buffer.compare(decodeBytesMessage(BytesMessage.encode({ data }).finish()), data)).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test("garbled messages are refused, never read beyond their end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        for (const field of wireFields(bytes)) expect(field.number).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toMatchObject({ code: "engine" });
      }
    }),
  );
  expect(() => [...wireFields(Uint8Array.of(0x0a, 5, 1))]).toThrow("malformed");
});
