/** Rules of breakpoints as people type them: in lines, and with the prompt of the breakpoints pane. */
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { runBktui } from "../support/program.ts";

forEachEngine((engine) => {
  test("lines take conditions, log points and filters, say why one does not stop", async () => {
    await using fx = await Fx.open(engine, {
      args: ["--ui=plain", "--break", "RUN if ENV.NONE == 1 hits >= 1"],
      columns: 160,
      unique: true,
    });
    const { terminal } = fx;
    await terminal.until(/^\(bktui 1\/8 loaded\)$/m);
    terminal.type("break 6 if exitCode = 0\r");
    await terminal.until(
      /^"exitCode = 0", column 10: "=" compares nothing; == does\n\(bktui 1\/8 loaded\)$/m,
    );
    terminal.type("break 6 if exitCode == 0\r");
    await terminal.until(
      /^breakpoint 2 on line 6 after if exitCode == 0: RUN echo one.*\nWhat it asks for is known when the step has run: it stops behind the step\.\n\(bktui 1\/8 loaded\)$/m,
    );
    terminal.type('logpoint COPY text {instruction} of {line}: {exists("/src/a.txt")} {exists("/app")}\r');
    await terminal.until(/^breakpoint 3 on any COPY text \{instruction\}.*\n\(bktui 1\/8 loaded\)$/m);
    terminal.type("catch run if exitCode == 137\r");
    await terminal.until(/^failures that stop: run if exitCode == 137\n\(bktui 1\/8 loaded\)$/m);
    terminal.type("breaks\r");
    await terminal.until(
      /^failures that stop: run if exitCode == 137\n1 on any RUN if ENV\.NONE == 1 hits >= 1: /m,
    );
    await terminal.until(/^3 on any COPY.*\n\(bktui 1\/8 loaded\)$/m);
    terminal.type("continue\r");
    await terminal.until(
      /^paused at the end of stage lib · line 6 \(breakpoint after line 6, if exitCode == 0\)\n.*\n\(bktui end of lib paused\)$/m,
    );
    terminal.type("why 1\r");
    await terminal.until(
      /^Its rule \(if ENV\.NONE == 1 hits >= 1\) did not let it stop before line 6: ENV\.NONE is not set\.\nIt is asked next before line 10\.\n\(bktui end of lib paused\)$/m,
    );
    terminal.type("rule 1\r");
    await terminal.until(/^breakpoint 1 on any RUN: steps .*\n\(bktui end of lib paused\)$/m);
    terminal.type("off 1\r");
    await terminal.until(/off 1\n\(bktui end of lib paused\)$/m);
    terminal.type("continue\r");
    await terminal.until(/^line 9 says: COPY of 9: false true$/m);
    await terminal.until(
      /^not stopped at: catch is run if exitCode == 137: it is a failure of kind run, exitCode is 1$/m,
    );
    await terminal.until(/^\(bktui 7\/8 failed\)$/m);
    terminal.type("q\r");
    expect((await terminal.left()).exitCode).toBe(1);
  });

  test("the pane of breakpoints shows rules, and its prompt changes one, in 80x24", async () => {
    await using fx = await Fx.loaded(engine, { columns: 80, rows: 24, unique: true });
    const { terminal } = fx;
    terminal.type("6a");
    terminal.type("10\r");
    await terminal.until(/Dockerfile:10 {2}RUN echo two/);
    terminal.type("w");
    await terminal.untilRow(24, /^ ?:rule 1 if$/);
    terminal.type("ENV.CI = 1\r");
    await terminal.until(/column 8: "=" compares nothing/);
    terminal.type("w");
    await terminal.untilRow(24, /^ ?:rule 1 if$/);
    terminal.type('line == 10 && user == "root"\r');
    await terminal.until(/Dockerfile:10 if line == 10 && user/);
    terminal.type("w");
    await terminal.untilRow(24, /^ ?:rule 1 if line == 10 && user == "root"$/);
    terminal.key("Escape");
    await terminal.untilRow(24, /^ Space on\/off/);
    terminal.type(":why\r");
    await terminal.until(/It is asked next before line 10\./);
    terminal.key("Escape");
    await terminal.untilRow(24, /^ Space on\/off/);
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED before step 7\/8 · line 10$/);
    terminal.type(":logpoint 11 text never\r");
    await terminal.until(/Dockerfile:11 text never/);
    terminal.type(":catch run if exitCode == 7, copy\r");
    await terminal.until(/2 breakpoints, catch run, copy/);
  });

  test("where nobody is asked, a log point is told among the notes, and the build ends as it would", async () => {
    const Dockerfile =
      'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","mkdir","/made"]\nRUN ["/bin/busybox","true"]\n';
    await using context = await busyboxContext({ files: { Dockerfile }, unique: true });
    const points = ["-b", 'RUN text {line}: {exists("/made")}', "-b", "4 if cached text never\u001b[31m"];
    const { exitCode, stderr } = await runBktui(["--run", ...points, context.path], { engine });
    expect(stderr).toContain("#0 note: line 3 says: 3: false\n");
    expect(stderr).toContain("#0 note: line 4 says: 4: true\n");
    expect(stderr).not.toContain("never");
    expect(exitCode).toBe(0);
  });
});
