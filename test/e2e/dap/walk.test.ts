/** Every way of moving forwards through a build of several stages, with all that is said on the way. */
import { describe, expect, test } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { debugBuild } from "../../support/dap-program.ts";
import { expectTranscript } from "../../support/dap-transcript.ts";
import { testEngines } from "../../support/engines.ts";

covers("initialize", "launch", "configurationDone", "continue", "next", "stepIn", "stepOut", "stepInTargets");
covers("gotoTargets", "goto", "restartFrame", "restart", "stackTrace", "threads", "disconnect");
covers("supportsConfigurationDoneRequest", "supportsStepInTargetsRequest", "supportsGotoTargetsRequest");
covers("supportsRestartRequest", "supportsRestartFrame", "supportsDelayedStackTraceLoading");
covers("supportedChecksumAlgorithms");

const DOCKERFILE = `FROM busybox:1.36 AS base
RUN echo base > /base
FROM base AS tool
ARG WORD=hello
RUN echo "$WORD from the tool" && echo tool > /tool
FROM base AS app
WORKDIR /app
COPY --from=tool /tool .
RUN cat tool
COPY note.txt .
RUN echo "done"
`;
const FILES = { Dockerfile: DOCKERFILE, "note.txt": "a note\n" };

describe.each(testEngines())("$name", (engine) => {
  test("a walk of every stepping request over several stages", async () => {
    const launch = { noCache: true, target: "app" };
    await using dap = await debugBuild(engine, { files: FILES, launch });
    const { client } = dap;
    await dap.begin();
    const move = async (kind: "next" | "stepIn" | "stepOut") => {
      await client.request(kind, { threadId: 1 });
      return await client.stop();
    };
    const source = { path: dap.dockerfile };
    const { targets } = await client.request("gotoTargets", { source, line: 8 });
    await client.request("goto", { threadId: 1, targetId: targets[0]?.id ?? 0 });
    const atCopy = await client.stop();
    const needed = await client.request("stepInTargets", { frameId: atCopy.frames[0]?.id ?? 0 });
    await client.request("stepIn", { threadId: 1, targetId: needed.targets[0]?.id ?? 0 });
    const inTool = await client.stop();
    expect(inTool.frames.map(({ line }) => line)).toEqual([5, 8]);
    expect(
      (await client.request("stackTrace", { threadId: 1, startFrame: 1, levels: 1 })).stackFrames,
    ).toEqual(inTool.frames.slice(1));
    for (const kind of ["stepIn", "stepOut", "next"] as const) await move(kind);
    const { frames } = await move("next");
    // What the build has left behind is no frame any more.
    expect(await client.ask("restartFrame", { frameId: atCopy.frames[0]?.id ?? 0 })).toMatchObject({
      success: false,
    });
    await client.request("restartFrame", { frameId: frames[0]?.id ?? 0 });
    await client.stop();
    await client.request("restart");
    expect((await client.stop()).stopped.reason).toBe("entry");
    expect(await client.request("threads")).toEqual({ threads: [{ id: 1, name: "app" }] });
    await client.request("continue", { threadId: 1 });
    await client.event("terminated");
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
    expectTranscript(client, "walk", { names: { CONTEXT: dap.context.path } });
  });
});
