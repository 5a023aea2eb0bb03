import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { searchSource } from "../../../../../src/debugger/explain/sources/search.ts";
import { contextSources } from "../../../../../src/debugger/explain/sources/tree.ts";
import type { SourceFinding } from "../../../../../src/debugger/questions/finding.ts";
import { openContextTree } from "../../../../../src/engine/buildkit/context-tree.ts";

/** What is found of a path in a context where some names are links and `dir/secret.txt` is ignored. */
async function finding(
  path: string,
  links: Readonly<Record<string, string>>,
): Promise<SourceFinding | undefined> {
  const context = await mkdtemp(join(tmpdir(), "bktui-search-"));
  try {
    await mkdir(join(context, "dir"));
    await writeFile(join(context, "dir/secret.txt"), "");
    await writeFile(join(context, "dir/other.txt"), "");
    await writeFile(join(context, ".dockerignore"), "# kept\ndir/secret.txt\n");
    for (const [name, target] of Object.entries(links)) {
      await mkdir(dirname(join(context, name)), { recursive: true });
      await symlink(target, join(context, name));
    }
    const tree = await openContextTree({ context, dockerfile: join(context, "Dockerfile") }, undefined);
    const source = { path, isPattern: false };
    return await searchSource(contextSources(tree), source, { signal: new AbortController().signal });
  } finally {
    await rm(context, { recursive: true });
  }
}

test.each([
  ["a link on the way is not what is kept", "/link/secret.txt", { link: "dir" }, undefined],
  ["a link to it is", "/l", { l: "dir/secret.txt" }, { link: "l", target: "dir/secret.txt" }],
  [
    "of links to links the last",
    "/l",
    { l: "m", m: "dir/secret.txt" },
    { link: "m", target: "dir/secret.txt" },
  ],
  [
    "a link behind a link",
    "/link/l",
    { link: "dir", "dir/l": "secret.txt" },
    { link: "dir/l", target: "secret.txt" },
  ],
  [
    "a link whose target goes through a link",
    "/l",
    { l: "link/secret.txt", link: "dir" },
    { link: "l", target: "link/secret.txt" },
  ],
])("of an ignored file: %s", async (_name, path, links, hop) => {
  expect(await finding(path, links)).toEqual({
    kind: "hidden",
    examples: ["dir/secret.txt"],
    count: 1,
    rules: [{ file: ".dockerignore", line: 2, pattern: "dir/secret.txt" }],
    hop,
  });
});

test("a file beside the ignored one is there", async () => {
  expect(await finding("/link/other.txt", { link: "dir" })).toMatchObject({ kind: "there" });
});
