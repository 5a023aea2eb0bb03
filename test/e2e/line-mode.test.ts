import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { Terminal } from "../support/terminal.ts";

forEachEngine((engine) => {
  const kept = "FAILED";

  test("the shell has the whole terminal, Ctrl-] returns from it and finds it again as it was", async () => {
    await using fx = await Fx.open(engine, { args: ["--ui=plain"] });
    const { terminal } = fx;
    await terminal.untilCursor(/^\(bktui 1\/8 loaded\)$/, "(bktui 1/8 loaded) x".length);
    expect(terminal.output).not.toContain("\u001b");
    terminal.type("c\r");
    await terminal.until(/^\(bktui 7\/8 failed\)$/m);
    expect(terminal.output).not.toContain("\u001b");
    terminal.type("!\r");
    await terminal.until(new RegExp(`^root@7/8 ${kept} /app #$`, "m"));
    terminal.type("X=mine; printf 'one\\n' > t.txt; vi t.txt\r");
    await terminal.until(/^one\n~/m);
    terminal.key("Ctrl-]");
    await terminal.until(/^left the shell on .* of step 7\/8; shell returns to it\n\(bktui 7\/8 failed\)$/m);
    expect(terminal.modesLeftOn()).toEqual([]);
    terminal.type("shell\r");
    const editorsScreen = "\u001b[?1049h";
    await terminal.until(() => terminal.output.split(editorsScreen).length === 3);
    // The editor is there again, on its own screen; busybox' does not always draw it before it is asked to.
    terminal.type("\f");
    await terminal.until(/^one\n~/m);
    terminal.type(":q!\recho $X-$((40 + 2))\r");
    await terminal.until(/^mine-42$/m);
    terminal.type("exit 5\r");
    await terminal.until(/^shell exited with 5, shell opens again in its files$/m);
    terminal.type("q\r");
    const { exitCode, settings } = await terminal.left();
    expect(exitCode).toBe(1);
    expect(settings).toMatch(/ icanon /);
    expect(settings).toMatch(/ echo /);
  });

  test("a signal in the middle of the shell gives the terminal back as it was", async () => {
    await using fx = await Fx.open(engine, { args: ["--ui=plain", "--on-error=shell", "--run"] });
    const { terminal } = fx;
    await terminal.until(new RegExp(`^root@7/8 ${kept} /app #$`, "m"));
    terminal.type("printf 'one\\n' > t.txt; vi t.txt\r");
    await terminal.until(/^one\n~/m);
    process.kill(await terminal.pid(), "SIGTERM");
    const { exitCode, settings } = await terminal.left();
    expect(exitCode).toBe(143);
    expect(settings).toMatch(/ icanon /);
    expect(terminal.modesLeftOn()).toEqual([]);
  });

  test("a terminal that obeys no orders gets none but those of its shell", async () => {
    await using fx = await Fx.open(engine, {
      args: ["--ui=plain", "--on-error=shell", "--run"],
      env: { TERM: "dumb" },
    });
    const { terminal } = fx;
    await terminal.until(new RegExp(`^root@7/8 ${kept} /app #$`, "m"));
    terminal.type("printf '\\033[?2004h'; echo $TERM $((40 + 2))\r");
    await terminal.until(/dumb 42$/m);
    terminal.key("Ctrl-]");
    await terminal.until(/^left the shell on .* of step 7\/8; shell returns to it\n\(bktui 7\/8 failed\)$/m);
    // The shell itself asks where its cursor is, and clears what is behind it.
    const orders = terminal.output.split("\u001b").slice(1);
    expect(orders.filter((order) => !/^\[(6n|J)/.test(order)).map((order) => order.slice(0, 6))).toEqual([
      "[?2004",
    ]);
  });

  test("Ctrl-C pauses a running build, again it cancels the step, and it does not leave", async () => {
    await using context = await busyboxContext({
      files: { Dockerfile: "FROM scratch\nCOPY busybox /bin/sh\nRUN echo begun && sleep 600\n" },
    });
    await using terminal = await Terminal.start({
      engine,
      args: ["--ui=plain", "--no-cache", "--run", context.path],
    });
    await terminal.until(/ begun$/m);
    terminal.key("Ctrl-C");
    await terminal.until(/will pause before the next step/);
    terminal.key("Ctrl-C");
    await terminal.until(/^paused before step 2\/2 .*\(cancelled\)$/m);
    await terminal.untilCursor(/^\(bktui 2\/2 paused\)$/, "(bktui 2/2 paused) x".length);
    terminal.type("q\r");
    expect((await terminal.left()).exitCode).toBe(1);
  });

  test("quitting asks while a step runs", async () => {
    await using context = await busyboxContext({
      files: { Dockerfile: "FROM scratch\nCOPY busybox /bin/sh\nRUN echo begun && sleep 600\n" },
    });
    await using terminal = await Terminal.start({
      engine,
      args: ["--ui=plain", "--no-cache", "--run", context.path],
    });
    await terminal.until(/ begun$/m);
    terminal.type("q\r");
    await terminal.until(/^Step 2\/2 is running and will be cancelled\. Quit\? \(y\/n\)$/m);
    terminal.type("n\rfrobnicate\r");
    await terminal.until(/^no command "frobnicate"; help lists them$/m);
    terminal.type("q\ry\r");
    expect((await terminal.left()).exitCode).toBe(1);
  });
});
