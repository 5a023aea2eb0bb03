import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { lookInContext } from "../../../../src/engine/buildkit/context-lookup.ts";
import type { ContextLookup } from "../../../../src/engine/engine.ts";

const { signal } = new AbortController();

/** Looks for a path in a context with these files. */
async function lookFor(path: string, files: Readonly<Record<string, string>>): Promise<ContextLookup> {
  const context = await mkdtemp(join(tmpdir(), "bktui-lookup-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(context, name)), { recursive: true });
      await writeFile(join(context, name), text);
    }
    return await lookInContext({ context, dockerfile: join(context, "Dockerfile") }, path, { signal });
  } finally {
    await rm(context, { recursive: true });
  }
}

test("a mistyped directory is replaced by the one that has the file", async () => {
  const found = await lookFor("/bulid/app.js", { "build/app.js": "", "docs/x": "" });
  expect(found).toEqual({ exists: false, hiddenBy: undefined, near: ["build/app.js"] });
});

test("the same name elsewhere is found", async () => {
  expect((await lookFor("app.js", { "src/web/app.js": "", "src/app.ts": "" })).near).toEqual([
    "src/web/app.js",
  ]);
});

test("what the ignore file hides is not offered, and the deciding line is named", async () => {
  const files = { ".dockerignore": "# comment\n\n*\n!src\nsrc/*.log\n", "src/a.log": "", "src/b.log": "" };
  expect(await lookFor("src/a.log", files)).toEqual({
    exists: true,
    hiddenBy: { file: ".dockerignore", line: 5, pattern: "src/*.log" },
    near: [],
  });
  expect((await lookFor("src/c.log", files)).near).toEqual([]);
});

test("a directory's pattern hides what is in it", async () => {
  const found = await lookFor("build/app.js", { ".dockerignore": "build\n", "build/app.js": "" });
  expect(found.hiddenBy).toEqual({ file: ".dockerignore", line: 1, pattern: "build" });
});

test("the ignore file beside the Dockerfile is the one that counts", async () => {
  const files = { ".dockerignore": "", "Dockerfile.dockerignore": "a\n", a: "" };
  expect((await lookFor("a", files)).hiddenBy?.file).toBe("Dockerfile.dockerignore");
});

test("a path out of the context is looked for inside of it", async () => {
  expect(await lookFor("../../etc/passwd", { a: "" })).toMatchObject({ exists: false });
});
