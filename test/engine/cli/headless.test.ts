import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import { runCommandLine } from "../../../src/cli/command-line.ts";
import { outputTo } from "../../../src/cli/output.ts";
import { createDebugger } from "../../../src/debugger/shell.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const base = 'FROM scratch AS base\nADD busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `bktui --run …` without a terminal on the engine. */
async function headless({ dockerHost, kind }: TestEngine, argv: readonly string[]): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const unwired = async (): Promise<never> => {
    throw new Error("not part of this test");
  };
  const exitCode = await runCommandLine(
    {
      argv: ["--run", ...argv],
      env: {},
      cwd: "/",
      version: "0",
      stdinIsTerminal: false,
      stdoutIsTerminal: false,
      stdin: new PassThrough().end(),
      window: { size: () => ({ columns: 80, rows: 24 }), onResize: () => () => undefined },
      stdout: outputTo(stdout),
      stderr: outputTo(stderr),
    },
    {
      connect: async (_wish, { signal }) => {
        const scope = new Scope();
        const address = parseAddress(dockerHost, kind);
        const engine = scope.own(await BuildkitEngine.connect(address, { signal, origin: "test", env: {} }));
        const session = scope.own(createDebugger(engine));
        return { debugger: session, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
      },
      screen: unwired,
      engineCommand: unwired,
      doctor: unwired,
    },
  );
  return { exitCode, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
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
