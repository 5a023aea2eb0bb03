/** An image that a dockerd has is built on as it is, without a word to its registry, as docker does. */
import { describe, expect, inject, test } from "vitest";
import { dockerBuild } from "../../support/docker-client.ts";
import { busyboxContext } from "../../support/engines.ts";
import { OwnEngine } from "../../support/own-engine.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

describe.skipIf(inject("privateSuite") === undefined)(
  "a dockerd without a network (needs a private engine)",
  () => {
    test.each([true, false])("containerd's store %s", async (containerd) => {
      const daemonJson = { features: { "containerd-snapshotter": containerd } };
      await using own = await OwnEngine.start(undefined, { daemonJson });
      await using context = await busyboxContext({
        files: {
          Dockerfile: "FROM scratch\nCOPY busybox /bin/busybox\n",
          again: "FROM nowhere.test/x/y:1\nCOPY again /\n",
        },
      });
      const made = await dockerBuild(own.engine, ["-t", "nowhere.test/x/y:1", context.path], { load: true });
      expect(made.exitCode).toBe(0);
      const theirs = await dockerBuild(own.engine, [
        "--progress=plain",
        "-f",
        `${context.path}/again`,
        context.path,
      ]);
      const ours = await runWithoutTerminal(own.engine, [
        "--run",
        "-f",
        `${context.path}/again`,
        context.path,
      ]);
      expect([theirs.exitCode, theirs.stderr]).toEqual([0, theirs.stderr]);
      expect([ours.exitCode, ours.stderr]).toEqual([0, ours.stderr]);
    });
  },
);
