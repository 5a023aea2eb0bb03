/** `bktui engine start --containerd-store`: an engine of our own that builds for several platforms. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { engineCommand } from "../../../src/engine/private/commands.ts";
import { purgePrivateEngine, statusOf } from "../../../src/engine/private/private-engine.ts";
import { busyboxContext } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const { signal } = new AbortController();
const suite = inject("privateSuite");

const Dockerfile = `FROM scratch
ARG TARGETARCH
COPY busybox /bin/sh-$TARGETARCH
`;

describe.skipIf(suite === undefined)("an engine with containerd's store (needs a private engine)", () => {
  test("builds for two platforms, and one that runs without it says how to get it", async () => {
    const base = await mkdtemp(join(tmpdir(), "bktui-own-"));
    const directory = join(base, "engine");
    const command = async (action: "start" | "stop", containerdStore?: boolean): Promise<string> => {
      const options = { kind: "dockerd", suite, directory, containerdStore } as const;
      return (await engineCommand(action, { ...options, onProgress: () => undefined }, { signal })).text;
    };
    const build = async (context: string) => {
      const status = await statusOf(directory);
      if (status.kind !== "running") throw new Error("the engine does not run");
      const { version, binDir, address } = status.engine;
      const engine: TestEngine = {
        name: "own",
        kind: "dockerd",
        version,
        dockerHost: address.text,
        binDir,
        keepsFailedState: true,
      };
      return await runWithoutTerminal(engine, ["--run", "--platform", "amd64,arm64", context]);
    };
    try {
      await using context = await busyboxContext({ files: { Dockerfile }, unique: true });
      expect(await command("start")).not.toContain("containerd's store");
      const refused = await build(context.path);
      expect(refused.stderr).toContain("Multi-platform build is not supported for the docker driver");
      expect(refused.stderr).toContain("bktui engine start --containerd-store");
      await expect(command("start", true)).rejects.toMatchObject({
        code: "not-now",
        hint: expect.stringContaining("bktui engine stop, then bktui engine start --containerd-store"),
      });
      await command("stop");
      expect(await command("start", true)).toContain("images     in containerd's store");
      expect(await command("start", true)).toContain("images     in containerd's store");
      expect(await build(context.path)).toMatchObject({ exitCode: 0 });
    } finally {
      await purgePrivateEngine(directory, { signal });
      await rm(base, { recursive: true });
    }
  });
});
