import { expect, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

forEachEngine((engine) => {
  test("Ctrl-C pauses after the running step, twice cancels it, and it can be run again", async () => {
    const dockerfile = 'FROM scratch\nADD busybox /bin/busybox\nRUN ["/bin/busybox","sleep","300"]\n';
    await using fx = await Fx.loaded(engine, { dockerfile, unique: true });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step 2\/2 · \d+s · line 3$/);
    terminal.key("Ctrl-C");
    await terminal.untilRow(1, /PAUSING after step 2$/);
    terminal.key("Ctrl-C");
    await terminal.untilRow(1, /PAUSED before step 2\/2 · line 3$/);
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step 2\/2 · \d+s · line 3$/);
    terminal.type("q");
    await terminal.until(/┌─ Quit\?[\s\S]*Step 2\/2 is running and will be cancelled/);
    await terminal.press("y", () => /LEFT/.test(terminal.output));
    expect((await terminal.left()).exitCode).toBe(1);
  });
});
