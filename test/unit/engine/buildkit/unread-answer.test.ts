import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { fromDockerfile } from "../../../../src/engine/build-sources.ts";
import { unreadAnswer } from "../../../../src/engine/buildkit/unread-answer.ts";
import type { FrontendFailed } from "../../../../src/engine/failures.ts";

const lost = new BktuiError("engine-unreachable", "Connection dropped");
let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-large-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function answerFor(text: string, error: unknown = lost): Promise<FrontendFailed | undefined> {
  const dockerfile = join(directory, "Dockerfile");
  await writeFile(dockerfile, text);
  return await unreadAnswer(error, { source: fromDockerfile("/src", dockerfile) });
}

test("a connection that breaks over a large Dockerfile is a refusal without its reason", async () => {
  expect(await answerFor("# comment\n".repeat(10_000))).toMatchObject({
    code: "bad-request",
    message: expect.stringContaining("100 kB"),
    hint: expect.stringContaining("docker build"),
    ranges: [],
  });
});

test("a line that no BuildKit reads is the reason", async () => {
  expect(await answerFor(`FROM scratch\n# ${"x".repeat(65_534)}`)).toMatchObject({
    message: "the line has 65536 bytes, and BuildKit reads at most 65535",
    ranges: [{ start: 2, end: 2 }],
  });
});

test("anything else is what it seems", async () => {
  expect(await answerFor("FROM scratch\n")).toBeUndefined();
  expect(await answerFor("# comment\n".repeat(10_000), new BktuiError("engine", "no"))).toBeUndefined();
});
