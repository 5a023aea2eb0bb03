import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { pb } from "#proto";
import { opText } from "../../../src/protocol/op-text.ts";

const directory = fileURLToPath(new URL("../../fixtures/definitions/", import.meta.url));
const recorded = (name: string): readonly Uint8Array[] =>
  pb.Definition.decode(readFileSync(`${directory}${name}`)).def ?? [];

test.each(readdirSync(directory))("every op of %s can be read", (name) => {
  for (const bytes of recorded(name)) expect(JSON.parse(opText(bytes))).toBeTypeOf("object");
});

test.each(["28.5", "20.10"])(
  "mounts, copies and numbers are said in BuildKit's words, on dockerd %s",
  (version) => {
    const text = recorded(`run-mounts.dockerd-${version}.pb`).map(opText).join("\n");
    expect(text).toMatch(
      /"input": -1,\s+"dest": "\/run\/secrets\/token",\s+"output": -?\d+,\s+"mountType": "SECRET"|"mountType": "SECRET"/,
    );
    expect(text).toMatch(/"sharing": "LOCKED"/);
    expect(text).toMatch(/"copy": \{\s+"src": "\/busybox",\s+"dest": "\/bin\/busybox"/);
    expect(text).not.toMatch(/"low"|\$unknowns/);
  },
);

test("the content of a file is text where it is text, and cut", () => {
  const op = (data: Uint8Array): string =>
    opText(pb.Op.encode({ file: { actions: [{ input: -1, mkfile: { path: "/f", data } }] } }).finish());
  expect(op(Buffer.from("hello"))).toContain('"data": "hello"');
  expect(op(Buffer.from([0xff, 0]))).toContain('"data": "2 bytes"');
  expect(op(Buffer.alloc(1_000_000, "x")).length).toBeLessThan(10_000);
  expect(() => opText(Buffer.from([0x0a, 0xff]))).toThrow(/malformed op/);
});
