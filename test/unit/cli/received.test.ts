import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isArchive } from "../../../src/cli/received.ts";

const directory = mkdtempSync(join(tmpdir(), "bktui-received-"));
writeFileSync(join(directory, "Dockerfile"), "FROM scratch\n");
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ["ustar", ["--format=ustar"]],
  ["pax", ["--format=pax"]],
  ["gnu", ["--format=gnu"]],
  ["v7", ["--format=v7"]],
  ["gzip", ["-z"]],
])("a tar in the format %s is an archive", (_name, options) => {
  expect(isArchive(execFileSync("tar", ["-c", ...options, "-C", directory, "."]))).toBe(true);
});

test.each([
  ["a Dockerfile", "FROM scratch\n"],
  ["a long Dockerfile", `# ${"x".repeat(2000)}\nFROM scratch\n`],
  ["a Dockerfile with a checksum's digits where a tar has them", "1".repeat(600)],
  ["nothing", ""],
])("%s is none", (_name, text) => {
  expect(isArchive(Buffer.from(text))).toBe(false);
});
