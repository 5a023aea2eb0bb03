/** What the capturing script takes of a directory, with a real shell and tar. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  CAPTURE_SCRIPT,
  type CapturedPart,
  directoriesAround,
  mountedBelow,
  partArguments,
} from "../../../../../src/engine/buildkit/export/capture-script.ts";

const root = mkdtempSync(join(tmpdir(), "bktui-capture-"));
afterAll(() => rmSync(root, { recursive: true }));
for (const path of ["proc/1", "e/k", ".dot", "-r"]) mkdirSync(join(root, path), { recursive: true });
for (const path of ["e/h", "e/k/z", "e/a *b", "..two"]) writeFileSync(join(root, path), path);
symlinkSync("nowhere", join(root, "dangling"));

/** Names in the archive, sorted, and what is said behind it. */
function captured(part: CapturedPart): { readonly names: readonly string[]; readonly said: string } {
  const args = ["-c", CAPTURE_SCRIPT, "sh", "MARK", root, ...partArguments(part)];
  const output = execFileSync("/bin/sh", args);
  const at = output.indexOf("\nMARK ");
  const listed =
    at === 0 ? "" : execFileSync("tar", ["tf", "-"], { input: output.subarray(0, at) }).toString();
  return {
    names: listed
      .split("\n")
      .filter((name) => name !== "")
      .sort(),
    said: output.subarray(at + 1).toString(),
  };
}

const MOUNTED = ["./proc", "./e/h"];

test("all of it, all but some paths and what is around them, these alone", () => {
  const all = captured({ kind: "all" });
  expect(all.names).toContain("./proc/1/");
  expect(all.said).toMatch(/^MARK (gnu|other) 0 $/);
  const around = directoriesAround(MOUNTED);
  expect(around).toEqual([".", "./e"]);
  expect(captured({ kind: "all-but", paths: MOUNTED, around }).names).toEqual(
    ["./-r/", "./..two", "./.dot/", "./dangling", "./e/a *b", "./e/k/", "./e/k/z"].sort(),
  );
  expect(captured({ kind: "directories", paths: around }).names).toEqual(["./", "./e/"]);
  expect(captured({ kind: "at", paths: [...MOUNTED, "./none"] }).names).toEqual([
    "./e/h",
    "./proc/",
    "./proc/1/",
  ]);
  expect(captured({ kind: "at", paths: ["./none"] })).toEqual({
    names: [],
    said: expect.stringMatching(/^MARK \w+ 0 $/),
  });
});

test("where something is mounted is read from the kernel's list, outermost places only", () => {
  const line = (point: string): string => `1 2 0:1 / ${point} rw - tmpfs tmpfs rw`;
  const info = ["/", "/proc", "/proc/sys", "/a\\040b", "/target", "/target/cache"].map(line).join("\n");
  expect(mountedBelow("/", info)).toEqual(["./a b", "./proc", "./target"]);
  expect(mountedBelow("/target", info)).toEqual(["./cache"]);
});
