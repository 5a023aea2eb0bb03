/** A cause on the screen of 80 by 24: in the summary, in Info and with the error; by lines in the same words. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { fixtureAt } from "../support/fixtures.ts";
import { Terminal } from "../support/terminal.ts";
import { runWithoutTerminal } from "../support/without-terminal.ts";

const SENTENCE = /Secret "token" was not given: without it there is no \/run\/secrets\/token\./;

forEachEngine((engine) => {
  test("what was not given is told in the summary, in Info and with the error", async () => {
    await using context = await busyboxContext({ fixture: fixtureAt("causes/secret-named/there") });
    await using terminal = await Terminal.start({ engine, args: [context.path] });
    await terminal.untilRow(1, /LOADED/);
    terminal.type("c");
    await terminal.until(SENTENCE);
    await terminal.until(/:secret id=token,src=PATH {2}gives it now/);
    terminal.type("8");
    await terminal.until(/why +Secret "token" was not given/);
    terminal.type(":error\r");
    await terminal.until(/│ step 2\/2 failed: exit code 1/);

    const script = "continue\ninfo\nerror\nquit\n";
    const { stdout } = await runWithoutTerminal(engine, ["--ui=plain", context.path], script);
    expect(stdout).toMatch(
      /^not given: secret "token" \(\/run\/secrets\/token\): --secret id=token,src=PATH$/m,
    );
    expect(stdout).toMatch(/failed\) error\nstep 2\/2 failed: exit code 1.*\nSecret "token" was not given/);
  });

  test("a path that was denied is told with its owner and mode, as soon as it was looked at", async () => {
    await using context = await busyboxContext({
      fixture: join(fixtureAt("causes"), "denied-read", "there"),
    });
    await using terminal = await Terminal.start({ engine, args: [context.path] });
    await terminal.untilRow(1, /LOADED/);
    terminal.type("c");
    await terminal.until((rows) =>
      /user \(1000:1000\) may not read \/data\/one: owner 0:0, mode 0600/.test(
        rows.join(" ").replaceAll(/\s+/g, " "),
      ),
    );
  });
});
