import { expect, test } from "vitest";
import { BktuiError } from "../../../src/base/errors.ts";
import { Reconnection } from "../../../src/console/reconnection.ts";
import type { DebugState } from "../../../src/debugger/debugger.ts";
import { initialState } from "../../../src/debugger/stepping/reduce.ts";

const LOST: DebugState = {
  ...initialState,
  phase: { kind: "lost", error: new BktuiError("engine-unreachable", "gone"), resume: undefined },
};
const OPENING: DebugState = { ...initialState, phase: { kind: "opening", token: 1, resume: undefined } };
const BROKEN: DebugState = {
  ...initialState,
  phase: { kind: "broken", error: new BktuiError("bad-request", "a typo"), resume: undefined },
};

test("a lost engine is tried again as often as there are waits, then it is left to the user", async () => {
  let tries = 0;
  await new Promise<void>((resolve) => {
    const reconnection = new Reconnection(
      {
        connect: () => {
          tries += 1;
          reconnection.observe(OPENING);
          reconnection.observe(LOST);
          if (tries === 3) setTimeout(resolve, 20);
        },
      },
      [1, 1, 1],
    );
    reconnection.observe(LOST);
  });
  expect(tries).toBe(3);
});

test("an engine that was back is tried as often again when it is lost once more", async () => {
  let tries = 0;
  await new Promise<void>((resolve) => {
    const reconnection = new Reconnection(
      {
        connect: () => {
          tries += 1;
          reconnection.observe(OPENING);
          if (tries === 2) reconnection.observe(BROKEN);
          reconnection.observe(LOST);
          if (tries === 4) setTimeout(resolve, 20);
        },
      },
      [1, 1],
    );
    reconnection.observe(LOST);
  });
  expect(tries).toBe(4);
});
