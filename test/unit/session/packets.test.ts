import fc from "fast-check";
import { expect, it } from "vitest";
import { fsutil } from "#proto";
import { fromText } from "../../../src/session/files/byte-path.ts";
import {
  DATA_HEADER_BYTES,
  decodeReceiverPacket,
  type FileStat,
  frameData,
  StatEncoder,
} from "../../../src/session/files/packets.ts";

const { Packet } = fsutil.types;

it("encodes entries as the generated codec reads them", () => {
  const encoder = new StatEncoder();
  const stat = fc.record<FileStat>({
    path: fc.string({ unit: "grapheme", maxLength: 2000 }).map(fromText),
    mode: fc.nat(2 ** 32 - 1),
    size: fc.maxSafeNat(),
    modTimeNs: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    linkname: fc.string().map(fromText),
    deviceMajor: fc.nat(0xfffff),
    deviceMinor: fc.nat(2 ** 32 - 1),
  });
  fc.assert(
    fc.property(stat, (entry) => {
      const decoded = Packet.decode(encoder.encode(entry)).stat;
      expect(fromText(decoded?.path ?? "")).toBe(entry.path);
      expect(fromText(decoded?.linkname ?? "")).toBe(entry.linkname);
      expect(decoded?.mode).toBe(entry.mode);
      expect(String(decoded?.size)).toBe(String(entry.size));
      expect(String(decoded?.modTime)).toBe(String(entry.modTimeNs));
      expect(String(decoded?.devmajor)).toBe(String(entry.deviceMajor));
      expect(String(decoded?.devminor)).toBe(String(entry.deviceMinor));
    }),
  );
});

it("puts the header of file contents in front of them in place", () => {
  const content = Buffer.from("content");
  const buffer = Buffer.alloc(DATA_HEADER_BYTES + 300_000, "x");
  content.copy(buffer, DATA_HEADER_BYTES);
  expect(Packet.decode(frameData(buffer, 70_000, content.length))).toMatchObject({
    type: 2,
    ID: 70_000,
    data: content,
  });
  expect(Packet.decode(frameData(buffer, 0, 300_000)).data).toHaveLength(300_000);
  const end = Packet.decode(frameData(buffer, 4_294_967_295, 0));
  expect(end).toMatchObject({ type: 2, ID: 4_294_967_295 });
  expect(end.data ?? []).toHaveLength(0);
});

it("reads what the daemon says", () => {
  const encode = (packet: Parameters<typeof Packet.encode>[0]): Uint8Array => Packet.encode(packet).finish();
  expect(decodeReceiverPacket(encode({ type: 1, ID: 300 }))).toEqual({ kind: "request", id: 300 });
  expect(decodeReceiverPacket(encode({ type: 1 }))).toEqual({ kind: "request", id: 0 });
  expect(decodeReceiverPacket(encode({ type: 3 }))).toEqual({ kind: "fin" });
  expect(decodeReceiverPacket(encode({ type: 4, data: Buffer.from("disk full") }))).toEqual({
    kind: "error",
    message: "disk full",
  });
  expect(() => decodeReceiverPacket(encode({ type: 2, data: Buffer.from("x") }))).toThrow(/type 2/);
});

it("refuses broken bytes and never hangs on them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decodeReceiverPacket(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "engine" });
      }
    }),
  );
});
