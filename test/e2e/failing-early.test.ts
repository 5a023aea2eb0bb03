/** A COPY that must fail is told before the steps above have run; they run when BASE is asked for. */
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { Terminal } from "../support/terminal.ts";

const SIZES = [
  [80, 24],
  [120, 40],
] as const;

forEachEngine((engine) => {
  test.each(SIZES)(
    "the failure is shown at once, and what makes BASE can be stopped (%ix%i)",
    async (...size) => {
      const Dockerfile = "FROM busybox:1.36\nRUN sleep 600\nRUN echo second\nCOPY gone /\n";
      await using context = await busyboxContext({ files: { Dockerfile } });
      const [columns, rows] = size;
      await using terminal = await Terminal.start({ engine, args: ["--run", context.path], columns, rows });
      await terminal.untilRow(1, /FAILED step 4\/4 · error · line 4$/);
      await terminal.until(/step 4\/4 failed: COPY: "gone" is not in the context/);
      // On an engine that has not loaded the image yet, the failure comes while it does.
      await terminal.until(/^Step [12] was cancelled with it; it did not fail itself\.$/m);
      await terminal.until(/^ {2}! {2}run the steps above, then shell on BASE/m);
      const marks = terminal
        .screen()
        .filter((row) => / (RUN|COPY) /.test(row))
        .join("\n");
      expect(marks).not.toMatch(/(RUN|COPY) [^│]*cached/);
      terminal.type("!");
      await terminal.untilRow(1, /RUNNING step 2\/4/);
      await terminal.until(/BASE is made first: the steps above run; Ctrl-C stops that/);
      terminal.key("Ctrl-C");
      await terminal.untilRow(1, /PAUSING/);
      terminal.key("Ctrl-C");
      await terminal.untilRow(1, /FAILED step 4\/4 · error · line 4$/);
      await terminal.until(/BASE of step 4 was not made/);
      terminal.type("d");
      await terminal.untilRow(1, /RUNNING step 2\/4/);
    },
  );

  test("the steps above run, and the shell opens on BASE", async () => {
    const Dockerfile = "FROM busybox:1.36\nRUN sleep 1; echo made > /made\nRUN echo second\nCOPY gone /\n";
    await using context = await busyboxContext({ files: { Dockerfile } });
    await using terminal = await Terminal.start({ engine, args: ["--run", "--no-cache", context.path] });
    await terminal.untilRow(1, /FAILED step 4\/4 · error · line 4$/);
    terminal.type("!");
    await terminal.until(/^root@4\/4 BASE \/ #$/m);
    terminal.type("cat /made\r");
    await terminal.until(/^made$/m);
    await terminal.until(/^ +2 ✓ RUN sleep 1; .*s$/m);
    await terminal.until(/^ +3 ✓ RUN echo second .*s$/m);
  });
});
