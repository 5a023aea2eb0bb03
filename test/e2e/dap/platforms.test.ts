/** Several platforms are threads of an editor: each is stopped, stepped and looked at by itself. */
import { describe, expect, inject, test } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { debugBuild } from "../../support/dap-program.ts";
import { OwnEngine } from "../../support/own-engine.ts";

covers("threads", "stackTrace", "next", "continue");

const Dockerfile = `FROM scratch
ARG TARGETARCH
COPY busybox /bin/sh
RUN echo for $TARGETARCH >/arch
`;

describe.skipIf(inject("privateSuite") === undefined)(
  "with several platforms (needs a private engine)",
  () => {
    test("each is a thread that is stepped by itself, and all go on to one end", async () => {
      await using own = await OwnEngine.start(undefined, {
        daemonJson: { features: { "containerd-snapshotter": true } },
      });
      const launch = { platforms: "linux/amd64,linux/386" };
      await using dap = await debugBuild(own.engine, { files: { Dockerfile }, launch });
      const { client } = dap;
      await dap.begin();
      const { threads } = await client.request("threads");
      expect(threads.map(({ name }) => name)).toEqual([
        expect.stringMatching(/linux\/amd64$/),
        expect.stringMatching(/linux\/386$/),
      ]);
      const lineOf = async (threadId: number): Promise<number | undefined> =>
        (await client.request("stackTrace", { threadId })).stackFrames[0]?.line;
      const [first = 0, second = 0] = threads.map(({ id }) => id);
      expect([await lineOf(first), await lineOf(second)]).toEqual([3, 3]);
      await client.request("next", { threadId: second });
      await client.event("stopped", ({ threadId, reason }) => threadId === second && reason === "step");
      expect([await lineOf(first), await lineOf(second)]).toEqual([3, 4]);
      await expect(client.request("next", { threadId: 3 })).rejects.toThrow(/no thread 3/);
      expect(await client.request("continue", { threadId: first })).toEqual({ allThreadsContinued: true });
      expect(await client.event("exited")).toEqual({ exitCode: 0 });
      await client.event("terminated");
      await client.request("disconnect");
      expect(await dap.ended()).toBe(0);
    });
  },
);
