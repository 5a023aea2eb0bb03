/** What the frontend warns of: rule, sentence, line and link, in every front end. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Scope } from "../../src/base/scope.ts";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { SIZES } from "../support/fx.ts";
import { runBktui } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";
import { runWithoutTerminal } from "../support/without-terminal.ts";

const fixture = fileURLToPath(new URL("../fixtures/cases/19-check-error", import.meta.url));

const SENTENCE = "FromAsCasing: 'as' and 'FROM' keywords' casing do not match";
const ASKED = "The 'as' keyword should match the case of the 'from' keyword";
const LINK = "https://docs.docker.com/go/dockerfile/rule/from-as-casing/";
const SECRET =
  'SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "PASSWORD")';

/** A text that means itself in a pattern. */
const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

async function project(): Promise<TestContext> {
  const context = await busyboxContext({});
  await cp(fixture, context.path, { recursive: true });
  return context;
}

forEachEngine((engine) => {
  // BuildKit 0.8 knows no lint.
  describe.runIf(engine.keepsFailedState)("the lint", () => {
    test("--run says each warning once, behind the log, and why a file is refused", async () => {
      await using context = await project();
      const late = await runBktui(["--run", "-f", join(context.path, "Dockerfile.late"), context.path], {
        engine,
      });
      expect(late.exitCode, late.stderr).toBe(0);
      expect(late.stderr).toMatch(
        new RegExp(
          `^warning: ${literally(`${SENTENCE} (line 3)\n  ${ASKED}\n  ${LINK}\nwarning: ${SECRET} (line 5)`)}$`,
          "m",
        ),
      );
      expect(late.stderr.split(SENTENCE)).toHaveLength(2);
      const refused = await runBktui(["--run", context.path], { engine });
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toMatch(/^ {3}2 \| >>> FROM scratch as base$/m);
      expect(refused.stderr).toContain(
        `bktui: line 2: the lint refuses it: FromAsCasing\n  ${SENTENCE} (line 2)\n  ${ASKED}\n  ${LINK}\n`,
      );
      expect(refused.stderr.split(SENTENCE)).toHaveLength(2);
      const skip = ["--build-arg", "BUILDKIT_DOCKERFILE_CHECK=skip=FromAsCasing"];
      expect((await runBktui(["--run", ...skip, context.path], { engine })).exitCode).toBe(0);
    });

    test("by lines warnings are said when the file is loaded, stand at their lines and are listed", async () => {
      await using context = await project();
      const args = ["-f", join(context.path, "Dockerfile.late"), context.path];
      const { stdout } = await runWithoutTerminal(engine, args, "list 3\nwarnings\nquit\n");
      expect(stdout).toContain(`\nwarning: ${SENTENCE} (line 3)\nwarning: ${SECRET} (line 5)\n`);
      expect(stdout).toMatch(/^ {5}3 \| FROM scratch as base\n {7}! FromAsCasing: .* \(line 3\)$/m);
      expect(stdout).toMatch(
        new RegExp(
          `\\) warnings\nwarning: ${literally(`${SENTENCE} (line 3)\n  ${ASKED}\n  ${LINK}\nwarning: ${SECRET}`)}`,
        ),
      );
      const refused = await runWithoutTerminal(engine, [context.path], "error\nquit\n");
      expect(refused.stdout).toContain(`  ${SENTENCE} (line 2)\n  ${ASKED}\n  ${LINK}\n`);
      expect(refused.stdout.slice(refused.stdout.indexOf(") error"))).toContain(
        `warning: ${SENTENCE} (line 2)\n  ${ASKED}\n  ${LINK}\n`,
      );
    });

    test.each(SIZES)("%s: the screen has them at the line, in the log and in a list", async (name, size) => {
      await using scope = new Scope();
      const context = scope.own(await project());
      const args = ["-f", join(context.path, "Dockerfile.late"), context.path];
      const terminal = scope.own(await Terminal.start({ ...size, engine, args }));
      await terminal.untilRow(1, /LOADED/);
      await terminal.until(/line 4\/7 ─/);
      terminal.type("k");
      await terminal.until(/line 3\/7 · ! FromAsCasing: 'as' and 'FROM'/);
      await terminal.until(new RegExp(`^── warning: ${literally(SENTENCE)} \\(line 3\\)$`, "m"));
      if (name === "120x40") await terminal.until(/│lint +FromAsCasing: /);
      terminal.type("jj");
      await terminal.until(/line 5\/7 · ! SecretsUsedInArgOrEnv: Do not use ARG or ENV/);
      terminal.type(":warnings\r");
      await terminal.until(new RegExp(literally(LINK)));
      expect(terminal.screen().join("\n")).toMatch(new RegExp(literally(ASKED)));
      terminal.type("\r");
      await terminal.until(/line 3\/7 · ! FromAsCasing: 'as' and 'FROM'/);
    });

    test("a refused file has each reason below its line, and the whole of it in :error", async () => {
      await using scope = new Scope();
      const context = scope.own(await project());
      const terminal = scope.own(await Terminal.start({ engine, args: [context.path] }));
      await terminal.untilRow(1, /ERROR lint$/);
      await terminal.until(/^! +2 ✗ FROM scratch as base\n +\^ FromAsCasing: /m);
      await terminal.until(
        new RegExp(
          `^✗ line 2: the lint refuses it: FromAsCasing\n.*\n${literally(ASKED)}\n${literally(LINK)}$`,
          "m",
        ),
      );
      terminal.type(":error\r");
      await terminal.until(
        new RegExp(`Last error \\([\\s\\S]*│ {3}${literally(ASKED)} +│[\\s\\S]*│ {3}${literally(LINK)} +│`),
      );
      terminal.key("Escape");
      await terminal.until((screen) => !screen.join("\n").includes("Last error ("));
      terminal.type(":arg BUILDKIT_DOCKERFILE_CHECK=skip=FromAsCasing\r");
      await terminal.untilRow(1, /LOADED/);
    });
  });

  test.runIf(!engine.keepsFailedState)(
    "an engine without a lint has nothing to say, and builds",
    async () => {
      await using context = await project();
      const { exitCode, stderr } = await runBktui(["--run", context.path], { engine });
      expect(exitCode, stderr).toBe(0);
      expect(stderr).not.toMatch(/warning|lint/);
      const { stdout } = await runWithoutTerminal(engine, [context.path], "warnings\nquit\n");
      expect(stdout).toMatch(/\) warnings\nno warnings\n/);
    },
  );
});
