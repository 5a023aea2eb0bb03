/** Threads of a build for several platforms, driven by hand. */
import { expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import type { Command, DebugState, Effect, Outcome } from "../../../../src/debugger/debugger.ts";
import { isShared } from "../../../../src/debugger/state/threads.ts";
import { initialState } from "../../../../src/debugger/stepping/reduce.ts";
import { reduceThreads, whyNotThreads } from "../../../../src/debugger/stepping/threads.ts";
import { lineOf } from "../../../../src/graph/graph.ts";
import type { Program } from "../../../../src/graph/program.ts";
import { failureOf, REQUEST } from "../../../support/debug-driver.ts";
import { makeProgram } from "../../../support/graphs.ts";

const TEXT = "FROM scratch\nCOPY a /a\nRUN make\nRUN check\n";

/** "copy" is the same for all. */
function programFor(name: string): Program {
  return makeProgram(TEXT, [
    { id: "copy", kind: "file", at: [2] },
    { id: `make-${name}`, on: "copy", at: [3] },
    { id: `check-${name}`, on: `make-${name}`, at: [4] },
  ]);
}

class Threads {
  state: DebugState = initialState;
  effects: readonly Effect[] = [];

  constructor({ entry = true } = {}) {
    this.apply({ kind: "launch", request: REQUEST, stopOnEntry: entry });
    this.opened();
  }

  opened(): this {
    const threads = ["a", "b"].map((platform) => ({ platform, program: programFor(platform) }));
    const [{ program } = { program: programFor("a") }] = threads;
    return this.apply({ kind: "opened", token: this.state.token, program, threads });
  }

  apply(input: Command | Outcome): this {
    const { state, effects } = reduceThreads(this.state, input);
    this.state = state;
    this.effects = effects;
    return this;
  }

  /** Answers what a thread waits for. */
  solved(id: number): this {
    return this.apply({ kind: "solved", token: this.tokenOf(id) });
  }

  tokenOf(id: number): number {
    const phase = this.state.threads[id]?.phase;
    return phase !== undefined && "token" in phase ? phase.token : -1;
  }

  /** E.g. "*paused 1" with a star for the shown one. */
  get places(): readonly string[] {
    return this.state.threads.map(({ id, phase }) => {
      const place = phase.kind === "paused" ? ` ${phase.at}` : "";
      return `${id === this.state.shown ? "*" : ""}${phase.kind}${place}`;
    });
  }
}

test("a step moves the shown thread alone, and what it makes is made for all", () => {
  const both = new Threads();
  expect(both.places).toEqual(["*paused 0", "paused 0"]);
  both.apply({ kind: "next" });
  expect(both.places).toEqual(["*running", "paused 0"]);
  both.solved(0);
  expect(both.places).toEqual(["*paused 1", "paused 0"]);
  both.apply({ kind: "thread", id: 1 }).apply({ kind: "next" });
  // The copy exists: nothing is run.
  expect(both.effects).toEqual([]);
  expect(both.places).toEqual(["paused 1", "*paused 1"]);
  expect(both.state.phase).toBe(both.state.threads[1]?.phase);
});

test("outputs are made once, when all have reached the target", () => {
  const both = new Threads().apply({ kind: "continue" });
  expect(both.effects.map(({ kind }) => kind)).toEqual(["solve", "solve"]);
  both.solved(1);
  expect([both.places, both.effects]).toEqual([["*running", "built"], []]);
  both.solved(0);
  expect(both.places).toEqual(["*finishing", "finishing"]);
  expect(both.effects).toEqual([{ kind: "make-outputs", token: both.tokenOf(1) }]);
  both.apply({ kind: "outputs-made", token: both.tokenOf(0), imageId: "i" });
  expect(both.places).toEqual(["*finished", "finished"]);
});

test("outputs that could not be made are tried once more for all", () => {
  const both = new Threads({ entry: false }).solved(0).solved(1);
  both.apply({ kind: "solve-broken", token: both.tokenOf(0), error: new BktuiError("io", "full") });
  expect(both.places).toEqual(["*finished", "finished"]);
  both.apply({ kind: "continue" });
  expect(both.places).toEqual(["*finishing", "finishing"]);
  expect(both.effects).toHaveLength(1);
});

test("a thread that stops is shown in place of one that runs, not of one that is stood at", () => {
  const stop: Command = { kind: "add-breakpoint", spec: { kind: "line", line: lineOf(4) } };
  const both = new Threads().apply(stop).apply({ kind: "continue" });
  both.solved(1);
  expect(both.places).toEqual(["running", "*paused 2"]);
  both.solved(0);
  expect(both.places).toEqual(["paused 2", "*paused 2"]);
  expect(both.state.threads.map(({ breakpoints }) => breakpoints[0]?.hits)).toEqual([1, 1]);
  both.apply({ kind: "remove-breakpoint", id: 1 });
  expect(both.state.threads.flatMap(({ breakpoints }) => breakpoints)).toEqual([]);
});

test("a failure stops its own thread; the others can go on, and pause stops all", () => {
  const both = new Threads().apply({ kind: "continue" });
  both.apply({ kind: "solve-failed", token: both.tokenOf(1), failure: failureOf("make-b") });
  expect(both.places).toEqual(["running", "*paused 1"]);
  expect(whyNotThreads(both.state, "next")?.why).toBe("step 2 failed");
  both.apply({ kind: "pause", running: [] });
  const token = both.tokenOf(0);
  expect(both.effects).toEqual([{ kind: "cancel", token }]);
  both.apply({ kind: "cancelled", token, completed: [] });
  // The other one has shown that the copy exists.
  expect(both.places).toEqual(["paused 1", "*paused 1"]);
  both.apply({ kind: "continue" });
  expect(both.places).toEqual(["running", "*paused 1"]);
  expect(() => both.apply({ kind: "continue" })).toThrow("step 2 failed");
});

test("a rerun comes back to where each thread stands", () => {
  const both = new Threads().apply({ kind: "next" }).solved(0);
  both.apply({ kind: "thread", id: 1 }).apply({ kind: "rerun", here: true });
  expect(both.places).toEqual(["opening", "*opening"]);
  both.opened();
  expect(both.places).toEqual(["running", "*paused 0"]);
  both.solved(0);
  expect(both.places).toEqual(["paused 1", "*paused 0"]);
});

test("what ends the build ends all threads", () => {
  const both = new Threads().apply({ kind: "continue" });
  both.apply({ kind: "lost", error: new BktuiError("engine-unreachable", "gone") });
  expect(both.places).toEqual(["*lost", "lost"]);
  expect(both.apply({ kind: "rerun", here: true }).opened().places).toEqual(["*paused 0", "paused 0"]);
  both.apply({ kind: "continue" });
  both.apply({ kind: "solve-broken", token: both.tokenOf(1), error: new BktuiError("engine", "no") });
  expect(both.places).toEqual(["broken", "*broken"]);
  expect(both.apply({ kind: "quit" }).state).toMatchObject({ threads: [], phase: { kind: "ended" } });
});

test("the step that all have is told apart, and a build for one platform has no threads", () => {
  const both = new Threads();
  const { steps } = programFor("a");
  expect(steps.map((step) => isShared(both.state, step))).toEqual([true, false, false]);
  expect(() => both.apply({ kind: "thread", id: 7 })).toThrow("there is no thread 8");
  expect(whyNotThreads(initialState, "thread")?.why).toContain("for one platform");
});

test("the position of the shown thread moves alone, and the outputs wait until it has come back", () => {
  const stop: Command = { kind: "add-breakpoint", spec: { kind: "line", line: lineOf(4) } };
  const both = new Threads().apply(stop).apply({ kind: "continue" }).solved(0).solved(1);
  expect(both.places).toEqual(["*paused 2", "paused 2"]);
  both.apply({ kind: "back" });
  expect([both.places, both.effects]).toEqual([["*paused 1", "paused 2"], []]);
  both.apply({ kind: "continue" });
  expect([both.places, both.effects]).toEqual([["*paused 2", "paused 2"], []]);
  both.apply({ kind: "continue" }).solved(0);
  expect(both.places).toEqual(["*built", "running"]);
  both.apply({ kind: "back" });
  expect(both.state.phase).toMatchObject({ kind: "paused", at: 2, live: { kind: "built" } });
  both.solved(1);
  expect([both.places, both.effects]).toEqual([["*paused 2", "built"], []]);
  both.apply({ kind: "continue" });
  expect(both.places).toEqual(["*finishing", "finishing"]);
  expect(both.effects).toEqual([{ kind: "make-outputs", token: both.tokenOf(0) }]);
  both.apply({ kind: "outputs-made", token: both.tokenOf(0), imageId: "i" });
  both.apply({ kind: "reverse-continue" });
  expect(both.places).toEqual(["*paused 2", "finished"]);
  both.apply({ kind: "thread", id: 1 }).apply({ kind: "back" });
  expect(both.places).toEqual(["paused 2", "*paused 2"]);
});

test("a log point says for which platform, and what rules ask for is answered to the thread that asks", () => {
  const both = new Threads();
  const RUN = { kind: "instruction", keyword: "RUN" } as const;
  both.apply({ kind: "add-breakpoint", spec: RUN, rule: { log: "{text}" } });
  both.apply({
    kind: "add-breakpoint",
    spec: { kind: "line", line: lineOf(4) },
    rule: { condition: 'file("/a") == "b"' },
  });
  both.apply({ kind: "continue" });
  // Each stands before its own "make" once the copy is there, and goes on to "check".
  both.solved(0).solved(1).solved(0).solved(1);
  expect(both.state.said.map(({ platform, text, number }) => `${number} ${platform} ${text}`)).toEqual([
    "1 a RUN make",
    "2 b RUN make",
  ]);
  const asking = both.state.threads.map(({ phase }) => (phase.kind === "running" ? phase.asking?.length : 0));
  expect(asking).toEqual([1, 1]);
  const answer = (id: number, text: string): void =>
    void both.apply({ kind: "asked", token: both.tokenOf(id), answers: [{ kind: "file", text }] });
  answer(1, "b");
  answer(0, "a");
  expect(both.state.threads.map(({ phase }) => phase.kind)).toEqual(["running", "paused"]);
  expect(both.state.threads.map(({ breakpoints }) => breakpoints.map(({ hits }) => hits))).toEqual([
    [2, 0],
    [2, 1],
  ]);
  expect(both.state.said).toHaveLength(4);
});

test("which failures stop is set for all threads, and one that is not stopped at is not shown", () => {
  const both = new Threads();
  both.apply({ kind: "catch", filters: [] });
  expect(both.state.catches).toEqual([]);
  both.apply({ kind: "continue" });
  both.apply({ kind: "solve-failed", token: both.tokenOf(1), failure: failureOf("make-b") });
  expect(both.state.threads[1]?.phase).toMatchObject({ reason: { uncaught: { why: "catch is none" } } });
  expect(both.state.shown).toBe(0);
});
