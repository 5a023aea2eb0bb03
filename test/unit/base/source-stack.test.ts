import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transform } from "esbuild";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sourceStack } from "../../../src/base/source-stack.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui stack (1) "));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("a place with a map beside it is one of the source; what has none stays as it is", async () => {
  const text = "// what\nfunction long() {\n  throw new Error('gone');\n}\nlong();\n";
  const { code, map } = await transform(text, {
    minify: true,
    sourcemap: "external",
    sourcefile: "../src/long.ts",
  });
  const file = join(directory, "program-X1.cjs");
  const column = code.indexOf("throw") + 1;
  const elsewhere = `\n    at b (${tmpdir()}/program-X1.cjs:1:1)\n    at c (${directory}/other.cjs:1:1)`;
  const stack = `Error: gone\n    at a (${file}:1:${column})\n    at node:internal/x:1:2${elsewhere}`;
  expect(sourceStack(stack, directory)).toBe(stack);
  await writeFile(`${file}.map`, "{");
  expect(sourceStack(stack, directory)).toBe(stack);
  await writeFile(`${file}.map`, map);
  expect(sourceStack(stack, directory)).toBe(
    `Error: gone\n    at a (src/long.ts:3:3)\n    at node:internal/x:1:2${elsewhere}`,
  );
  expect(sourceStack(stack)).toBe(stack);
});
