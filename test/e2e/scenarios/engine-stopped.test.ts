/** Acceptance scenario 23: the builder is stopped while the build is paused, and started again. */
import { describe, expect, inject, test } from "vitest";
import { forEachEngine } from "../../support/engines.ts";
import { Fx, SIZES } from "../../support/fx.ts";
import { OwnEngine } from "../../support/own-engine.ts";

// Engines that were given from outside are not ours to stop.
describe.runIf(inject("privateSuite") !== undefined)("a builder that is stopped", () => {
  forEachEngine((engine) => {
    const suite = engine.keepsFailedState ? inject("privateSuite") : "bookworm";

    test("scenario 23 · 80x24 · 120x40: LOST with the breakpoints, and R comes back to the same stop", async () => {
      await using own = await OwnEngine.start(suite);
      await using narrow = await Fx.loaded(own.engine, {
        ...SIZES[0][1],
        args: ["-b", "9"],
        unique: true,
      });
      await using wide = await Fx.loaded(own.engine, {
        ...SIZES[1][1],
        args: ["-b", "9"],
        unique: true,
      });
      const both = [narrow.terminal, wide.terminal];
      for (const terminal of both) {
        terminal.type("c");
        await terminal.untilRow(1, /PAUSED before step 6\/8 · line 9$/);
        terminal.type("6");
      }
      await own.stop();
      for (const terminal of both) {
        terminal.type("n");
        await terminal.untilRow(1, /LOST engine connection$/);
        terminal.type("6");
        await terminal.until(/\[ ?6[^\n]*\n[^\n]*\n> +1 +● +line 9/);
      }
      await own.startAgain();
      for (const terminal of both) {
        // It tries by itself too.
        if (/LOST/.test(terminal.row(1))) terminal.type("R");
        await terminal.untilRow(1, /PAUSED before step 6\/8 · line 9$/);
        await terminal.until(/^●> +9 · COPY --from=lib/m);
        expect(terminal.screen().join("\n")).toMatch(/1 +● .*:9/);
      }
    });
  });
});
