/** What a client of the Debug Adapter Protocol sees of a step: scopes, files, values, what can be set and watched. */
import { randomUUID } from "node:crypto";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { describe, expect, inject, test } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { debugBuild } from "../../support/dap-program.ts";
import { named, standing } from "../../support/dap-standing.ts";
import { testEngines } from "../../support/engines.ts";
import { OwnEngine } from "../../support/own-engine.ts";

covers("scopes", "variables", "readMemory", "locations", "setVariable", "setExpression");
covers("dataBreakpointInfo", "setDataBreakpoints", "supportsDataBreakpoints", "supportsReadMemoryRequest");
covers("supportsEvaluateForHovers", "supportsClipboardContext", "supportsValueFormattingOptions");
covers("supportsSetVariable", "supportsSetExpression");

describe.each(testEngines())("$name", (engine) => {
  test("scopes tell of a failed step what it was given", async () => {
    await using at = await standing({ engine });
    const scopes = await at.scopes();
    expect(scopes.map(({ name }) => name)).toEqual([
      "Arguments",
      "Environment",
      "Mounts",
      "Image",
      "Files BASE",
      "Files FAILED",
    ]);
    const args = await at.scope("Arguments");
    expect(named(args, "GREETING")).toMatchObject({ value: "hello", type: "build argument, default" });
    expect(named(args, "TARGETOS")).toMatchObject({ value: "linux" });
    const environment = await at.scope("Environment");
    expect(named(environment, "COLOUR")).toMatchObject({ value: "dark blue", evaluateName: "ENV.COLOUR" });
    expect(named(environment, "directory")).toMatchObject({ value: "/made" });
    expect(named(environment, "user")).toMatchObject({ value: "root" });
    const mounts = await at.scope("Mounts");
    expect(named(mounts, "/cache").value).toMatch(/^cache, id .*things-[0-9a-f-]+, sharing locked$/);
    expect(named(mounts, "/run/secrets/token").value).toMatch(/^secret, id token, mode 0o400/);
    expect(named(mounts, "/scratch").value).toMatch(/^tmpfs/);
    const image = await at.scope("Image");
    expect(named(image, "base").value).toMatch(/busybox:1\.36$/);
    expect(named(image, "stage").value).toBe("app");
    const lineOf = async ({ declarationLocationReference: reference }: DebugProtocol.Variable) =>
      (await at.client.request("locations", { locationReference: reference ?? 0 })).line;
    expect(await lineOf(named(args, "GREETING"))).toBe(3);
    expect(await lineOf(named(image, "base"))).toBe(6);
    expect(await lineOf(named(environment, "COLOUR"))).toBe(5);
  });

  test("files of BASE and FAILED can be walked into, and read as memory", async () => {
    await using at = await standing({ engine });
    const base = await at.scope("Files BASE");
    const made = await at.variables(named(base, "made/").variablesReference);
    expect(made.map(({ name }) => name)).toEqual(["data.txt"]);
    const data = named(made, "data.txt");
    expect(data).toMatchObject({ type: "file", evaluateName: "BASE:/made/data.txt" });
    const read = async (memoryReference = "", count = 0, offset = 0) =>
      await at.client.request("readMemory", { memoryReference, offset, count });
    expect(await read(data.memoryReference, 100, 4)).toEqual({
      address: "4",
      data: Buffer.from("two\n").toString("base64"),
      unreadableBytes: 96,
    });
    const busybox = named(
      await at.variables(named(base, "bin/").variablesReference),
      "busybox",
    ).memoryReference;
    const piece = await read(busybox, 4 * 1024 * 1024);
    const size = Buffer.from(piece.data ?? "", "base64").length;
    expect(size).toBeGreaterThan(500_000);
    expect(size).toBeLessThanOrEqual(1024 * 1024);
    expect(piece.unreadableBytes).toBe(size === 1024 * 1024 ? undefined : 4 * 1024 * 1024 - size);
    const facts = await at.variables(data.variablesReference);
    const content = named(facts, "content");
    expect(content.presentationHint).toMatchObject({ lazy: true });
    expect(await at.variables(content.variablesReference)).toMatchObject([{ value: "one\ntwo\n" }]);
    if (!engine.keepsFailedState) {
      await expect(at.scope("Files FAILED")).rejects.toThrow(/this engine keeps no FAILED state/);
      return;
    }
    const failed = await at.scope("Files FAILED");
    const out = await at.variables(
      named(await at.variables(named(failed, "made/").variablesReference), "out/").variablesReference,
    );
    expect(named(out, "link")).toMatchObject({ value: "-> deep/greeting", type: "link" });
    const zeros = named(out, "zeros");
    expect(zeros.value).toBe("3.0 kB  rwsr-x--- 0:0");
    const hex = await at.variables(zeros.variablesReference, { format: { hex: true } });
    expect(named(hex, "size").value).toBe("0xbb8");
    expect(named(await at.variables(zeros.variablesReference), "mode").value).toBe("0o4750");
    expect(await read(zeros.memoryReference, 4)).toEqual({ address: "0", data: "AAAAAA==" });
    const [greeting] = await at.variables(named(out, "deep/").variablesReference);
    expect(await read(greeting?.memoryReference, 11)).toMatchObject({
      data: Buffer.from("hello at 3\n").toString("base64"),
    });
    // The value of a secret cannot be read, however it is asked for.
    const copied = named(out, "copied");
    expect(await read(copied.memoryReference, 100)).toMatchObject({ data: "", unreadableBytes: 100 });
    expect(await read(copied.memoryReference, 5, 3)).toMatchObject({ data: "", unreadableBytes: 5 });
    const told = named(await at.variables(copied.variablesReference), "content");
    expect(await at.variables(told.variablesReference)).toMatchObject([{ value: "***" }]);
  });

  test("hovers and watches tell values of the step, and run nothing", async () => {
    await using at = await standing({ engine });
    const { client, frame: frameId } = at;
    const value = async (expression: string, context = "watch"): Promise<string> =>
      (await client.request("evaluate", { expression, frameId, context })).result;
    const wrong = async (expression: string): Promise<string> =>
      (await client.ask("evaluate", { expression, frameId, context: "hover" })).message ?? "";
    expect(await value("$GREETING", "hover")).toBe("hello");
    expect(await value("GREETING", "hover")).toBe("hello");
    expect(await value(`\${COLOUR}`)).toBe("dark blue");
    expect(await value("ENV.COLOUR")).toBe("dark blue");
    expect(await value("ARG.LEVEL")).toBe("3");
    expect(await value("user")).toBe("root");
    expect(await value("directory")).toBe("/made");
    expect(await value("exitCode")).toBe("7");
    const format = { hex: true };
    const hex = { expression: "exitCode", frameId, context: "watch", format };
    expect((await client.request("evaluate", hex)).result).toBe("0x7");
    expect(await value("cached")).toBe("false");
    expect(await value("stage")).toBe("app");
    expect(await value("platform")).toMatch(/^linux\//);
    expect(await wrong("mkdir")).toMatch(/^step \d+ has no variable or build argument mkdir/);
    expect(await wrong("rm -rf /")).toMatch(/means nothing here/);
    expect(await wrong("ARG.COLOUR")).toMatch(/has no build argument COLOUR/);
    expect(await value('ENV.COLOUR == "dark blue" && exitCode >= 5')).toBe("true");
    expect(await value('stage == "base" || cached')).toBe("false");
    expect(await wrong("$GREETING ==")).toMatch(/means nothing here[\s\S]*something is missing here/);
    expect(await value("BASE:/made/data.txt", "clipboard")).toBe("one\ntwo\n");
    const directory = await client.request("evaluate", {
      expression: "BASE:/made",
      frameId,
      context: "watch",
    });
    expect(named(await at.variables(directory.variablesReference), "data.txt").type).toBe("file");
    expect(await wrong("BASE:/made/none")).toMatch(/there is no \/made\/none in BASE/);
  });

  test("what is typed without a context, as in Helix, is a value where it looks like one, else a command", async () => {
    await using at = await standing({ engine });
    const { client, frame: frameId } = at;
    const typed = async (expression: string): Promise<string> =>
      (await client.request("evaluate", { expression, frameId })).result;
    expect(await typed("$GREETING")).toBe("hello");
    expect(await typed("env GREETING")).toMatch(/env GREETING=hello/);
    await expect(typed("no-such-command")).rejects.toThrow(/^no command "no-such-command"/);
  });

  test("a command is taken with a frame of the stop before, a value is not", async () => {
    await using at = await standing({ engine });
    const { client, frame: frameId } = at;
    await client.request("stepBack", { threadId: 1 });
    await client.stop();
    const command = { expression: "env GREETING", frameId, context: "repl" };
    expect((await client.request("evaluate", command)).result).toMatch(/env GREETING=hello/);
    const value = await client.ask("evaluate", { expression: "$GREETING", frameId, context: "watch" });
    expect(value).toMatchObject({ success: false, message: expect.stringMatching(/there is no frame/) });
  });

  test("a build argument is set for the next run, and nothing else is", async () => {
    await using at = await standing({ engine });
    const { client } = at;
    const scope = async (name: string): Promise<number> =>
      (await at.scopes()).find((each) => each.name === name)?.variablesReference ?? 0;
    const [args, environment] = [await scope("Arguments"), await scope("Environment")];
    expect(
      await client.request("setVariable", { variablesReference: args, name: "GREETING", value: "good day" }),
    ).toMatchObject({ value: "good day" });
    await client.event("output", ({ output }) => output.includes("restart applies it"));
    const again = await at.variables(args);
    expect(named(again, "GREETING")).toMatchObject({
      value: "good day",
      type: "build argument of the next build",
    });
    expect(
      await client.request("setExpression", { expression: "$LEVEL", value: "5", frameId: at.frame }),
    ).toMatchObject({ value: "5" });
    const refused = [
      await client.ask("setVariable", { variablesReference: environment, name: "COLOUR", value: "red" }),
      await client.ask("setExpression", { expression: "ENV.COLOUR", value: "red", frameId: at.frame }),
      await client.ask("setExpression", { expression: "$NOTHING", value: "red", frameId: at.frame }),
    ];
    expect(refused.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^this cannot be set/),
      expect.stringMatching(/^this cannot be set/),
      expect.stringMatching(/^NOTHING is no build argument/),
    ]);
    // As VS Code does: with the whole body again.
    await client.request("restart", {
      arguments: { contextPath: at.build.context.path, stopOnEntry: false },
    });
    const { frames } = await client.stop();
    const value = async (expression: string): Promise<string> =>
      (
        await client.request("evaluate", {
          expression,
          frameId: frames[0]?.id ?? 0,
          context: "watch",
        })
      ).result;
    expect(await value("$GREETING")).toBe("good day");
    expect(await value("$LEVEL")).toBe("5");
  });

  test("a file is watched: the build stops behind the step that writes it", async () => {
    await using at = await standing({ engine, launch: { stopOnEntry: true } });
    const { client } = at;
    const info = await client.request("dataBreakpointInfo", { name: "/made/data.txt" });
    expect(info).toMatchObject({ dataId: "data:/made/data.txt", accessTypes: ["write"] });
    expect(await client.request("dataBreakpointInfo", { name: "GREETING" })).toMatchObject({ dataId: null });
    const set = await client.request("setDataBreakpoints", {
      breakpoints: [{ dataId: info.dataId ?? "" }, { dataId: "data:relative" }],
    });
    expect(set.breakpoints[1]).toMatchObject({ verified: false });
    await client.request("continue", { threadId: 1 });
    const { stopped, frames } = await client.stop();
    expect(stopped).toMatchObject({ reason: "data breakpoint", hitBreakpointIds: [set.breakpoints[0]?.id] });
    expect(frames[0]?.line).toBeGreaterThanOrEqual(8);
    const { scopes } = await client.request("scopes", { frameId: frames[0]?.id ?? 0 });
    const base = scopes.find(({ name }) => name.startsWith("Files"))?.variablesReference ?? 0;
    const made = named(await at.variables(base), "made/");
    expect(
      await client.request("dataBreakpointInfo", {
        variablesReference: made.variablesReference,
        name: "data.txt",
      }),
    ).toMatchObject({ dataId: "data:/made/data.txt" });
  });

  test("a long directory comes in groups, or in the pieces that are asked for", async () => {
    const text = `FROM busybox:1.36
RUN mkdir /many && cd /many && seq -w 1 10000 | xargs touch && echo ${randomUUID()} > /mark
RUN exit 9
`;
    await using at = await standing({ engine, text });
    const many = named(await at.scope("Files BASE"), "many/");
    const groups = await at.variables(many.variablesReference);
    expect(groups).toHaveLength(20);
    expect(groups[1]).toMatchObject({
      name: "[500…999]",
      value: "00501 … 01000",
      indexedVariables: 500,
    });
    const group = groups[1]?.variablesReference ?? 0;
    expect((await at.variables(group)).map(({ name }) => name).at(-1)).toBe("01000");
    expect((await at.variables(group, { start: 10, count: 2 })).map(({ name }) => name)).toEqual([
      "00511",
      "00512",
    ]);
    const piece = { start: 9_998, count: 100, filter: "indexed" };
    expect((await at.variables(many.variablesReference, piece)).map(({ name }) => name)).toEqual([
      "09999",
      "10000",
    ]);
    expect(await at.variables(many.variablesReference, { filter: "named" })).toEqual([]);
  });

  test("behind a step back they are those of the step before", async () => {
    await using at = await standing({ engine });
    const { client } = at;
    await client.request("stepBack", { threadId: 1 });
    const { frames } = await client.stop();
    const frameId = frames[0]?.id ?? 0;
    const { scopes } = await client.request("scopes", { frameId });
    expect(scopes.map(({ name }) => name)).toEqual([
      "Arguments",
      "Environment",
      "Mounts",
      "Image",
      "Files BASE",
      "Files AFTER",
    ]);
    const value = async (expression: string): Promise<string> =>
      (await client.request("evaluate", { expression, frameId, context: "watch" })).result;
    expect(await value("instruction")).toBe("COPY");
    expect(await value("exitCode")).toBe("0");
    expect(await value('exists("/made/data.txt") && !exists("/made/out")')).toBe("true");
    // What is no command does not say itself what it has: it is asked for.
    expect(scopes[1]?.expensive).toBe(true);
    const environment = await at.variables(scopes[1]?.variablesReference ?? 0);
    expect(named(environment, "COLOUR").value).toBe("dark blue");
  });

  test("users of docker buildx dap find its File Explorer", async () => {
    await using at = await standing({ engine, initialize: { adapterID: "dockerfile" } });
    const [root] = await at.scope("File Explorer");
    expect(root?.name).toBe("/");
    if (engine.keepsFailedState)
      expect(named(await at.variables(root?.variablesReference ?? 0), "made/").type).toBe("directory");
  });
});

describe.skipIf(inject("privateSuite") === undefined)("of several platforms (needs a private engine)", () => {
  test("each platform has values of its own, asked for at the same time", async () => {
    const mark = randomUUID();
    const text = `FROM scratch
ADD busybox /busybox
ARG TARGETARCH
RUN ["/busybox", "sh", "-c", "echo $TARGETARCH ${mark} > /made"]
RUN ["/busybox", "false"]
`;
    await using own = await OwnEngine.start(undefined, {
      daemonJson: { features: { "containerd-snapshotter": true } },
    });
    await using build = await debugBuild(own.engine, {
      files: { Dockerfile: text },
      args: ["--platform", "linux/amd64,linux/386"],
    });
    const { client } = build;
    await build.begin();
    const { threads } = await client.request("threads");
    expect(threads).toHaveLength(2);
    await client.request("continue", { threadId: 1 });
    const failed = new Set<number>();
    while (failed.size < 2) {
      const { reason, threadId } = await client.event("stopped");
      if (reason === "exception") failed.add(threadId ?? 0);
    }
    const frames = await Promise.all(
      threads.map(async ({ id }) => (await client.request("stackTrace", { threadId: id })).stackFrames[0]),
    );
    const made = await Promise.all(
      frames.map(async (frame) => {
        const frameId = frame?.id ?? 0;
        const { memoryReference } = await client.request("evaluate", {
          expression: "BASE:/made",
          frameId,
          context: "watch",
        });
        const asked = { memoryReference: memoryReference ?? "", count: 100 };
        const { data } = await client.request("readMemory", asked);
        const platform = await client.request("evaluate", {
          expression: "platform",
          frameId,
          context: "hover",
        });
        return `${platform.result} ${
          Buffer.from(data ?? "", "base64")
            .toString()
            .split(" ")[0]
        }`;
      }),
    );
    expect(made).toEqual(["linux/amd64 amd64", "linux/386 386"]);
  });
});
