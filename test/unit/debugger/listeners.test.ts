import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { BktuiError } from "../../../src/base/errors.ts";
import { Listeners } from "../../../src/debugger/listeners.ts";

test("what is told soon is told in the next turn, once", async () => {
  const told: string[] = [];
  const listeners = new Listeners(() => undefined);
  const end = listeners.add(() => told.push("a"));
  listeners.add(() => told.push("b"));
  listeners.tellSoon();
  expect(told).toEqual([]);
  await turn();
  expect(told).toEqual(["a", "b"]);
  end();
  listeners.tell();
  await turn();
  expect(told).toEqual(["a", "b", "b"]);
});

test("a state that was to be told soon is told before there is another one, and not again", async () => {
  let state = 1;
  const seen: number[] = [];
  const listeners = new Listeners(() => undefined);
  listeners.add(() => seen.push(state));
  listeners.tellSoon();
  listeners.catchUp();
  state = 2;
  listeners.tellSoon();
  listeners.tell();
  listeners.catchUp();
  await turn();
  expect(seen).toEqual([1, 2]);
});

test("what a listener throws in a turn of its own is not lost, and ends nothing", async () => {
  const stray: BktuiError[] = [];
  const listeners = new Listeners((error) => stray.push(error));
  listeners.add(() => {
    throw new Error("broken");
  });
  listeners.tellSoon();
  await turn();
  expect(stray.map(({ message }) => message)).toEqual(["broken"]);
});
