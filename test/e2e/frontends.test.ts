/** Builds of a frontend that is no Dockerfile's: stepped by buildctl's spelling and by `# syntax=`, and how they fail. */
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, inject, test, vi } from "vitest";
import { FRONTEND_IMAGE } from "../../demo/frontend/image.ts";
import { docker } from "../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { lineOf, loadPlanFrontend, PLAN_WORDS, planProject } from "../support/plan-frontend.ts";
import { processesWith } from "../support/processes.ts";
import { runBktui } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";

const BUILD_MS = 240_000;

/** Processes of frontends that hang; no other test has one. */
const hanging = (): number =>
  processesWith("/frontend.mjs").filter((pid) => optionsOf(pid).includes("misbehave=hang")).length;

function optionsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

async function until(holds: () => boolean): Promise<void> {
  await vi.waitUntil(holds, { timeout: 25_000, interval: 50 });
}

beforeAll(async () => await loadPlanFrontend(inject("engines")), BUILD_MS);

forEachEngine((engine) => {
  const kept = engine.keepsFailedState ? "FAILED" : "FAILED \\(reproduced\\)";

  test("a plan is stepped: a line of it, a shell, a failing step, BASE, an edit, the end", async () => {
    await using project = await planProject();
    const path = join(project.path, "plan.json");
    const plan = await readFile(path, "utf8");
    const shelf = lineOf(plan, '"mkdir -p shelf"');
    const bake = lineOf(plan, '"bake the bread"');
    await using terminal = await Terminal.start({
      engine,
      cwd: project.path,
      args: [...PLAN_WORDS, "-b", String(shelf), "-t", "bktui-test/bakery:1", "--load"],
    });
    await terminal.untilRow(1, /plan\.json.*LOADED · nothing has run yet$/);
    terminal.type("c");
    await terminal.untilRow(1, new RegExp(`PAUSED before step .* line ${shelf}$`));
    terminal.type("!");
    await terminal.until(/SHELL has the keyboard[\s\S]*\/bakery #/m);
    terminal.type("cat seal.length; echo $FLOUR\r");
    await terminal.until(/^\d+\nrye$/m);
    terminal.key("Ctrl-]");
    terminal.type("c");
    await terminal.untilRow(1, new RegExp(`FAILED step .* exit code 4 · line ${bake}$`));
    terminal.type("!");
    await terminal.until(new RegExp(`${kept}[\\s\\S]*/bakery #`, "m"));
    terminal.type("ls -d shelf && grep -c water recipes/rye.txt\r");
    await terminal.until(/^shelf\n0$/m);
    terminal.key("Ctrl-]");
    terminal.type("x");
    await terminal.until(/BASE/);
    await writeFile(path, plan.replace("grep -q '^water'", "grep -q ."));
    terminal.type("r");
    await terminal.until(/Rerun\?[\s\S]*y {2}yes/);
    await terminal.press("y", (rows) => !rows.some((row) => row.includes("Rerun?")));
    await terminal.untilRow(1, new RegExp(`PAUSED before step .* line ${bake}$`));
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED in/);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(0);
    const image = await docker(engine, ["run", "--rm", "bktui-test/bakery:1"]);
    expect(image.stdout).toMatch(/^baked: [\s\S]*^rye 4\.20$/m);
  });

  test("it is chosen by an argument and by the file, as for docker", async () => {
    await using project = await planProject();
    const path = join(project.path, "context", "plan.json");
    const plan = (await readFile(join(project.path, "plan.json"), "utf8")).replace(
      "grep -q '^water'",
      "grep -q .",
    );
    await writeFile(path, plan);
    const run = (...words: readonly string[]) =>
      runBktui(["--run", "--on-error=exit", "--secret=id=seal,src=seal.txt", ...words, "context"], {
        engine,
        cwd: project.path,
      });
    const asked = await run("-f", path, "--build-arg", `BUILDKIT_SYNTAX=${FRONTEND_IMAGE}`, "-o", "out");
    expect(asked).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(project.path, "out/srv/shelf/rye.bread"), "utf8")).toMatch(/^baked: /m);
    await writeFile(path, `# syntax=${FRONTEND_IMAGE}\n${plan.replace("sh bake.sh shelf", "false")}`);
    const failed = await run("-f", path);
    const bake = lineOf(plan, '"bake the bread"') + 1;
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(new RegExp(`exit code 1 .* line ${bake}: `));
  });

  test("each way in which it fails is told as what it is", async () => {
    await using project = await planProject();
    const run = async (...words: readonly string[]): Promise<string> => {
      const ended = await runBktui([...PLAN_WORDS, "--run", "--on-error=exit", ...words], {
        engine,
        cwd: project.path,
      });
      expect(ended.exitCode).toBe(1);
      return ended.stderr;
    };
    const crashed = await run("--opt=misbehave=crash");
    expect(crashed).toMatch(
      /^bktui: the frontend \S+plan-frontend:1 ended with exit code 7 before it answered$/m,
    );
    expect(crashed).toMatch(/the engine's own log/);
    expect(await run("--opt=misbehave=host")).toMatch(/--network=host was not allowed for this build/);
    expect(await run("--opt=source=bktui-demo/none:1")).toMatch(
      /^bktui: the frontend bktui-demo\/none:1 cannot be pulled: /m,
    );
    expect(await run("--opt=source=busybox:1.36")).toMatch(
      /the frontend busybox:1\.36 ended[\s\S]*An image that is no frontend ends like that/,
    );
    expect(await run("--opt=filename=none.json")).toMatch(/So says the frontend /);
    const path = join(project.path, "plan.json");
    const plan = await readFile(path, "utf8");
    await writeFile(path, plan.replace('"customName": "heat the oven"', '"customName": 7'));
    const line = lineOf(plan, '"heat the oven"');
    const refused = await run("--opt=misbehave=flood");
    expect(refused).toMatch(new RegExp(`^bktui: line ${line}: "customName" must be text$`, "m"));
    expect(refused).toMatch(/>>> .*"customName": 7/);
    const unknown = await runBktui(["build", "--frontend=none.v0", "--local=context=.", "--run"], {
      engine,
      cwd: project.path,
    });
    expect(unknown.stderr).toMatch(/^bktui: the engine has no frontend "none\.v0"$/m);
  });

  test("what it had run for itself is said once, and a definition without a source map is stepped too", async () => {
    await using project = await planProject();
    const at = { engine, cwd: project.path };
    const words = [...PLAN_WORDS, "--run", "--on-error=exit"];
    const solved = await runBktui([...words, "--opt=misbehave=solve"], at);
    expect(
      solved.stderr.match(/the frontend had this run before it answered: weigh the flour\./g),
    ).toHaveLength(1);
    const unmapped = await runBktui([...words, "--opt=misbehave=unmapped"], at);
    expect(unmapped.stderr).toMatch(/bake the bread[\s\S]*failed: exit code 4/);
  });

  test("one that never answers is left by q and cancelled by Ctrl-C, and ends then", async () => {
    await using project = await planProject();
    const args = [...PLAN_WORDS, "--opt=misbehave=hang"];
    await using terminal = await Terminal.start({ engine, cwd: project.path, args });
    await terminal.untilRow(1, /LOADING plan\.json$/);
    await until(() => hanging() === 1);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(1);
    await until(() => hanging() === 0);
    await using lines = await Terminal.start({ engine, cwd: project.path, args: ["--ui=plain", ...args] });
    await lines.until(/load plan\.json/);
    await until(() => hanging() === 1);
    lines.key("Ctrl-C");
    await lines.until(/^\(bktui error\)$/m);
    await until(() => hanging() === 0);
    lines.type("q\r");
    expect((await lines.left()).exitCode).toBe(1);
  });
});

test("buildctl's spelling of a Dockerfile's build steps it", async () => {
  const [engine] = inject("engines");
  if (engine === undefined) throw new Error("no engine");
  await using context = await busyboxContext({
    files: { "d/D": "FROM scratch AS one\nCOPY busybox /bin/sh\nARG A\nRUN echo $A\nFROM one\nRUN exit 9\n" },
  });
  const ended = await runBktui(
    [
      "build",
      "--frontend",
      "dockerfile.v0",
      "--local",
      "context=.",
      "--local",
      "dockerfile=d",
      "--opt",
      "filename=D",
    ].concat(["--opt", "target=one", "--opt", "build-arg:A=given", "--run", "--progress", "plain"]),
    { engine, cwd: context.path },
  );
  expect(ended).toMatchObject({ exitCode: 0 });
  expect(ended.stderr).toMatch(/given$/m);
});
