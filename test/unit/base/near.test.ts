import { expect, test } from "vitest";
import { nearest } from "../../../src/base/near.ts";

test("a name with letters swapped, left out or added finds the right one, best first", () => {
  expect(nearest("gerp", ["grep", "egrep", "sed", "gzip"])).toEqual(["grep"]);
  expect(nearest("pyton", ["python3", "python", "perl"])).toEqual(["python"]);
  expect(nearest("readme.md", ["README.md", "LICENSE"])).toEqual(["README.md"]);
});

test("short names do not look like everything", () => {
  expect(nearest("a", ["b", "c", "ab"])).toEqual([]);
  expect(nearest("ls", ["ps", "cp", "mv"])).toEqual(["ps"]);
});

test("a hostile name costs nothing", () => {
  expect(nearest("x".repeat(1_000_000), ["y".repeat(1_000_000)])).toEqual([]);
});
