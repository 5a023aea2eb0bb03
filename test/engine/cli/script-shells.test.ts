/** A script's lines for a shell that does not open are for nobody else. */
import { expect, test } from "vitest";
import { lossWords } from "../../../src/console/losses.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const WITHOUT_SHELL = `FROM scratch
COPY busybox /opt/busybox
COPY Dockerfile /a-file
`;
/** What waits for a shell that never begins waits three times as long, once for each shell that is tried. */
const ONE_WAIT_MS = 15_000;

function script(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

forEachEngine((engine) => {
  test("no shell in the image: said at once, with the line, and the script goes on behind exit", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: WITHOUT_SHELL } });
    const input = script("continue", "shell", "quit", "exit", "info 2", "quit");
    const from = performance.now();
    const { exitCode, stdout } = await runWithoutTerminal(engine, ["--ui=plain", context.path], input);
    expect(performance.now() - from, "of three waits").toBeLessThan(ONE_WAIT_MS);
    const said = stdout.slice(stdout.indexOf("finished: the target is built"));
    expect(said).toMatch(
      /\nno \/bin\/sh here \(scratch or distroless\)\n(?: {2}.*\n)+line 2: lines 3 to 4 were for its shell \(up to exit\) and not run\n.*info 2\nstep 2\/2 .*\n[\s\S]*quit\n$/,
    );
    // The target is built, and the script is not what it was meant to be.
    expect(exitCode).toBe(1);
  });

  test("a debug-shell opens there, and its lines are its own", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: WITHOUT_SHELL } });
    const input = script("continue", "debug-shell", "ls /target", "exit", "quit");
    const { exitCode, stdout } = await runWithoutTerminal(engine, ["--ui=plain", context.path], input);
    expect(stdout).toMatch(/^a-file$/m);
    expect(stdout).not.toContain("not run");
    expect(exitCode).toBe(0);
  });

  test("a step without a state, a retry without a command: what follows up to exit, or all of it", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: WITHOUT_SHELL } });
    const input = script("shell 2", "echo in", "exit 0", "next", "retry", "quit");
    const { exitCode, stdout } = await runWithoutTerminal(engine, ["--ui=plain", context.path], input);
    expect(stdout).toContain("shell: step 2 has not been reached");
    expect(stdout).toContain("line 1: lines 2 to 3 were for its shell (up to exit) and not run");
    expect(stdout).toContain(
      "runs no command\nline 5: line 6 was for its shell (no exit follows) and not run",
    );
    expect(stdout).toContain("the input has ended");
    expect(exitCode).toBe(1);
  });

  test("a script is told what it loses with a rerun, and is asked nothing", async () => {
    const Dockerfile = "FROM scratch\nCOPY busybox /bin/sh\nRUN exit 3\n";
    await using context = await busyboxContext({ files: { Dockerfile } });
    const input = script("continue", "shell", "echo mine > /mark", "exit", "rerun", "rerun", "quit");
    const { stdout } = await runWithoutTerminal(engine, ["--ui=plain", context.path], input);
    const [lost] = lossWords([{ step: 1, side: "failed", programs: [], files: true }]);
    const reruns = stdout.split(/^\(bktui .*\) rerun\n/m).slice(1);
    expect(reruns.map((text) => text.split("\n")[0])).toEqual([lost, expect.stringMatching(/^attempt 3/)]);
  });
});
