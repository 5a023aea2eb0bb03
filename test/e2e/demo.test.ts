import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { run } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

forEachEngine((engine) => {
  const start = (name: string, ...options: readonly string[]): Promise<Terminal> =>
    Terminal.start({
      command: process.execPath,
      args: ["--import", "tsx", "demo/run.ts", name, ...options],
      cwd: root,
      engine,
    });

  test("the demo of a failing RUN fails where its README says", async () => {
    await using terminal = await start("failing-run");
    await terminal.untilRow(1, /LOADED · nothing has run yet$/);
    terminal.type("c");
    await terminal.untilRow(1, /FAILED .* line 18$/);
    terminal.type("!");
    await terminal.until(/SHELL has the keyboard[\s\S]*\/site #$/m);
    terminal.type("ls\r");
    await terminal.until(/pages\.list/);
  });

  test("the demo of a COPY fails for what .dockerignore hides", async () => {
    await using terminal = await start("copy-context");
    await terminal.untilRow(1, /LOADED/);
    terminal.type("c");
    await terminal.untilRow(1, /FAILED .* line 5$/);
    await terminal.until(/prod\.ini/);
  });

  test("the demo of mounts has its secret in the shell, as the step's user", async () => {
    await using terminal = await start("mounts", "-b", "14");
    await terminal.untilRow(1, /LOADED/);
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED before step .* line 14$/);
    terminal.type("!");
    await terminal.until(/SHELL has the keyboard[\s\S]*\/home\/app \$$/m);
    terminal.type("id -u; grep -c demo /run/secrets/token; ls /mnt/work\r");
    await terminal.until(/^1000\n1\nruns$/m);
  });

  test("the demo of a plan stops before the command that its README names", async () => {
    await using terminal = await start("plan", "-b", "/bake the bread/");
    await terminal.untilRow(1, /LOADED/);
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED before step .* line 34$/);
    await terminal.until(/next/);
  });
});

test("an unknown demo is answered with those that there are", async ({ expect }) => {
  const ended = await run(process.execPath, ["--import", "tsx", "demo/run.ts", "nope"], { cwd: root });
  expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
  expect(ended.stderr).toMatch(
    /there is no demo "nope"[\s\S]*copy-context, failing-run, frontend, mounts, plan/,
  );
});
