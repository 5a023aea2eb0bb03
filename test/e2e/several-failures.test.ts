/** Two steps that failed by themselves: both are listed, and Tab goes from one to the other. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { Terminal } from "../support/terminal.ts";
import { runWithoutTerminal } from "../support/without-terminal.ts";

const failures = fileURLToPath(new URL("../fixtures/builds/failures/", import.meta.url));

/** The two steps meet each other only. */
async function project(row: "two-failures" | "cancelled-beside" = "two-failures"): Promise<TestContext> {
  const text = await readFile(`${failures}${row}/Dockerfile`, "utf8");
  return await busyboxContext({ files: { Dockerfile: text.replaceAll("rendezvous", randomUUID()) } });
}

const STEPS = [
  { number: 3, code: 4, line: 6, name: "one" },
  { number: 4, code: 5, line: 8, name: "two" },
] as const;
type Failed = (typeof STEPS)[number];

forEachEngine((engine) => {
  test("a step that was cancelled with the one that failed is said to be no failure", async () => {
    await using context = await project("cancelled-beside");
    await using terminal = await Terminal.start({ engine, args: ["--run", context.path] });
    await terminal.untilRow(1, /FAILED step 3\/6 · exit code 4 · line 5$/);
    await terminal.until(/^Step 4 was cancelled with it; it did not fail itself\.$/m);
    await terminal.until(/^ {2}! {2}shell on FAILED/m);
  });

  test.each([
    [80, 24],
    [120, 40],
  ])(
    "Tab in the summary goes to the other failure, with its line, log and shells (%ix%i)",
    async (...size) => {
      await using context = await project();
      const [columns, rows] = size;
      await using terminal = await Terminal.start({ engine, args: ["--run", context.path], columns, rows });
      await terminal.untilRow(1, /FAILED step [34]\/6 /);
      const isFirst = /step 3/.test(terminal.screen()[0] ?? "");
      const [here, other] = isFirst ? [STEPS[0], STEPS[1]] : [STEPS[1], STEPS[0]];
      const stands = async (at: Failed, beside: Failed): Promise<void> => {
        await terminal.untilRow(
          1,
          new RegExp(`FAILED step ${at.number}/6 · exit code ${at.code} · line ${at.line}$`),
        );
        await terminal.until((screen) => {
          const text = screen.join("\n");
          return (
            new RegExp(`^ > +${at.line} ✗ RUN `, "m").test(text) &&
            new RegExp(
              `✗ step ${at.number}/6 failed: exit code ${at.code}[^\n]*\n +\\d\\.\\d+ cannot ${at.name}`,
            ).test(text) &&
            text.includes(
              `in parallel, step ${beside.number}/6 failed: exit code ${beside.code}: cannot ${beside.name}`,
            )
          );
        });
      };
      await stands(here, other);
      await terminal.until(/^ {2}3 Tab {2}next failure/m);
      terminal.type("3");
      await terminal.until((screen) => /^ Tab next failure/.test(screen.at(-1) ?? ""));
      terminal.key("Tab");
      await stands(other, here);
      terminal.key("Tab");
      await stands(here, other);
      terminal.key("S-Tab");
      await stands(other, here);
      // Its shell, and that of the first one by its side.
      terminal.type("!");
      await terminal.until(new RegExp(`^root@${other.number}/6 FAILED / #$`, "m"));
      terminal.type("cat /which\r");
      await terminal.until(new RegExp(`^of-${other.name}$`, "m"));
      terminal.key("Ctrl-]");
      await terminal.untilRow(1, /FAILED step/);
      terminal.type(`:failure ${here.number}\r`);
      await stands(here, other);
      terminal.type("!");
      await terminal.until(new RegExp(`^root@${here.number}/6 FAILED / #$`, "m"));
      terminal.type("cat /which\r");
      await terminal.until(new RegExp(`^of-${here.name}$`, "m"));
    },
  );

  test("the line mode goes to the other failure by its number, and without one to the next", async () => {
    await using context = await project();
    const lines = ["continue", "failure 3", "failure 4", "failure", "failure 2", "steps", "quit"];
    const { exitCode, stdout } = await runWithoutTerminal(
      engine,
      ["--ui=plain", context.path],
      lines.map((line) => `${line}\n`).join(""),
    );
    expect(exitCode).toBe(1);
    const told = stdout.split("(bktui ").slice(-6);
    const said = (index: number): string => told[index] ?? "";
    expect(said(1)).toMatch(
      /failed\) failure 4\n[\s\S]*^step 4\/6 failed: exit code 5.*line 8[\s\S]*in parallel, step 3\/6/m,
    );
    expect(said(2)).toMatch(
      /failed\) failure\n[\s\S]*^step 3\/6 failed: exit code 4.*line 6[\s\S]*in parallel, step 4\/6/m,
    );
    expect(said(3)).toContain("failure 2\nstep 2 has not failed; failed: 3, 4\n");
    expect(said(4)).toMatch(/^> {4}3\/6 failed, exit 4[\s\S]*^ {5}4\/6 failed, exit 5/m);
  });
});
