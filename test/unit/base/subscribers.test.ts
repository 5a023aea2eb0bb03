import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { BktuiError } from "../../../src/base/errors.ts";
import { Subscribers } from "../../../src/base/subscribers.ts";

test("what is told soon is told in the next turn, once", async () => {
  const told: string[] = [];
  const subscribers = new Subscribers(() => undefined);
  const end = subscribers.add(() => told.push("a"));
  subscribers.add(() => told.push("b"));
  subscribers.tellSoon();
  expect(told).toEqual([]);
  await turn();
  expect(told).toEqual(["a", "b"]);
  end();
  subscribers.tell();
  await turn();
  expect(told).toEqual(["a", "b", "b"]);
});

test("a state that was to be told soon is told before there is another one, and not again", async () => {
  let state = 1;
  const seen: number[] = [];
  const subscribers = new Subscribers(() => undefined);
  subscribers.add(() => seen.push(state));
  subscribers.tellSoon();
  subscribers.catchUp();
  state = 2;
  subscribers.tellSoon();
  subscribers.tell();
  subscribers.catchUp();
  await turn();
  expect(seen).toEqual([1, 2]);
});

test("what a listener throws in a turn of its own is not lost, and ends nothing", async () => {
  const stray: BktuiError[] = [];
  const subscribers = new Subscribers((error) => stray.push(error));
  subscribers.add(() => {
    throw new Error("broken");
  });
  subscribers.tellSoon();
  await turn();
  expect(stray.map(({ message }) => message)).toEqual(["broken"]);
});
