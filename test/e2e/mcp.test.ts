import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { testEngines } from "../support/engines.ts";
import { McpAgent } from "../support/mcp-agent.ts";
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
