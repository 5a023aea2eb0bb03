/** Output that a terminal would show differently from how it was written: in the log, at a failure, in scripts. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { SIZES } from "../support/fx.ts";
import { runBktui } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";
import { runWithoutTerminal } from "../support/without-terminal.ts";

const cases = fileURLToPath(new URL("../fixtures/cases", import.meta.url));
const ERROR = "E: the index is signed by a key that expired";

async function barThenError(): Promise<TestContext> {
  const context = await busyboxContext({ unique: true });
  await cp(join(cases, "35-bar-then-error"), context.path, { recursive: true });
  return context;
}

/** Steps that print what a shell script says; `printf` is the shell's own. */
async function printing(script: string, file = ""): Promise<TestContext> {
  return await busyboxContext({
    unique: true,
    files: { Dockerfile: `FROM scratch\nCOPY busybox /bin/sh\nCOPY x.sh /\n${script}\n`, "x.sh": file },
  });
}

forEachEngine((engine) => {
  test("--run prints what stands in a line in the end, and the last line before the step's end", async () => {
    await using context = await barThenError();
    const { exitCode, stderr } = await runBktui(["--run", context.path], { engine });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`^#\\d+ \\d+\\.\\d+ ${ERROR}\n#\\d+ ERROR: `, "m"));
    expect(stderr).toMatch(new RegExp(` > .*RUN sh /fetch.sh:\n\\d+\\.\\d+ ${ERROR}$`, "m"));
    expect(stderr).not.toMatch(/fetching|\^M/);
  });

  test("a last line without an end comes before the step's end, in scripts and by lines", async () => {
    await using context = await printing("RUN printf 'one\\ntwo 0%%\\rtwo 9%%'\nRUN printf three; exit 3");
    const run = await runBktui(["--run", "--no-cache", context.path], { engine });
    const lines = await runWithoutTerminal(engine, ["--no-cache", context.path], "continue\nquit\n");
    for (const text of [run.stderr, lines.stdout]) {
      expect(text).toMatch(/^#(\d+) .*RUN printf .*\n#\1 \S+ one\n#\1 \S+ two 9%\n#\1 DONE/m);
      expect(text).toMatch(/^#(\d+) \S+ three\n#\1 ERROR/m);
    }
  });

  test("by lines the log has the error, and what was written over when it is asked for", async () => {
    await using context = await barThenError();
    const { stdout } = await runWithoutTerminal(engine, [context.path], "continue\nlog\nlog raw\nquit\n");
    expect(stdout).toMatch(new RegExp(`^\\(bktui 4/4 failed\\) log\n\\d+\\.\\d+ ${ERROR}\n\\(bktui`, "m"));
    const raw = stdout.slice(stdout.indexOf("log raw\n"));
    expect(raw).toMatch(
      /^log raw\n {2}\^Mfetching package index {3}0%\n {2}\^Mfetching package index {3}1%\n/,
    );
    expect(raw).toMatch(new RegExp(`index {2}99%\n {2}\\^M${ERROR}\n\\d+\\.\\d+ ${ERROR}\n\\(bktui`));
  });

  test.each(SIZES)(
    "%s: the error is there without a key, v shows what it was written over",
    async (_name, size) => {
      await using context = await barThenError();
      await using terminal = await Terminal.start({ ...size, engine, args: ["--run", context.path] });
      await terminal.untilRow(1, /FAILED step 4\/4/);
      await terminal.until(new RegExp(`^ +\\d+\\.\\d+ ${ERROR} {2}\\(rewritten\\)$`, "m"));
      expect(terminal.screen().join("\n")).not.toContain("fetching");
      terminal.type("3v");
      await terminal.until(/␍fetching package index {2}99%\s*␍E: the/);
      terminal.type("v");
      await terminal.until((screen) => !screen.join("\n").includes("fetching"));
    },
  );

  test("a line that a running step has begun is there while it runs, as it stands", async () => {
    await using context = await printing("RUN printf 'fetching 10%%\\rfetching 50%%'; sleep 600");
    await using terminal = await Terminal.start({ engine, args: ["--run", context.path] });
    await terminal.until(/^ +\d+\.\d+ fetching 50%$/m);
    terminal.key("Ctrl-C", "Ctrl-C");
    await terminal.untilRow(1, /PAUSED before step 3\/3/);
  });

  test("a carriage return that became part of a name is seen, and what it comes from is said", async () => {
    await using context = await printing("RUN sh /x.sh", "set -e\r\n");
    const { stderr } = await runBktui(["--run", context.path], { engine });
    expect(stderr).toMatch(/^#\d+ \S+ \/x\.sh: .*illegal option -\^M\n#\d+ ERROR/m);
    expect(stderr).toMatch(/^ {2}\^M is a carriage return: text with Windows line ends \(CRLF\) was read/m);
    await using interpreter = await printing("RUN chmod +x /x.sh && /x.sh", "#!/bin/sh\r\ntrue\r\n");
    const script = await runBktui(["--run", interpreter.path], { engine });
    expect(script.stderr).toMatch(/so "\/bin\/sh\^M" is sought(?: \(seen in BASE\))?\.$/m);
  });
});
