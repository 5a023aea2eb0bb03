import { expect, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

/** Any change of colour; bold, underline and inverse are not. */
const COLOUR = new RegExp(`${"\u001b"}\\[(?:[\\d;:]*[;:])?(?:3\\d|4\\d|9\\d|10[0-7])(?:[;:][\\d;:]*)?m`);

forEachEngine((engine) => {
  test("colours are used where they are wanted", async () => {
    await using fx = await Fx.failed(engine);
    expect(fx.terminal.output).toMatch(COLOUR);
  });

  test("only ASCII is written with --ascii", async () => {
    await using fx = await Fx.open(engine, { args: ["--ascii"] });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /FAILED step 7\/8/);
    await terminal.until(/^ > +10 x RUN echo two/m);
    expect(/[\u0080-\uffff]+/.exec(terminal.output)).toBeNull();
  });
});
