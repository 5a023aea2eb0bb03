/** 200,000 quick lines: all of them, or a gap that is told; and an editor that does not read holds nothing up. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { DapClient } from "../support/dap-client.ts";
import { debugBuild } from "../support/dap-program.ts";
import { testEngines } from "../support/engines.ts";

const LINES = 200_000;
const DOCKERFILE = `FROM busybox:1.36 AS flood
COPY busybox /busybox
RUN seq ${LINES} | sed "s/$/ of a burst, which is more than waits for a client that does not read/" && echo made > /made
FROM scratch
COPY --from=flood /made /
`;

/** Lines of the burst that came, and those that were said to be left out. */
function counted(client: DapClient): { readonly came: number; readonly leftOut: number } {
  const outputs = client.events("output");
  const texts = outputs.map(({ output }) => output);
  const came = texts.reduce((sum, text) => sum + (text.match(/^\d+ of a burst/gm)?.length ?? 0), 0);
  const gaps = texts.flatMap((text) => /^\[(\d+) lines? (?:was|were) left out/.exec(text)?.[1] ?? []);
  return { came, leftOut: gaps.reduce((sum, lines) => sum + Number(lines), 0) };
}

/** The engine cuts a line in two now and then, and what was left out may be the line of a step that began. */
const INEXACT = 20;

function expectAll(lines: number): void {
  expect(Math.abs(lines - LINES)).toBeLessThan(INEXACT);
}

const [engine] = testEngines();

describe("a burst of 200,000 lines", () => {
  test("reaches an editor that reads: what came and what is said to be left out is all of it", async () => {
    await using build = await debugBuild(engine ?? expect.unreachable(), {
      files: { Dockerfile: DOCKERFILE },
    });
    const { client } = build;
    await build.begin();
    await client.request("continue", { threadId: 1 });
    await client.event("exited", ({ exitCode }) => exitCode === 0);
    await client.event("terminated");
    const { came, leftOut } = counted(client);
    expectAll(came + leftOut);
    await client.request("disconnect");
    expect(await build.ended()).toBe(0);
  });

  test("does not wait for an editor that reads nothing: the build goes on to its outputs, and the stop is told later", async () => {
    await using build = await debugBuild(engine ?? expect.unreachable(), {
      files: { Dockerfile: DOCKERFILE },
      launch: { outputs: ["out"] },
    });
    const { client, child, context } = build;
    await build.begin();
    client.send("continue", { threadId: 1 });
    child.stdout.pause();
    // What the build makes shows that it has ended.
    await vi.waitFor(() => access(join(context.path, "out", "made")), { timeout: 50_000, interval: 100 });
    const asked = client.send("threads");
    child.stdout.resume();
    await client.answerTo(asked);
    await client.event("exited", ({ exitCode }) => exitCode === 0);
    await client.event("terminated");
    const { came, leftOut } = counted(client);
    expectAll(came + leftOut);
    expect(leftOut).toBeGreaterThan(0);
    await client.request("disconnect");
    expect(await build.ended()).toBe(0);
  });
});
