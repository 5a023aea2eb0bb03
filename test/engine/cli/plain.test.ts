import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine, type TestContext } from "../../support/engines.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const fixture = fileURLToPath(new URL("../../fixtures/builds/fx", import.meta.url));

function fx(files: Readonly<Record<string, string>> = {}): Promise<TestContext> {
  return busyboxContext({ fixture, files });
}

function script(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

forEachEngine((engine) => {
  const kept = "FAILED";

  test("a script runs to the failing step, looks into it by lines and quits with 1", async () => {
    await using context = await fx();
    const { exitCode, stdout } = await runWithoutTerminal(
      engine,
      ["--ui=plain", context.path],
      script("continue", "shell", "echo in; pwd; ls", "exit", "swap", "quit"),
    );
    expect(exitCode).toBe(1);
    const after = stdout.slice(stdout.indexOf("step 7/8 failed"));
    expect(after).toMatch(/^step 7\/8 failed: exit code 1.* · line 10: RUN echo two/);
    expect(after).toContain(`(bktui 7/8 failed) shell\nshell on ${kept} of step 7/8; exit ends it\n`);
    expect(after).toContain(`\nin\n/app\na.txt\nb.txt\nshell exited with 0\n(bktui 7/8 failed) swap\n`);
    expect(after).toContain("BASE of step 7 is shown");
    expect(after).toMatch(/\(bktui 7\/8 failed\) quit\n$/);
    expect(stdout).not.toContain("\u001b");
  });

  test("the files of a step: what it changed, a directory, the difference of a file", async () => {
    await using context = await fx({
      Dockerfile: `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
WORKDIR /app
RUN echo one > a.txt && ln -s a.txt link
RUN echo two >> a.txt && mkdir -p d/e && echo 1 > d/e/f && echo 2 > d/g && echo junk > "$(printf 'b\\033[31m')" && rm link
`,
    });
    const { stdout } = await runWithoutTerminal(
      engine,
      ["--ui=plain", context.path],
      script(
        "to 6",
        "changes",
        "files app",
        "next",
        "changes",
        "files app/d",
        "diff app/a.txt",
        "diff /x",
        "quit",
      ),
    );
    expect(stdout).toContain("step 5/5 has not run: it has changed nothing yet");
    expect(stdout).toContain(
      `(bktui 5/5 paused) files app
/app in BASE of step 5/5:
rw-r--r-- a.txt  4 B
rwxrwxrwx link@ -> a.txt
`,
    );
    const after = stdout.slice(stdout.lastIndexOf(") changes\n"));
    expect(after).toContain(`files changed by step 5/5 (BASE → AFTER): +3  ~1  -1
~ /app/a.txt  4 B → 8 B
+ /app/b^[[31m  5 B
+ /app/d/  2 files 4 B
- /app/link  -> a.txt
`);
    expect(after).toContain("/app/d in AFTER of step 5/5:\nrwxr-xr-x e/\nrw-r--r-- g  2 B\n");
    expect(after).toContain("/app/a.txt (BASE → AFTER):\n  1  one\n+ 2  two\n");
    expect(after).toContain("/x was not changed by step 5/5");
    expect(stdout).not.toContain("\u001b");
  });

  test("debug-shell looks into an image without a shell, and says where it stands", async () => {
    const Dockerfile = `FROM scratch\nCOPY busybox /opt/busybox\nRUN ["/opt/busybox","sh","-c","echo half > /part; exit 3"]\n`;
    await using context = await busyboxContext({ files: { Dockerfile } });
    const place = engine.keepsFailedState ? "/target" : "/";
    const { stdout } = await runWithoutTerminal(
      engine,
      ["--ui=plain", context.path],
      script("continue", "debug-shell", "cat part", "exit", "quit"),
    );
    expect(stdout).toContain(`shell on FAILED of step 2/2 · debug root · state at ${place}; exit ends it\n`);
    expect(stdout).toMatch(/^half\nshell exited with 0$/m);
  });

  test("each line waits until the build has come to rest, an empty one repeats a step", async () => {
    await using context = await fx();
    const { stdout } = await runWithoutTerminal(
      engine,
      ["--no-cache", context.path],
      script("break app:end", "next", "", "to 9", "steps", "rerun", "restart", "quit"),
    );
    expect(stdout).toContain("(bktui 1/8 loaded) break app:end\nbreakpoint 1 on end of stage app\n");
    const stops = [...stdout.matchAll(/^paused .*$/gm)].map(([line]) => line.replace(/: .*/, ""));
    expect(stops).toEqual([
      "paused before step 1/8 · line 2",
      "paused before step 2/8 · line 3",
      "paused at the end of stage base · line 3 (step)",
      "paused before step 6/8 · line 9",
      "paused before step 6/8 · line 9",
      "paused before step 1/8 · line 2",
    ]);
    expect(stdout).toMatch(/^> {4}6\/8 next +app line 9: COPY --from=lib/m);
    expect(stdout).toMatch(/^attempt 2$/m);
    expect(stdout).toMatch(/^attempt 3$/m);
  });

  test("a built target ends with 0", async () => {
    await using context = await busyboxContext({
      files: { Dockerfile: "FROM scratch\nCOPY busybox /bin/busybox\n" },
    });
    const { exitCode, stdout } = await runWithoutTerminal(engine, [context.path], script("c", "q"));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^finished: the target is built\n\(bktui finished\) q\n$/m);
  });

  test("the end of the input quits, and says how to build without stopping", async () => {
    await using context = await fx();
    const { exitCode, stdout } = await runWithoutTerminal(engine, [context.path]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/bktui --run builds without stopping on entry/);
  });

  test("S06 · nothing that a build or a container prints is an order to the terminal", async () => {
    const hostile = "printf 'a\\033]52;c;eA\\007b\\033[2J\\n'";
    const Dockerfile = `FROM scratch\nCOPY busybox /bin/sh\nRUN ${hostile}\nRUN exit 3\n`;
    await using context = await busyboxContext({ files: { Dockerfile } });
    const { stdout } = await runWithoutTerminal(
      engine,
      ["--no-cache", context.path],
      script("c", "log 2", "shell", hostile, "exit", "q"),
    );
    expect(stdout).not.toContain("\u001b");
    expect(stdout.match(/a\^\[\]52;c;eA\^Gb\^\[\[2J/g)?.length).toBe(3);
  });

  test("--on-error=exit ends a script at the first failure, =shell reads the rest in the step's shell", async () => {
    await using context = await fx();
    const { exitCode, stdout } = await runWithoutTerminal(
      engine,
      ["--on-error=exit", context.path],
      script("c", "steps"),
    );
    expect(exitCode).toBe(1);
    expect(stdout).not.toContain("(bktui 7/8 failed)");
    const inShell = await runWithoutTerminal(
      engine,
      ["--on-error=shell", context.path],
      script("c", "pwd", "exit 4", "q"),
    );
    expect(inShell.stdout).toMatch(/^\/app\nshell exited with 4\n\(bktui 7\/8 failed\) q$/m);
  });

  test("a file beside the Dockerfile sets the target and breakpoints, and cannot set a shell", async () => {
    const project = '{ "target": "lib", "break": ["6"], "shell": { "command": ["/bin/false"] } }';
    await using context = await fx({ ".bktui.json": project });
    const { stdout } = await runWithoutTerminal(engine, [context.path], script("c", "info", "q"));
    expect(stdout).toMatch(/^note: target lib from .*\/\.bktui\.json:1$/m);
    expect(stdout).toMatch(/^note: .*\.bktui\.json:1: shell\.command: not taken from a project's file/m);
    expect(stdout).toMatch(
      /^paused before step 4\/4 · line 6: RUN echo one > a\.txt \(breakpoint at line 6\)$/m,
    );
    expect(stdout).toMatch(/^directory \/src$/m);
    expect(await readFile(join(context.path, ".bktui.json"), "utf8")).toBe(project);
  });
});
