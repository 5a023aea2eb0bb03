import { expect, test, vi } from "vitest";
import type { Served } from "../../../src/console/serving.ts";
import { Attendance, type Attending } from "../../../src/plain/attendance.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { fxProgram } from "../../support/graphs.ts";
import { HandDebugger } from "../../support/screen-fixture.ts";

/** Terminals come and go as the test says. */
class Door implements Served {
  readonly command = "bktui attach app-1";
  readonly path = "/run/app-1.sock";
  screens = 0;
  words = "";
  readonly #listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  come(by: 1 | -1): void {
    this.screens += by;
    for (const listener of [...this.#listeners]) listener();
  }
  conclude(words: string): void {
    this.words = words;
  }
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** At its first stop. */
function stopped(): HandDebugger {
  const debug = new HandDebugger();
  debug.dispatch({ kind: "launch", request: REQUEST, stopOnEntry: true });
  debug.apply({ kind: "opened", token: debug.state.token, program: fxProgram() });
  return debug;
}

function attendance(options: Partial<Attending> = {}): {
  readonly debug: HandDebugger;
  readonly door: Door;
  readonly said: string[];
  readonly wait: () => ReturnType<Attendance["wait"]>;
  readonly end: (code: number) => void;
} {
  const [debug, door, said] = [stopped(), new Door(), [] as string[]];
  let ends: (code: number) => void = () => undefined;
  const all: Attending = {
    wait: { limitMs: 600_000 },
    fromStart: false,
    serve: (end) => {
      ends = end;
      return Promise.resolve(door);
    },
    ...options,
  };
  const waiting = new Attendance(debug, all, (line) => said.push(line));
  const { signal } = new AbortController();
  return { debug, door, said, wait: () => waiting.wait(signal), end: (code) => ends(code) };
}

test("somebody is called, and once a minute it is said that the run waits, and for how long", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval", "performance"] });
  try {
    const { said, wait } = attendance({ outside: (command) => `docker exec -it x ${command}` });
    const outcome = wait();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(await outcome).toBe("over");
    expect(said.slice(0, 5)).toEqual([
      "",
      "waiting for 10m 00s; attach with: bktui attach app-1",
      "  from outside of this container: docker exec -it x bktui attach app-1",
      "#0 waiting 9m 00s more, attach with: bktui attach app-1",
      "#0 waiting 8m 00s more, attach with: bktui attach app-1",
    ]);
  } finally {
    vi.useRealTimers();
  }
});

test("while somebody is attached the clock stands, and goes on from there", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval", "performance"] });
  try {
    const { said, wait, door } = attendance();
    let outcome: unknown;
    void wait().then((result) => {
      outcome = result;
    });
    await vi.advanceTimersByTimeAsync(540_000);
    door.come(1);
    door.come(1);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(said.at(-1)).toBe("#0 waiting: 2 screens attached");
    door.come(-1);
    door.come(-1);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(outcome).toBe("over");
  } finally {
    vi.useRealTimers();
  }
});

test("a command, an end that somebody chose, and a signal are the other ways out", async () => {
  const first = attendance({ wait: { limitMs: 0 } });
  const going = first.wait();
  await vi.waitFor(() =>
    expect(first.said).toContain("waiting until somebody ends it; attach with: bktui attach app-1"),
  );
  first.debug.dispatch({ kind: "next" });
  expect(await going).toBe("goes-on");
  const second = attendance();
  const ending = second.wait();
  await vi.waitFor(() => expect(second.said).not.toEqual([]));
  second.end(1);
  expect(await ending).toEqual({ code: 1 });
  const reason = new Error("interrupted");
  const waiting = new Attendance(
    stopped(),
    { wait: { limitMs: 0 }, fromStart: true, serve: () => Promise.resolve(new Door()) },
    () => undefined,
  );
  await waiting.begin();
  await expect(waiting.wait(AbortSignal.abort(reason))).rejects.toBe(reason);
});

test("where nobody is waited for, the run ends when the last one has left", async () => {
  const { door, wait, said } = attendance({ wait: undefined });
  expect(await wait()).toBe("over");
  const served = attendance({ wait: undefined, fromStart: true });
  expect(said).toEqual([]);
  const waiting = new Attendance(
    served.debug,
    { wait: undefined, fromStart: true, serve: () => Promise.resolve(door) },
    () => undefined,
  );
  await waiting.begin();
  door.come(1);
  const { signal } = new AbortController();
  const outcome = waiting.wait(signal);
  door.come(-1);
  expect(await outcome).toBe("over");
});
