import { once } from "node:events";
import { expect, test } from "vitest";
import { Deadline } from "../../../src/base/deadline.ts";

test("fires after its time and says so", async () => {
  using deadline = new Deadline(5);
  await once(deadline.signal, "abort");
  expect(deadline.passed).toBe(true);
  expect(deadline.signal.reason).toMatchObject({ message: "no answer within 0.005 s" });
});

test("fires with its parent, also with one that has fired before", () => {
  const parent = new AbortController();
  using deadline = new Deadline(60_000, parent.signal);
  parent.abort("why");
  expect(deadline.signal.reason).toBe("why");
  expect(deadline.passed).toBe(false);
  using late = new Deadline(60_000, parent.signal);
  expect(late.signal.aborted).toBe(true);
});

test("is silent once disposed", () => {
  const parent = new AbortController();
  const deadline = new Deadline(60_000, parent.signal);
  deadline[Symbol.dispose]();
  parent.abort();
  expect(deadline.signal.aborted).toBe(false);
});
