import { expect, test } from "vitest";
import { Pulse } from "../../../../src/engine/buildkit/pulse.ts";

const TIMING = { intervalMs: 1, deadlineMs: 1, silentDeadlineMs: 1 };

/** Hears what a pulse tells about an engine that answers these questions so, and all later ones. */
async function heard(answers: readonly boolean[]): Promise<readonly boolean[]> {
  const told: boolean[] = [];
  let asked = 0;
  await new Promise<void>((resolve) => {
    const pulse = new Pulse(async () => {
      const answer = answers[asked] ?? true;
      asked += 1;
      if (asked === answers.length + 2) resolve();
      return answer;
    }, TIMING);
    pulse.listen((answering) => told.push(answering));
  });
  return told;
}

test("one answer that does not come is no silence", async () => {
  expect(await heard([true, false, true, false, true])).toEqual([]);
});

test("an engine is silent when two answers in a row do not come, and until one does", async () => {
  expect(await heard([true, false, false, false, true])).toEqual([false, true]);
});

test("who begins to listen to a silent engine is told at once, and nothing is asked when nobody listens", async () => {
  let asked = 0;
  const told: boolean[] = [];
  const pulse = new Pulse(async () => {
    asked += 1;
    return false;
  }, TIMING);
  const silent = new Promise<void>((resolve) => {
    const listening = pulse.listen((answering) => {
      if (answering) return;
      listening[Symbol.dispose]();
      resolve();
    });
  });
  await silent;
  expect(pulse.isSilent).toBe(true);
  const before = asked;
  using _listening = pulse.listen((answering) => told.push(answering));
  expect(told).toEqual([false]);
  expect(asked).toBe(before);
});
