/** Definitions of other programs, stepped through by the built program: the plan demo, piped and from files. */
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compilePlan } from "../../demo/plan/compile.ts";
import { docker } from "../support/docker-client.ts";
import { forEachEngine, testEngines } from "../support/engines.ts";
import { run, runBktui } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const demo = join(root, "demo/plan");
const BKTUI = `"${process.execPath}" "${join(root, "dist/bktui.js")}"`;
const COMPILE = `"${process.execPath}" --import tsx demo/plan/main.ts`;
const WATERED = "rye flour\nwater\nsalt\n";

/** The demo's directory in a place where it can be changed. */
async function demoCopy(): Promise<
  AsyncDisposable & { readonly path: string; readonly given: readonly string[] }
> {
  const path = await mkdtemp(join(tmpdir(), "bktui-plan-"));
  await cp(demo, path, { recursive: true });
  const given = ["--local", `context=${path}/context`, "--secret", `id=seal,src=${path}/seal.txt`];
  return { path, given, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

forEachEngine((engine) => {
  test("the plan demo: piped, stopped at a command by its name, failed, mended, and an image that runs", async () => {
    await using plan = await demoCopy();
    const image = `bktui-plan-${process.pid}`;
    const line = `${COMPILE} --json | ${BKTUI} --llb - ${plan.given.join(" ")} --load -t ${image} -b '/bake the bread/'`;
    await using terminal = await Terminal.start({ engine, command: "sh", args: ["-c", line], cwd: root });
    await terminal.until(/the definition came on standard input: a rerun takes the same/);
    await terminal.until(/LOADED · nothing has run yet/);
    terminal.type("c");
    await terminal.until(/PAUSED before step [^\n]*line 34/);
    terminal.type("!");
    await terminal.until(/SHELL has the keyboard[\s\S]*\/bakery #$/m);
    terminal.type("cat bake.sh seal.length; echo $FLOUR; exit\r");
    await terminal.until(/^rye$/m);
    terminal.type("c");
    await terminal.until(/FAILED step [^\n]*line 34/);
    await terminal.until(/says nothing of water/);
    await writeFile(join(plan.path, "context/recipes/rye.txt"), WATERED);
    terminal.type("r");
    await terminal.until(/PAUSED before step [^\n]*line 34/);
    terminal.type("c");
    await terminal.until(/FINISHED/);
    await terminal.until(/in docker's store/);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(0);
    const ran = await docker(engine, ["run", "--rm", "--network=none", image]);
    expect(ran.stdout, ran.stderr).toContain("baked: water");
    expect(ran.stdout).toContain("rye 4.20");
  });

  test("from a file: what failed is exported, and an output is made once it does not", async () => {
    await using plan = await demoCopy();
    const [llb, config] = [join(plan.path, "plan.llb"), join(plan.path, "config.json")];
    await run("sh", ["-c", `${COMPILE} > ${llb} && ${COMPILE} --image-config > ${config}`], { cwd: root });
    const args = ["--llb", llb, "--image-config", config, ...plan.given, "--run"];
    const failed = await runBktui([...args, `--export-path=${plan.path}/failed.tar`], { engine });
    expect(failed).toMatchObject({ exitCode: 1 });
    expect(failed.stderr).toContain("says nothing of water");
    expect(failed.stderr).toContain("plan.json:34");
    expect(existsSync(join(plan.path, "failed.tar"))).toBe(true);
    await writeFile(join(plan.path, "context/recipes/rye.txt"), WATERED);
    const made = await runBktui([...args, "-o", join(plan.path, "out")], { engine });
    expect(made, made.stderr).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(plan.path, "out/srv/shelf/rye.bread"))).toBe(true);
  });
});

test("a definition that is written anew is noticed, and a rerun takes it", async () => {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("no engine");
  await using plan = await demoCopy();
  const llb = join(plan.path, "plan.llb");
  const text = await readFile(join(plan.path, "plan.json"), "utf8");
  await writeFile(llb, compilePlan(text).definition);
  await using terminal = await Terminal.start({ engine, args: ["--llb", llb, ...plan.given] });
  await terminal.until(/LOADED · nothing has run yet/);
  await terminal.until(/"FLOUR": "rye"/);
  await writeFile(llb, compilePlan(text.replace('rye" }', 'wheat" }')).definition);
  await terminal.until(/file changed, r to rerun/);
  terminal.type("r");
  await terminal.until(/"FLOUR": "wheat"/);
});
