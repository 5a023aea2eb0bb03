/** Acceptance scenarios around steps, breakpoints and the screen itself, on every engine and at both sizes. */
import { expect, test } from "vitest";
import { forEachEngine } from "../../support/engines.ts";
import { Fx, SIZES } from "../../support/fx.ts";

/** Any change of colour; bold, underline and inverse are not. */
const COLOUR = new RegExp(`${"\u001b"}\\[(?:[\\d;:]*[;:])?(?:3\\d|4\\d|9\\d|10[0-7])(?:[;:][\\d;:]*)?m`);

forEachEngine((engine) => {
  test.each(SIZES)(
    "scenario 1 · scenario 16 · scenario 10 · %s: a project opens, a paste runs nothing, a breakpoint moves",
    async (_name, size) => {
      await using fx = await Fx.loaded(engine, size);
      const { terminal } = fx;
      const screen = terminal.screen();
      expect(screen[0]).toMatch(/^ bktui Dockerfile:app .* LOADED · nothing has run yet$/);
      expect(screen.find((row) => row.includes("ADD busybox"))).toMatch(
        /^ > +2 · ADD busybox \/bin\/busybox/,
      );
      expect(screen.at(-1)).toMatch(/^ n next .*\? help$/);
      expect(screen.some((row) => row.includes("2 Steps"))).toBe(size.columns >= 110);
      expect(screen.join("")).not.toMatch(/[┌└]/);
      terminal.paste("q\ny\n");
      await terminal.until(/paste ignored \(4 characters\)/);
      terminal.type(":4\r");
      await terminal.until(/─ [^─]*line 4\/11 ─/);
      terminal.type("b");
      await terminal.until(/^● +5 [\s\S]*line 4 runs nothing: breakpoint moved to line 5/m);
      terminal.type("6");
      await terminal.until(/\[ 6 Breaks \][\s\S]*^> +1 +● .*:4 -> .*5.* moved/m);
      terminal.type("n");
      await terminal.untilRow(1, /PAUSED before step 2\/8/);
    },
  );

  test.each(SIZES)(
    "scenario 2 · %s: a key typed before the file is loaded is not lost",
    async (_name, size) => {
      await using fx = await Fx.open(engine, size);
      fx.terminal.type("n");
      await fx.terminal.untilRow(1, /PAUSED before step 2\/8 · line 3$/);
      expect(fx.terminal.screen().join("\n")).toMatch(/^ +2 [✓=] ADD busybox/m);
    },
  );

  test.each(SIZES)(
    "scenario 8 · scenario 9 · %s: into goes to the stage that is copied from, finish comes back",
    async (_name, size) => {
      await using fx = await Fx.loaded(engine, { ...size, args: ["-b", "9"] });
      const { terminal } = fx;
      terminal.type("c");
      await terminal.untilRow(1, /PAUSED before step 6\/8 · line 9$/);
      terminal.type("s");
      await terminal.untilRow(1, /PAUSED before step 3\/8 · line 5$/);
      terminal.type("f");
      await terminal.untilRow(1, /PAUSED before step 6\/8 · line 9$/);
      await terminal.until(/^ +5 [✓=] WORKDIR \/src[\s\S]*^ +6 [✓=] RUN echo one/m);
      expect(terminal.screen().join("\n")).toMatch(/^●> +9 · COPY --from=lib/m);
    },
  );

  test.each(SIZES)(
    "scenario 11 · %s: a breakpoint at the end of a stage shows what the stage made",
    async (_name, size) => {
      await using fx = await Fx.open(engine, { ...size, args: ["-b", "app:end"] });
      const { terminal } = fx;
      await terminal.untilRow(1, /LOADED/);
      await fx.edit((text) => text.replace("false", "true"));
      await terminal.untilRow(1, /file changed, r to rerun/);
      terminal.type("r");
      await terminal.untilRow(1, /LOADED · nothing has run yet$/);
      terminal.type("c");
      await terminal.untilRow(1, /PAUSED end of stage app$/);
      terminal.type("!");
      await fx.prompt("AFTER");
      terminal.type("ls\r");
      await terminal.until(/^Dockerfile +a\.txt +b\.txt$/m);
      await terminal.until(/AFTER state .* \/app · root/);
    },
  );

  test.each(SIZES)(
    "scenario 12 · %s: after an edit outside, r stops at the same step, with the steps before it from the cache",
    async (_name, size) => {
      await using fx = await Fx.failed(engine, { ...size, unique: true });
      const { terminal } = fx;
      await fx.edit((text) => text.replace("false", "true"));
      await terminal.untilRow(1, /file changed, r to rerun/);
      terminal.type("r");
      await terminal.untilRow(1, /PAUSED before step 7\/8 · line 10$/);
      terminal.type("z");
      await terminal.until((screen) => {
        const marked = screen.filter((row) => /^ +\d+ = /.test(row)).map((row) => row.match(/\d+/)?.[0]);
        return String(marked) === "2,3,5,6,8,9";
      });
      terminal.type("c");
      await terminal.untilRow(1, /FINISHED in \d/);
      terminal.type("q");
      expect((await terminal.left()).exitCode).toBe(0);
    },
  );

  test.each(SIZES)(
    "scenario 18 · %s: NO_COLOR leaves words, marks and inverse video, the C locale only ASCII",
    async (_name, size) => {
      await using grey = await Fx.open(engine, { ...size, env: { NO_COLOR: "1" } });
      await using ascii = await Fx.open(engine, { ...size, env: { LC_ALL: "C" } });
      for (const { terminal } of [grey, ascii]) {
        terminal.type("c");
        await terminal.untilRow(1, /FAILED step 7\/8/);
      }
      await grey.terminal.until(/^ > +10 ✗/m);
      expect(COLOUR.exec(grey.terminal.output)).toBeNull();
      expect(grey.terminal.output).toContain("\u001b[7m");
      await ascii.terminal.until(/^ > +10 x RUN echo two/m);
      expect(/[\u0080-\uffff]+/.exec(ascii.terminal.output)).toBeNull();
      expect(ascii.terminal.output).toMatch(COLOUR);
    },
  );

  test.each(SIZES)(
    "scenario 20 · %s: the screen follows the window's size, and comes back",
    async (_name, size) => {
      await using fx = await Fx.open(engine, size);
      const { terminal } = fx;
      terminal.type("nn");
      await terminal.untilRow(1, /PAUSED end of stage base$/);
      terminal.type("n");
      await terminal.until(
        /PAUSED before step 3\/8[\s\S]*^ > +5 · WORKDIR[\s\S]*^── paused before step 3\/8/m,
      );
      await terminal.until((rows) => rows.at(-1)?.startsWith(" n next") === true);
      // What the right column tells of the state comes from the engine.
      if (size.columns >= 110) await terminal.until(/│env +PATH=/);
      const before = terminal.screen();
      terminal.resize(200, 60);
      await terminal.until((rows) => rows.length === 60 && rows.some((row) => /2 Steps/.test(row)));
      await terminal.until((rows) => rows.at(-1)?.endsWith("? help") === true);
      terminal.resize(40, 10);
      await terminal.until((rows) => rows.length === 10 && rows.some((row) => /^ > +5 · WORKDIR/.test(row)));
      terminal.resize(20, 5);
      await terminal.until(
        (rows) => rows.filter((row) => row !== "").length <= 2 && /PAUSED/.test(rows.join("")),
      );
      terminal.resize(size.columns, size.rows);
      await terminal.until((rows) => rows.join("\n") === before.join("\n"));
    },
  );
});
