/** `bktui mcp` and a client of the SDK: what an agent finds out and does, and what it may not. */
import { randomUUID } from "node:crypto";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { McpAgent } from "../support/mcp-agent.ts";
import { processesWith } from "../support/processes.ts";
import type { TestEngine } from "../support/test-engine.ts";

const demo = fileURLToPath(new URL("../../demo/failing-run", import.meta.url));

/** What the tools do does not depend on the engine. */
function engineOf(): TestEngine {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("no engine");
  return engine;
}

async function copyOf(project: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "bktui-agent-context-"));
  await cp(project, path, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("a failing build is solved by a client alone: cause found, file fixed, built, in five calls", async () => {
  await using project = await copyOf(demo);
  await using agent = await McpAgent.start([project.path], { engine: engineOf() });
  const failed = await agent.call("launch", { stop_on_entry: false });
  expect(failed.words).toMatch(/^failed: .*exit code 3/);
  expect(failed.words).toMatch(/step \d+\/\d+, line 18, stage "build"/);
  expect(failed.data.join()).toMatch(
    /^<<<data [0-9a-f]{12}: last lines of the log[\s\S]*error: no such list: pages\.lst[\s\S]*<<<end [0-9a-f]{12}>>>$/,
  );
  const listed = await agent.call("exec", { command: "ls; cat render.sh | head -n 3" });
  expect(listed.words).toMatch(/^exit code 0 in FAILED of step/);
  expect(listed.data.join()).toMatch(/^pages\.list$/m);
  const edited = await agent.call("edit", {
    old: "render.sh pages.lst public",
    new: "render.sh pages.list public",
  });
  expect(edited.data.join()).toMatch(
    /^- +18 {2}RUN sh render\.sh pages\.lst public\n\+ +18 {2}RUN sh render\.sh pages\.list public$/m,
  );
  const built = await agent.call("rerun", { go_on: true });
  expect(built.words).toMatch(/^finished: /);
  expect(agent.calls).toBeLessThanOrEqual(6);
  expect(await readFile(join(project.path, "Dockerfile"), "utf8")).toContain("pages.list public");
});

const VALUE = "hunter2-of-a-thousand-nights";

function dockerfile(mark: string): string {
  return `FROM busybox:1.36 AS base
ARG GREETING=hello
RUN echo "$GREETING ${mark}" > /greeting
FROM base AS app
COPY data.txt /data.txt
RUN --mount=type=secret,id=token echo "has $(cat /run/secrets/token)" | tee -a /data.txt
RUN seq 1 300 && cat /missing-${mark}
`;
}

/** A context whose build fails at its end. */
async function failing(): Promise<AsyncDisposable & { readonly path: string }> {
  return await busyboxContext({
    files: { Dockerfile: dockerfile(randomUUID()), "data.txt": "one\n", "token.txt": VALUE },
  });
}

test("every tool does what it says, on one build, and the value of a secret is nowhere", async () => {
  await using project = await failing();
  const secret = `id=token,src=${join(project.path, "token.txt")}`;
  await using agent = await McpAgent.start(["--secret", secret, project.path], { engine: engineOf() });
  const { tools } = await agent.client.listTools();
  const used = new Set<string>();
  let said = "";
  const call = async (name: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    used.add(name);
    const answer = await agent.call(name, args);
    said += answer.all;
    return `${answer.isError ? "ERROR " : ""}${answer.all}`;
  };
  expect(await call("state")).toMatch(/^ERROR error \(not-now\): "no build has been launched"\nwhat to do: /);
  expect(await call("launch")).toMatch(/^loaded: /);
  expect(await call("steps")).toMatch(/> ?step 1\/\d, line 1 .*waiting/);
  expect(await call("source", { line: 6 })).toMatch(/^ {2} +6 \| RUN --mount=type=secret/m);
  expect(await call("source", { path: "data.txt" })).toMatch(/^ +1 \| one$/m);
  expect(await call("source", { path: "token.txt" })).toMatch(/^ERROR .*token\.txt is the value of a secret/);
  expect(await call("break", { place: "6" })).toMatch(/^breakpoint 1 on "6": stops before step \d/m);
  const ruled = await call("break", { place: '6 if stage == "app"', catch: "none", why: 1 });
  expect(ruled).toMatch(/^breakpoint 1 on "6 if stage == \\?"app\\?"": stops before step \d/m);
  expect(ruled).toMatch(/^failures that stop: "none"\n"It is asked next before line 6\."$/m);
  expect(await call("break", { place: "6 if stage = 1" })).toMatch(/^ERROR .*column 7: /);
  expect(await call("break", { catch: "all" })).toMatch(/^failures that stop: "all"$/m);
  expect(await call("continue")).toMatch(/^paused: [\s\S]*line 6, .*stopped by breakpoint 1/);
  expect(await call("env")).toMatch(/^mount secret \/run\/secrets\/token$/m);
  expect(await call("files", { path: "/" })).toMatch(/^rwxr-xr-x|greeting$/m);
  expect(await call("cat", { path: "/data.txt" })).toMatch(/>>>\none\n/);
  expect(await call("exec", { command: "cat /run/secrets/token; touch /made; exit 4" })).toMatch(
    /^exit code 4 in BASE of step \d[\s\S]*\*\*\*/,
  );
  expect(await call("exec", { program: ["/bin/ls", "/made"] })).toMatch(/^exit code 1 /);
  expect(await call("step")).toMatch(/^paused: [\s\S]*line 7/);
  expect(await call("diff", { step: 4 })).toMatch(/^~ \/data\.txt/m);
  expect(await call("diff", { step: 4, path: "/data.txt" })).toMatch(/^\+ 2 {2}has \*\*\*$/m);
  expect(await call("continue")).toMatch(/^failed: [\s\S]*line 7[\s\S]*exit code 1/);
  expect(await call("log", { search: "^29\\d$" })).toMatch(/10 lines with a match[\s\S]*^ +\d+ 299$/m);
  expect(await call("log", { from: 5, lines: 2 })).toMatch(/^ +5 \d\n +6 \d\n<<<end/m);
  expect(await call("log", { limit: 1024, lines: 300 })).toMatch(
    /bytes left out at its beginning; from, lines and search/,
  );
  expect(await call("explain")).toMatch(/missing-/);
  expect(await call("failure")).toMatch(/^ERROR error \(not-/);
  expect(await call("keep_going")).toMatch(/failed|finished/);
  expect(await call("warnings")).toMatch(/warning/);
  expect(await call("export", { as: "tar", to: "out.tar", side: "base" })).toMatch(
    /^BASE of step \d was exported|secret/,
  );
  expect(await call("export", { as: "tar", to: "/tmp/out.tar" })).toMatch(/^ERROR .*lies outside/);
  expect(await call("rerun", { from_start: true })).toMatch(/^loaded: |^paused: /);
  expect(await call("run_to", { line: 5 })).toMatch(/^paused: [\s\S]*line 5/);
  expect(await call("back")).toMatch(
    /^paused: .*back from step 3\)[\s\S]*the build really is at "step 3" \(paused\)/,
  );
  expect(await call("back", { to: "breakpoint" })).toMatch(/^paused: .*at step 1\//);
  expect(await call("goto", { line: 5 })).toMatch(/^paused: [\s\S]*line 5/);
  expect(await call("wait")).toMatch(/^paused: /);
  expect(await call("thread")).toMatch(/^ERROR /);
  expect(await call("pause")).toMatch(/^ERROR /);
  expect(await call("cancel")).toMatch(/^ERROR /);
  expect(await call("break", { remove: 1 })).toMatch(/no breakpoints$/);
  expect(await call("rerun", { args: { GREETING: "moin" } })).toMatch(/^loaded: |^paused: /);
  const edited = await call("edit", { from: 7, new: "RUN cat /greeting" });
  expect(edited).toMatch(/^\+ +7 {2}RUN cat \/greeting$/m);
  expect(await call("rerun", { go_on: true })).toMatch(/^finished: /);
  expect(await call("log", { step: 5 })).toMatch(/moin/);
  expect(await call("quit")).toBe("the build was ended");
  expect(await call("state", { now: true })).toMatch(/^ERROR /);
  expect([...used].sort()).toEqual(tools.map(({ name }) => name).sort());
  expect(said).not.toContain(VALUE);
  expect(said).not.toContain(VALUE.slice(0, 12));
});

test("nothing outside of the build is read, changed or given, whatever it is called", async () => {
  await using project = await failing();
  const outside = await mkdtemp(join(tmpdir(), "bktui-outside-"));
  try {
    await writeFile(join(outside, "kept"), "as it was\n");
    await symlink(join(outside, "kept"), join(project.path, "link"));
    await symlink(outside, join(project.path, "links"));
    await symlink(join(outside, "new"), join(project.path, "nowhere"));
    await using agent = await McpAgent.start([project.path], { engine: engineOf(), env: { OTHER: VALUE } });
    await agent.call("launch");
    const paths = [
      join(outside, "kept"),
      "../kept",
      `sub/../../${outside}/kept`,
      "link",
      "links/kept",
      "links/made",
      "nowhere",
      "/etc/passwd",
      "/proc/self/environ",
      ".git/hooks/pre-commit",
      "/dev/tty",
    ];
    for (const path of paths) {
      const edited = await agent.call("edit", { path, new: "x" });
      expect([path, edited.isError, edited.words]).toEqual([
        path,
        true,
        expect.stringMatching(/^what to do: |not there/m),
      ]);
      expect((await agent.call("source", { path })).isError, path).toBe(true);
      expect((await agent.call("export", { as: "tar", to: path })).isError, path).toBe(true);
      expect((await agent.call("launch", { path })).isError, path).toBe(true);
      expect((await agent.call("launch", { secrets: [`id=a,src=${path}`] })).isError, path).toBe(true);
    }
    const variable = await agent.call("launch", { secrets: ["id=a,env=OTHER"] });
    expect(variable.words).toMatch(/may not be given as a secret[\s\S]*--secret id=NAME,env=OTHER/);
    expect(await readFile(join(outside, "kept"), "utf8")).toBe("as it was\n");
  } finally {
    await rm(outside, { recursive: true });
  }
});

test("--read-only has no tool that changes anything, and a call of one says so", async () => {
  await using project = await failing();
  await using agent = await McpAgent.start(["--read-only", project.path], { engine: engineOf() });
  const { tools } = await agent.client.listTools();
  expect(tools.filter(({ annotations }) => annotations?.destructiveHint === true)).toEqual([]);
  expect((await agent.call("launch", { stop_on_entry: false })).words).toMatch(/^failed: /);
  for (const name of ["edit", "export"]) {
    const refused = await agent.call(name, { new: "x", as: "tar", to: "x" });
    expect(refused.isError).toBe(true);
    expect(refused.words).toMatch(/read-only/);
  }
});

test("pause and cancel act while a call waits, others come in turn; a call that is given up leaves nothing running", async () => {
  const mark = randomUUID();
  await using project = await busyboxContext({
    files: { Dockerfile: `FROM busybox:1.36\nRUN echo begun; sleep 1000; : ${mark}\nRUN true\n` },
  });
  await using agent = await McpAgent.start([project.path], { engine: engineOf() });
  await agent.call("launch");
  const progress: string[] = [];
  const running = agent.call("continue", {}, { onProgress: (message) => progress.push(message) });
  const turn = agent.call("break", { place: "3" });
  await vi.waitFor(() => expect(processesWith(mark)).not.toEqual([]), 20_000);
  expect((await agent.call("state", { now: true })).words).toMatch(
    /^running: [\s\S]*running: step 2, line 2/,
  );
  expect((await agent.call("pause")).words).toMatch(/pause was asked for/);
  await vi.waitFor(
    () => expect(progress.join("\n")).toMatch(/step 2\/\d.*sleep 1000|printed "begun"/),
    20_000,
  );
  await agent.call("cancel");
  expect((await running).words).toMatch(/^paused: [\s\S]*line 2/);
  expect((await turn).words).toMatch(/breakpoint 1 on "3"/);
  await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), 20_000);

  expect((await agent.call("continue", { seconds: 1 })).words).toMatch(
    /^the build runs on after 1 s; wait waits on\nrunning: /,
  );
  const stop = new AbortController();
  let hasBegun = false;
  const onProgress = (): void => {
    hasBegun = true;
  };
  const given = agent.call("wait", {}, { signal: stop.signal, onProgress });
  await vi.waitFor(
    () => expect([hasBegun, processesWith(mark)]).toEqual([true, [expect.anything()]]),
    20_000,
  );
  stop.abort();
  await expect(given).rejects.toThrow();
  await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), 20_000);
  expect((await agent.call("state")).words).toMatch(/^paused: /);
});
