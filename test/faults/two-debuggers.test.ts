import { describe, expect, inject, test } from "vitest";
import { Fx } from "../support/fx.ts";
import { OwnEngine } from "../support/own-engine.ts";

describe.runIf(inject("privateSuite") !== undefined)("two debuggers on one engine", () => {
  test.each(["quits", "is killed"])("R24 · do not disturb each other when one %s", async (how) => {
    await using own = await OwnEngine.start();
    // The same steps in both, which the engine joins.
    await using one = await Fx.inShell(own.engine);
    await using other = await Fx.inShell(own.engine);
    const { terminal } = one;
    if (how === "quits") {
      terminal.key("Ctrl-]");
      terminal.type("q");
    } else process.kill(await terminal.pid(), "SIGKILL");
    await terminal.left();
    other.terminal.type("echo still $((40 + 2))\r");
    await other.terminal.until(/^still 42$/m);
    other.terminal.key("Ctrl-]");
    await other.edit((text) => text.replace("&& false", "&& true"));
    await other.terminal.untilRow(1, /file changed/);
    await other.terminal.press("r", /y yes|PAUSED|RUNNING/);
    await other.terminal.press("y", (rows) => /PAUSED before step 7\/8/.test(rows[0] ?? ""));
    other.terminal.type("c");
    await other.terminal.untilRow(1, /FINISHED/);
    other.terminal.type("q");
    expect((await other.terminal.left()).exitCode).toBe(0);
  });
});
