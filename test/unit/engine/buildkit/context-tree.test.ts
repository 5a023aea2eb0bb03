import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openContextTree } from "../../../../src/engine/buildkit/context-tree.ts";
import type { ContextTree } from "../../../../src/engine/engine.ts";
import { PatternMatcher } from "../../../../src/session/files/pattern-matcher.ts";

const { signal } = new AbortController();

interface Opened extends AsyncDisposable {
  readonly tree: ContextTree;
  readonly context: string;
}

/** A context with these files, as a build that has read it at a time sees it. */
async function open(files: Readonly<Record<string, string>>, atMs?: number): Promise<Opened> {
  const context = await mkdtemp(join(tmpdir(), "bktui-tree-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(context, name)), { recursive: true });
    await writeFile(join(context, name), text);
  }
  const read = atMs === undefined ? undefined : { atMs, ignore: new PatternMatcher(["dist"]) };
  const tree = await openContextTree({ context, dockerfile: join(context, "Dockerfile") }, read);
  return { tree, context, [Symbol.asyncDispose]: () => rm(context, { recursive: true }) };
}

async function linesHiding(
  path: string,
  files: Readonly<Record<string, string>>,
): Promise<readonly number[]> {
  await using opened = await open(files);
  return (await opened.tree.hiddenBy(path, { signal })).map(({ line }) => line);
}

test("the deciding line of the ignore file is named", async () => {
  const files = { ".dockerignore": "# comment\n\n*\n!src\nsrc/*.log\n", "src/a.log": "", "src/b.txt": "" };
  expect(await linesHiding("src/a.log", files)).toEqual([5]);
  expect(await linesHiding("src/b.txt", files)).toEqual([]);
});

test("of lines that each hide a path all are named", async () => {
  const files = { ".dockerignore": "dist\n*.log\n**/a.*\n", "dist/a.js": "" };
  expect(await linesHiding("dist/a.js", files)).toEqual([1, 3]);
});

test("a directory is hidden only when all in it is", async () => {
  const files = { "dist/a.js": "", "dist/b.js": "" };
  expect(await linesHiding("dist", { ...files, ".dockerignore": "dist\n!dist/b.js\n" })).toEqual([]);
  expect(await linesHiding("dist", { ...files, ".dockerignore": "dist\n!dist/c.js\n" })).toEqual([1]);
});

test("the ignore file beside the Dockerfile is the one that counts", async () => {
  await using opened = await open({ ".dockerignore": "", "Dockerfile.dockerignore": "a\n", a: "" });
  expect(await opened.tree.hiddenBy("a", { signal })).toMatchObject([{ file: "Dockerfile.dockerignore" }]);
});

test("a path out of the context is looked for inside of it", async () => {
  await using opened = await open({ a: "" });
  expect(await opened.tree.readDir("../../etc")).toBeUndefined();
  await symlink("/etc/hosts", join(opened.context, "hosts"));
  expect(await opened.tree.readLink("hosts")).toBe("/etc/hosts");
});

test("what is ignored is not found", async () => {
  await using opened = await open({ ".dockerignore": "dist\n", "dist/app.js": "", "web/app.js": "" });
  expect(await opened.tree.find((name) => name === "app.js", 3, { signal })).toEqual(["web/app.js"]);
});

test("new is what was made after the context was read, whatever time it claims, or was ignored then", async () => {
  await using opened = await open({ old: "", "dist/a": "" }, Date.now() + 60_000);
  await utimes(join(opened.context, "old"), new Date(), new Date(Date.now() + 120_000));
  expect(await opened.tree.isNew("old")).toBe(false);
  expect(await opened.tree.isNew("dist/a")).toBe(true);
  await using later = await open({ young: "" }, Date.now() - 60_000);
  await utimes(join(later.context, "young"), new Date(0), new Date(0));
  expect(await later.tree.isNew("young")).toBe(true);
});
