/** What came on standard input is stepped through like any other build: keys come from the terminal itself. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine, testEngines } from "../support/engines.ts";
import { fixtureAt } from "../support/fixtures.ts";
import { run } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";

const program = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));
const BKTUI = `"${process.execPath}" "${program}"`;

const EDITOR =
  '#!/bin/sh\nfor last; do :; done\n[ -t 0 ] && echo "a terminal" > "$(dirname "$0")/keys"\nsed -i s/false/true/ "$last"\necho "$last" > "$(dirname "$0")/edited"\n';

forEachEngine((engine) => {
  test("a tar: its Dockerfile is shown, a shell opens, and a private copy of it is edited and rerun", async () => {
    await using context = await busyboxContext({ fixture: fixtureAt("fx") });
    const editor = join(context.path, "edit.sh");
    await writeFile(editor, EDITOR);
    await chmod(editor, 0o755);
    await using terminal = await Terminal.start({
      engine,
      command: "sh",
      args: ["-c", `tar -c . | ${BKTUI} -`],
      cwd: context.path,
      env: { EDITOR: editor, VISUAL: "" },
    });
    await terminal.until(/the context came on standard input: a rerun takes the same/);
    await terminal.until(/LOADED · nothing has run yet/);
    await terminal.until(/FROM scratch/);
    terminal.type("c");
    await terminal.until(/FAILED step 7\/8/);
    terminal.type("!");
    await terminal.until(/^root@7\/8 FAILED[^\n]* \/app #/m);
    terminal.type("cat b.txt; exit\r");
    await terminal.until(/shell exited/);
    terminal.type("e");
    await terminal.until(/private copy of Dockerfile of the archive of standard input/);
    await terminal.until(/file changed, r to rerun/);
    expect(await readFile(join(context.path, "keys"), "utf8")).toBe("a terminal\n");
    terminal.type("r");
    await terminal.until(/PAUSED before step 7\/8/);
    terminal.type("c");
    await terminal.until(/FINISHED/);
    const copy = (await readFile(join(context.path, "edited"), "utf8")).trim();
    expect(await readFile(copy, "utf8")).toContain("true");
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(0);
    await expect(readFile(copy, "utf8")).rejects.toThrow(/ENOENT/);
    expect(await readFile(join(context.path, "Dockerfile"), "utf8")).toContain("false");
  });

  test("a Dockerfile, by lines", async () => {
    await using context = await busyboxContext({
      files: { "D.in": "FROM scratch\nCOPY busybox /bin/sh\nWORKDIR /w\nCOPY D.in .\nRUN echo one\n" },
    });
    await using terminal = await Terminal.start({
      engine,
      command: "sh",
      args: ["-c", `cat D.in | ${BKTUI} --ui=plain -f - .`],
      cwd: context.path,
    });
    await terminal.until(/debugging the Dockerfile of standard input/);
    await terminal.until(/^\(bktui 1\/4 loaded\)$/m);
    terminal.type("n\r");
    await terminal.until(/^\(bktui 2\/4 paused\)$/m);
    terminal.type("n\r");
    await terminal.until(/^\(bktui 3\/4 paused\)$/m);
    terminal.type("!\r");
    await terminal.until(/^root@3\/4 BASE \/w #/m);
    terminal.type("exit\r");
    await terminal.until(/shell exited/);
    terminal.type("c\r");
    await terminal.until(/finished/);
    terminal.type("q\r");
    expect((await terminal.left()).exitCode).toBe(0);
  });
});

test("without a terminal there is nobody to take commands from, which is said; --run needs nobody", async () => {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("no engine");
  const input = "FROM scratch\nCOPY x /\n";
  const env = { DOCKER_HOST: engine.dockerHost, HOME: "/nonexistent" };
  const alone = async (
    ...args: readonly string[]
  ): Promise<{ readonly exitCode: number | null; readonly stderr: string }> =>
    await run("setsid", ["--wait", process.execPath, program, ...args], { input, env });
  const asked = await alone("-");
  expect(asked.exitCode).toBe(125);
  expect(asked.stderr).toMatch(/nobody to take commands from/);
  const ran = await alone("--run", "-");
  expect(ran.exitCode, ran.stderr).toBe(1);
  expect(ran.stderr).toMatch(/"?x"? is not in the context/);
});
