/** Outputs of the built program: standard output, the screen, the line mode. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { engineVariables } from "../support/engine-variables.ts";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { run, runBktui } from "../support/program.ts";
import { programEnvironment } from "../support/program-environment.ts";
import { Terminal } from "../support/terminal.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));
const Dockerfile =
  "FROM busybox:1.36 AS build\nRUN mkdir /r && echo hello >/r/a\nFROM scratch\nCOPY --from=build /r /\n";

forEachEngine((engine) => {
  test("-o - gives a tar to whoever reads standard output, and nothing else", async () => {
    await using context = await busyboxContext({ files: { Dockerfile } });
    const { stdout, stderr, exitCode } = await run(
      "sh",
      ["-c", 'node "$1" --run -o - . | tar -xOf - a', "sh", PROGRAM],
      { cwd: context.path, env: { ...programEnvironment(), ...engineVariables(engine), HOME: context.path } },
    );
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toBe("hello\n");
    expect(stderr).toContain("written to standard output: ");
  });

  test("-o - is refused where the line mode writes, and on a terminal", async () => {
    await using context = await busyboxContext({ files: { Dockerfile } });
    const lines = await runBktui(["--ui=plain", "-o", "-", context.path], { engine });
    expect(lines).toMatchObject({ exitCode: 1, stdout: "" });
    expect(lines.stderr).toContain("-o type=tar and the line mode cannot both write to standard output");
    await using terminal = await Terminal.start({ engine, args: ["-o", "type=oci", context.path] });
    await terminal.until(/dest file is required for oci exporter. refusing to write to console/);
  });

  test("the screen makes them when the target is reached, says so, and its shells stay", async () => {
    await using context = await busyboxContext({ files: { Dockerfile } });
    const out = join(context.path, "out");
    await using terminal = await Terminal.start({ engine, args: ["-o", out, context.path] });
    await terminal.untilRow(1, /LOADED/);
    expect(existsSync(out)).toBe(false);
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
    await terminal.until(/written to /);
    expect(readFileSync(join(out, "a"), "utf8")).toBe("hello\n");
  });
});
