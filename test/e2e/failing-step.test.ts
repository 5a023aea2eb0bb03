import { test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

forEachEngine((engine) => {
  if (!engine.keepsFailedState) {
    test("FAILED is reproduced: the command runs again, its output is shown, a pass is called flaky", async () => {
      await using fx = await Fx.inShell(engine);
      await fx.terminal.until(
        /^attempt 2: the command runs again, over BASE\n[\s\S]*attempt 2 failed with exit code 1; the shell opens/m,
      );
    });
  }

  test("shells of a state share its files, also after an exit; X ends one and K all", async () => {
    await using fx = await Fx.inShell(engine);
    const { terminal } = fx;
    const leave = async (): Promise<void> => {
      terminal.key("Ctrl-]");
      await terminal.until((rows) => !/^ SHELL/.test(rows.at(-1) ?? ""));
    };
    terminal.type("echo of-the-first > /mark; echo ma''de\r");
    await terminal.until(/^made$/m);
    await leave();
    terminal.type("N");
    await terminal.until(/ shell 2\/2 /);
    await fx.prompt("FAILED");
    terminal.type("cat /mark; exit 3\r");
    await terminal.until(/^of-the-first$/m);
    await terminal.until(/shell exited with 3, ! opens again in its files/);
    terminal.type("!");
    await fx.prompt("FAILED");
    terminal.type("cat /mark; sleep 8888\r");
    await terminal.until(/^of-the-first$/m);
    await leave();
    terminal.type("<");
    await terminal.until(/ shell 1\/2 [\s\S]*^made$/m);
    terminal.type(">");
    await terminal.until(/ shell 2\/2 /);
    terminal.type("X");
    await terminal.until(/sleep is running in it and will be ended/);
    await terminal.press("y", (rows) => !rows.join("").includes("will be ended"));
    await terminal.until(/^made$/m);
    terminal.type("C");
    await terminal.until(/FAILED \/app # echo two >> a.txt && echo junk > b.txt && false$/m);
    terminal.type("\rcat a.txt\r");
    await terminal.until(/^one\ntwo\ntwo$/m);
    await leave();
    terminal.type("K");
    await fx.prompt("FAILED");
    terminal.type("cat /mark\r");
    await terminal.until(/can't open '\/mark'/);
  });
});
