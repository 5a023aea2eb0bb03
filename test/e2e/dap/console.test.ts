/** The debug console of an editor: every command of the console, its completions, and what it says while a build runs. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { standing } from "../../support/dap-standing.ts";
import { testEngines } from "../../support/engines.ts";

covers("evaluate", "completions", "cancel", "supportsCompletionsRequest", "supportsCancelRequest");
covers("completionTriggerCharacters");

describe.each(testEngines())("$name", (engine) => {
  test("the debug console takes every command, and does not wait for a build that runs", async () => {
    await using at = await standing({ engine });
    const { client, frame: frameId } = at;
    const typed = async (expression: string): Promise<string> =>
      (await client.request("evaluate", { expression, frameId, context: "repl" })).result;
    expect(await typed("here")).toMatch(/exit code 7/);
    expect(await typed("exec cat /etc/passwd")).toMatch(/^root:/m);
    expect(await typed('! echo "$GREETING in $PWD"')).toMatch(
      /^hello in \/made\nexit code 0 in FAILED of step \d+/m,
    );
    expect(await typed("env GREETING")).toMatch(/env GREETING=hello/);
    expect(await typed("env COLOUR\nsteps")).toMatch(/dark blue[\s\S]*>step \d/);
    expect(await typed("$GREETING")).toBe("hello");
    expect(await typed("exitCode == 7")).toBe("true");
    expect(await typed("BASE:/made/data.txt")).toBe("8 B  rw-r--r-- 0:0");
    expect(await typed("help next")).toBe("next  run this step, stop at the next (also n)");
    if (engine.keepsFailedState) {
      expect(await typed("changes")).toMatch(/^\+ \/made\/out\/zeros 3000 bytes$/m);
      expect(await typed("diff /made/out/deep/greeting")).toMatch(/^\+ 1 {2}hello at 3$/m);
    }
    await expect(typed("no-such-command")).rejects.toThrow(/^no command "no-such-command"/);
    await expect(typed("cat /no/such")).rejects.toThrow(/no\/such|keeps no FAILED/);
    expect(await typed("restart\nto 8\nhere")).toBe("the build runs; its next stop is told");
    await client.event("stopped");
    await client.event("stopped");
    await client.event("output", ({ output }) => /^paused: /m.test(output) && /line 8/.test(output));
  });

  test("the debug console completes commands, names, stages and paths", async () => {
    await using at = await standing({ engine });
    const { client, frame: frameId } = at;
    const complete = async (text: string, column = text.length + 1, line?: number) => {
      const asked = { text, column, frameId, ...(line === undefined ? {} : { line }) };
      return (await client.request("completions", asked)).targets;
    };
    expect(await complete("ex")).toContainEqual(
      expect.objectContaining({ label: "exec", start: 1, length: 2, type: "function" }),
    );
    expect(await complete("! echo $GREE")).toMatchObject([
      { label: "GREETING", detail: "hello", start: 9, length: 4 },
    ]);
    expect((await complete("target ")).map(({ label }) => label)).toEqual(["base", "app"]);
    expect(await complete("arg GR")).toMatchObject([{ label: "GREETING=", start: 5, length: 2 }]);
    expect(await complete("BASE:/made/da")).toMatchObject([{ label: "data.txt", start: 12, length: 2 }]);
    expect(await complete("steps\ncat BASE:/et", 14, 2)).toMatchObject([
      { label: "etc/", start: 17, length: 2 },
    ]);
    expect(await complete("env COL\nx", 8, 1)).toMatchObject([{ label: "COLOUR", start: 5, length: 3 }]);
  });

  test("what the build has left behind, or runs, says so", async () => {
    const text = `FROM busybox:1.36
RUN echo ${randomUUID()} > /one
RUN while [ ! -e /go ]; do sleep 0.1; done
`;
    await using at = await standing({ engine, text, launch: { stopOnEntry: true } });
    const { client } = at;
    const [scope] = await at.scopes();
    await client.request("next", { threadId: 1 });
    const { frames } = await client.stop();
    const old = await client.ask("variables", { variablesReference: scope?.variablesReference });
    expect(old.message).toMatch(/^there are no variables \d+ now\nThe build has moved on/);
    const frameId = frames[0]?.id ?? 0;
    const { scopes } = await client.request("scopes", { frameId });
    await client.request("next", { threadId: 1 });
    await client.event("stopped");
    const last = await client.request("stackTrace", { threadId: 1 });
    const running = last.stackFrames[0]?.id ?? 0;
    const before = (await client.request("scopes", { frameId: running })).scopes;
    await client.request("continue", { threadId: 1 });
    for (const asked of [
      await client.ask("scopes", { frameId: running }),
      await client.ask("variables", { variablesReference: before[0]?.variablesReference }),
      await client.ask("evaluate", { expression: "user", frameId: running, context: "watch" }),
    ])
      expect(asked).toMatchObject({ success: false, message: expect.stringMatching(/the build is running/) });
    expect(scopes.map(({ name }) => name)).toContain("Files BASE");
    expect((await client.ask("evaluate", { expression: "here", context: "repl" })).body).toMatchObject({
      result: "the build runs; its next stop is told",
    });
    expect((await client.ask("evaluate", { expression: "cancel", context: "repl" })).success).toBe(true);
    await client.event("stopped");
  });

  test("every kind of answer is a text for people", async () => {
    await using at = await standing({ engine });
    const { client } = at;
    const rows: readonly (readonly [string, RegExp])[] = [
      ["here", /^failed: .*exit code 7/],
      ["steps", /^4 steps; > marks where the build stands\n/],
      ["source 3", /^ {2}.*3 \| ARG GREETING=hello$/m],
      ["break 8", /^set\nbreakpoint 1 on 8: stops before step \d/],
      ["breakpoints", /^breakpoint 1 on 8: stops before step \d, line|^breakpoint 1 on 8/],
      ["delete 1", /^deleted/],
      ["log", /^log of step 4: /],
      ["swap", /^BASE of step 4 is shown$/],
      ["files /made", /^\/made in BASE of step 4: 1 entry\nrw-r--r-- 0:0 8 data\.txt$/],
      ["cat /made/data.txt", /^one\ntwo\n+\/made\/data\.txt in BASE of step 4, 8 bytes$/],
      ["swap", /^FAILED of step 4 is shown$/],
      ["changes 3", /^step 3 \(BASE -> AFTER\): 1 added, .*\n\+ \/made\/data\.txt 8 bytes$/s],
      ["diff 3 /made/data.txt", /^\+ 1 {2}one\n\+ 2 {2}two$/m],
      ["env", /^step 4\/4, lines 9-11 \(stage app\), FAILED\nuser root\ndirectory \/made\n/],
      ["graph", /^stage base, from busybox:.*\n {2}1 FROM/],
      ["graph-op 2", /^sha256:[0-9a-f]{64}\n\{/],
      ["warnings", /warning/],
      ["! exit 3", /exit code 3 in FAILED of step 4/],
      ["export 3 tar out.tar", /^AFTER of step 3 was exported\n.*out\.tar/s],
      ["bundle stop.bktui", /stop\.bktui/],
      ["attempts", /^run 1: .*, \d+\.\ds$/],
      ["options", /^The next build gets:\nsecret token$/],
      ["build-arg LEVEL=4", /^build argument LEVEL=4$/m],
      ["help files", /^files \[STEP\] \[PATH\] {2}what is in a directory/],
      ["error", /exit code: 7|exit code 7/],
      ["expect failed", /^as expected: /],
      ["# nothing", /^$/],
    ];
    for (const [expression, text] of rows) {
      const answer = await client.ask("evaluate", { expression, context: "repl" });
      const told = answer.success
        ? String(answer.body.result)
        : `${expression} was refused: ${answer.message}`;
      expect.soft(told, expression).toMatch(text);
    }
  });

  test("what takes long can be cancelled, and holds nothing else up", async () => {
    await using at = await standing({ engine });
    const { client } = at;
    const long = client.send("evaluate", { expression: "! echo begun; sleep 600", context: "repl" });
    const watch = { expression: "BASE:/made/data.txt", frameId: at.frame, context: "watch" };
    expect((await client.request("evaluate", watch)).type).toBe("file");
    await client.request("cancel", { requestId: long });
    expect(await client.answerTo(long)).toMatchObject({ success: false, message: "cancelled" });
    expect((await client.request("evaluate", { expression: "steps", context: "repl" })).result).toMatch(
      />step 4/,
    );
  });

  test("BASE of a step that failed before it had one is made by the debug console", async () => {
    const text = `FROM busybox:1.36
RUN echo ${randomUUID()} > /above
COPY missing-${randomUUID()} /
`;
    await using at = await standing({ engine, text });
    const { client } = at;
    const names = (await at.scopes()).map(({ name }) => name);
    expect(names).toContain("Files BASE");
    const files = at.scope("Files BASE");
    // The step above may have run before the other failed.
    if (await files.then(() => true).catch(() => false)) return;
    await expect(files).rejects.toThrow(/is not there: it failed before the steps above it had run/);
    const listed = client.event("output", ({ output }) => /^\/ in BASE of step 3: /m.test(output));
    expect((await client.request("evaluate", { expression: "files /", context: "repl" })).result).toBe(
      "the build runs; its next stop is told",
    );
    expect((await listed).output).toMatch(/ above$/m);
  });

  test("quit ends the build and the session", async () => {
    await using at = await standing({ engine });
    const { client, build } = at;
    const typed = { expression: "quit", context: "repl" };
    expect((await client.request("evaluate", typed)).result).toBe("the session ends");
    await client.event("terminated");
    await client.request("disconnect");
    expect(await build.ended()).toBe(0);
  });
});
