import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";
import { type Ran, runWithoutTerminal } from "../../support/without-terminal.ts";

const base = 'FROM scratch AS base\nADD busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

/** Runs `bktui --run …` without a terminal on the engine. */
function headless(engine: TestEngine, argv: readonly string[]): Promise<Ran> {
  return runWithoutTerminal(engine, ["--run", ...argv]);
}

forEachEngine((engine) => {
  test("a failing step ends the run with its output, its place and exit code 1", async () => {
    const Dockerfile = `${base}RUN printf '\\033[2Jalmost\\n' && exit 3\nRUN never\n`;
    await using context = await busyboxContext({ files: { Dockerfile } });
    const { exitCode, stdout, stderr } = await headless(engine, ["--no-cache", context.path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^#\d+ \d+\.\d{3} \^\[\[2Jalmost$/m);
    expect(stderr).toContain("   4 | >>> RUN printf");
    expect(stderr).toMatch(/^step 3\/4 failed: exit code 3(?: after \S+)? · line 4: RUN printf/m);
    expect(stderr).not.toContain("\u001b");
  });

  test("a finished build prints the image id alone on stdout, and every line of a step once", async () => {
    const Dockerfile = `${base}RUN echo unique-$((40 + 2))\n`;
    await using context = await busyboxContext({ files: { Dockerfile } });
    const { exitCode, stdout, stderr } = await headless(engine, ["--no-cache", "--load", context.path]);
    expect(stderr).toContain("finished: the target is built");
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/),
    });
    expect(stderr.match(/unique-42$/gm)).toHaveLength(1);
  });

  test("a breakpoint ends the run before its step", async () => {
    const Dockerfile = `${base}RUN echo reached\n`;
    await using context = await busyboxContext({ files: { Dockerfile } });
    const { exitCode, stderr } = await headless(engine, ["--no-cache", "-b", "4", context.path]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^stopped before step 3\/3 · line 4: RUN echo reached \(breakpoint at line 4\)$/m);
    expect(stderr).not.toMatch(/\d reached$/m);
  });

  test("a refused Dockerfile is shown at its line", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: "FROM scratch\nRUNN x\n" } });
    const { exitCode, stderr } = await headless(engine, [context.path]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^bktui: line 2: unknown instruction RUNN, did you mean RUN\?$/m);
    expect(stderr).toContain("   2 | >>> RUNN x");
  });
});
