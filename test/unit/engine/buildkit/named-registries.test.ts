import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { BuildRequest } from "../../../../src/engine/build-request.ts";
import { fromDockerfile } from "../../../../src/engine/build-sources.ts";
import { namedRegistries } from "../../../../src/engine/buildkit/named-registries.ts";
import { REQUEST } from "../../../support/debug-driver.ts";

const directory = mkdtempSync(join(tmpdir(), "bktui-named-"));
const dockerfile = join(directory, "Dockerfile");
const policy = join(directory, "policy.json");
writeFileSync(dockerfile, "FROM in-file.example/a\nCOPY --from=copied.example/b / /\n");
writeFileSync(policy, '{"rules":[{"updates":{"identifier":"docker-image://policy.example/x:1"}}]}');
afterAll(() => rmSync(directory, { recursive: true }));

const TOLD = [
  "in-file.example",
  "copied.example",
  "debug.example",
  "context.example",
  "tag.example",
  "cache-from.example",
  "cache-to.example",
  "syntax.example",
  "scanner.example",
  "policy.example",
];

const FULL: BuildRequest = {
  ...REQUEST,
  source: fromDockerfile(directory, dockerfile),
  debugImage: "debug.example/x",
  contexts: [{ name: "c", from: { kind: "reference", text: "docker-image://context.example/x" } }],
  tags: ["tag.example/x:1"],
  push: true,
  cacheFrom: [{ type: "registry", attributes: { ref: "cache-from.example/x" } }],
  cacheTo: [{ type: "registry", attributes: { ref: "cache-to.example/x" } }],
  buildArgs: { BUILDKIT_SYNTAX: "syntax.example/x" },
  attests: [{ type: "sbom", record: "type=sbom,generator=scanner.example/x" }],
  sourcePolicy: policy,
};

test.each(TOLD)("%s is named by the file or an option", async (host) => {
  expect((await namedRegistries(FULL))(host)).toBe(true);
});

test("nothing else is, and a tag that is not pushed names nobody", async () => {
  expect((await namedRegistries(FULL))("other.example")).toBe(false);
  expect((await namedRegistries({ ...FULL, push: false }))("tag.example")).toBe(false);
  const plain = await namedRegistries({ ...REQUEST, source: fromDockerfile(directory, dockerfile) });
  expect(TOLD.filter((host) => plain(host))).toEqual(["in-file.example", "copied.example"]);
});

test("a Dockerfile that only the engine can read may name any", async () => {
  const remote = { kind: "in-context", path: "Dockerfile" } as const;
  const allows = await namedRegistries({
    ...REQUEST,
    source: fromDockerfile({ kind: "url", url: "https://h/x.git" }, remote),
  });
  expect(allows("any.example")).toBe(true);
});

test("a Dockerfile that is gone is told of", async () => {
  await expect(
    namedRegistries({ ...REQUEST, source: fromDockerfile(directory, join(directory, "gone")) }),
  ).rejects.toMatchObject({
    code: "io",
    hint: "restore the file, then rerun",
  });
});
