/** Where contexts of a bake file are that was read from a repository or a server. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BakeTarget } from "../../../../src/cli/bake/read-plan.ts";
import { placedPlan, remoteOf } from "../../../../src/cli/bake/remote-bake.ts";

const URL = "https://host.test/repo.git#main";
let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "bktui-remote-"));
  await mkdir(join(cwd, "here"));
});
afterAll(() => rm(cwd, { recursive: true }));

async function placed(
  target: BakeTarget,
  url = URL,
  env: Readonly<Record<string, string>> = {},
): Promise<BakeTarget | undefined> {
  const plan = await placedPlan({ targets: new Map([["web", target]]), asked: ["web"] }, url, { cwd, env });
  return plan.targets.get("web");
}

test("the first operand says where they are read from", () => {
  expect(remoteOf(["https://host.test/x.git#v1", "web"])).toBe("https://host.test/x.git#v1");
  expect(remoteOf(["git@host.test:x.git"])).toBe("git@host.test:x.git");
  expect(remoteOf(["web", "https://host.test/x.git"])).toBeUndefined();
  expect(remoteOf([])).toBeUndefined();
});

test.each([
  ["app", URL, "https://host.test/repo.git#main:app"],
  ["./app/", "git://host.test/x", "git://host.test/x#:app"],
  ["b", "git@host.test:x.git#v1:a", "git@host.test:x.git#v1:a/b"],
  ["../../b", "github.com/a/b", "github.com/a/b#:b"],
  [URL, URL, URL],
  [".", URL, "."],
  ["", "https://host.test/all.tar.gz", "https://host.test/all.tar.gz"],
  ["here", "https://host.test/docker-bake.hcl?raw=1", "here"],
])("context %j of %s is %s", async (context, url, expected) => {
  expect(await placed({ context }, url)).toEqual({ context: expected });
});

test("named contexts are the repository's unless they say otherwise", async () => {
  const contexts = {
    a: "./",
    b: ".",
    c: "cwd://x",
    d: "target:y",
    e: "docker-image://z",
    f: "git://h/x",
  };
  expect(await placed({ context: URL, contexts })).toEqual({
    context: URL,
    contexts: { ...contexts, a: URL, b: URL },
  });
});

test("what could be in two places, and what cannot be fetched alone, is refused", async () => {
  await expect(placed({ context: "here" }, "https://me:pw@host.test/repo.git")).rejects.toThrow(
    `target web: the context here may be that of https://***@host.test/repo.git, or ${join(cwd, "here")}`,
  );
  await expect(placed({ context: "app" }, "https://host.test/all.tar.gz")).rejects.toThrow(
    "no engine fetches app of https://host.test/all.tar.gz alone",
  );
  await expect(placed({ context: URL, contexts: { a: "shared" } })).rejects.toThrow(
    `target web: a named context that is the directory shared of ${URL} cannot be debugged`,
  );
});

test("the token for the bake files is the build's too, by the name of its variable", async () => {
  const env = { BUILDX_BAKE_GIT_AUTH_TOKEN: "s3cret" };
  const own = { id: "own", src: "x" };
  expect(await placed({ secret: [own] }, URL, env)).toEqual({
    secret: [own, { id: "GIT_AUTH_TOKEN", env: "BUILDX_BAKE_GIT_AUTH_TOKEN" }],
  });
  const given = { secret: [{ id: "GIT_AUTH_TOKEN", src: "x" }] };
  expect(await placed(given, URL, env)).toEqual(given);
});
