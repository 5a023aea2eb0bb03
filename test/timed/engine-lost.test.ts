import { randomInt } from "node:crypto";
import { describe, expect, inject, test, vi } from "vitest";
import { Fx } from "../support/fx.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { running } from "../support/processes.ts";

const WITHIN = { timeout: 15_000, interval: 50 };

function sleeping(seconds: number): string {
  return `FROM scratch AS base
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN sleep ${seconds}
RUN echo last
`;
}

// Engines that were given from outside are not ours to kill.
describe.runIf(inject("privateSuite") !== undefined)("an engine that is lost", () => {
  test("R01 R04 · is noticed within a second in a running step, and the build is back at its stop when it runs again, with the steps before it from the cache", async () => {
    await using own = await OwnEngine.start();
    const seconds = randomInt(1e6, 1e9);
    await using fx = await Fx.loaded(own.engine, { dockerfile: sleeping(seconds), args: ["-b", "4"] });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED before step 3\/4 · line 4$/);
    terminal.type("n");
    await vi.waitFor(() => expect(running(`sleep ${seconds}`)).toBe(1), WITHIN);
    const killedMs = performance.now();
    await own.killDaemon();
    await terminal.untilRow(1, /LOST engine connection$/);
    expect(performance.now() - killedMs).toBeLessThan(1000);
    // The keys are alive: help opens and closes.
    terminal.type("?");
    await terminal.until(/run to the cursor/);
    terminal.key("Escape");
    await vi.waitFor(() => expect(running(`sleep ${seconds}`)).toBe(0), WITHIN);
    await own.startAgain();
    await terminal.untilRow(1, /PAUSED before step 3\/4 · line 4$/);
    await terminal.until(/connected again/);
    await terminal.until(/^ +2 \S ADD .*cached/m);
    await terminal.until(/^ +3 \S RUN .*cached/m);
    await terminal.until(/^●> +4 · RUN sleep/m);
    terminal.type("q");
    await terminal.left();
    expect(terminal.modesLeftOn()).toEqual([]);
  });

  test("R02 · ends its shell with a word, and r connects again", async () => {
    await using own = await OwnEngine.start();
    await using fx = await Fx.inShell(own.engine);
    const { terminal } = fx;
    await own.killDaemon();
    await terminal.untilRow(1, /LOST engine connection$/);
    await terminal.until(/connection lost, breakpoints are kept; r connects anew/);
    await terminal.untilRow(24, /r connect again +q quit/);
    await own.startAgain();
    terminal.type("r");
    await terminal.untilRow(1, /FAILED step 7\/8|PAUSED before step 7\/8/);
    terminal.type("q");
    expect((await terminal.left()).settings).toMatch(/ icanon .* echo /s);
    expect(terminal.modesLeftOn()).toEqual([]);
  });
});

describe.runIf(inject("privateSuite") !== undefined)("an engine that is suspended", () => {
  test("R03 · shows within 10 s while the keys go on, and all goes on when it does", async () => {
    await using own = await OwnEngine.start();
    await using fx = await Fx.loaded(own.engine, { dockerfile: sleeping(12) });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step 3\/4/);
    await own.suspend();
    const suspendedMs = performance.now();
    await terminal.untilRow(1, /RUNNING engine not answering/);
    expect(performance.now() - suspendedMs).toBeLessThan(10_000);
    terminal.type("?");
    await terminal.until(/run to the cursor/);
    terminal.key("Escape");
    await own.resume();
    await terminal.untilRow(1, /RUNNING step|FINISHED/);
    await terminal.untilRow(1, /FINISHED/);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(0);
  });

  test.each(["a step", "a shell"])(
    "R03 · does not keep anybody from leaving within 2 s out of %s",
    async (place) => {
      await using own = await OwnEngine.start();
      await using fx =
        place === "a shell"
          ? await Fx.inShell(own.engine)
          : await Fx.loaded(own.engine, { dockerfile: sleeping(randomInt(1e6, 1e9)) });
      const { terminal } = fx;
      if (place === "a shell") terminal.key("Ctrl-]");
      else {
        terminal.type("c");
        await terminal.untilRow(1, /RUNNING step 3\/4/);
      }
      await own.suspend();
      try {
        terminal.type("q");
        if (place === "a step") {
          await terminal.until(/will be cancelled/);
          const askedMs = performance.now();
          await terminal.press("y", () => terminal.modesLeftOn().length === 0);
          await terminal.left();
          expect(performance.now() - askedMs).toBeLessThan(2000);
        } else {
          const pressedMs = performance.now();
          await terminal.left();
          expect(performance.now() - pressedMs).toBeLessThan(2000);
        }
      } finally {
        await own.resume();
      }
    },
  );
});
