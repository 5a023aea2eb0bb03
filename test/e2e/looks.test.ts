import { expect, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

/** Any change of colour; bold, underline and inverse are not. */
const COLOUR = new RegExp(`${"\u001b"}\\[(?:[\\d;:]*[;:])?(?:3\\d|4\\d|9\\d|10[0-7])(?:[;:][\\d;:]*)?m`);

forEachEngine((engine) => {
  test("with NO_COLOR nothing is coloured, and words, marks and inverse video stay", async () => {
    await using fx = await Fx.failed(engine, { env: { NO_COLOR: "1" } });
    const { terminal } = fx;
    await terminal.until(/^ > +10 ✗/m);
    expect(COLOUR.exec(terminal.output)).toBeNull();
    expect(terminal.output).toContain("\u001b[7m");
  });

  test("colours are used where they are wanted", async () => {
    await using fx = await Fx.failed(engine);
    expect(fx.terminal.output).toMatch(COLOUR);
  });

  test.each([
    ["in the C locale", { LC_ALL: "C" }, []],
    ["with --ascii", {}, ["--ascii"]],
  ])("only ASCII is written %s", async (_where, env, args) => {
    await using fx = await Fx.open(engine, { env, args });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /FAILED step 7\/8/);
    await terminal.until(/^ > +10 x RUN echo two/m);
    expect(/[\u0080-\uffff]+/.exec(terminal.output)).toBeNull();
  });
});
