import { describe, expect, it } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import type { BuildEvent } from "../../../../src/console/phrases/build-events.ts";
import { eventsBetween } from "../../../../src/console/phrases/events-between.ts";
import { type BuildFacts, type KnownBuild, knownAfter } from "../../../../src/console/phrases/known-build.ts";
import type { DebugState } from "../../../../src/debugger/debugger.ts";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import { initialState } from "../../../../src/debugger/stepping/reduce.ts";
import type { Program, StepId } from "../../../../src/graph/program.ts";
import { DebugDriver, failureOf, REQUEST } from "../../../support/debug-driver.ts";
import { FX_TEXT, FX_VERTICES, fxProgram, makeProgram } from "../../../support/graphs.ts";

const ENGINE = {
  kind: "dockerd",
  version: "28.5.2",
  address: "unix:///x.sock",
  origin: "DOCKER_HOST",
} as const;

/** What is told while a driver goes through its states. */
class Told {
  readonly events: BuildEvent[] = [];
  readonly driver: DebugDriver;
  #known: KnownBuild;
  #facts: Omit<BuildFacts, "state"> = {
    engine: ENGINE,
    masked: (text) => text.replaceAll("hunter2", "***"),
    log: new ProgressLog().log,
    warnings: [],
    brokeAt: undefined,
    wait: undefined,
    nowMs: 0,
  };

  constructor(driver: DebugDriver) {
    this.driver = driver;
    this.#known = knownAfter(undefined, { ...this.#facts, state: driver.state });
  }

  see(change: Partial<BuildFacts> = {}): this {
    const { state = this.driver.state, ...facts } = change;
    this.#facts = { ...this.#facts, ...facts };
    const previous = this.#known;
    this.#known = knownAfter(previous, { ...this.#facts, state });
    this.events.push(...eventsBetween(previous, this.#known));
    return this;
  }

  /** Takes what was told since the last time. */
  words(): readonly string[] {
    return this.events.splice(0).map(({ words }) => words);
  }
}

it("what log points say is told once, without values of secrets", () => {
  const driver = new DebugDriver();
  driver.give({
    kind: "add-breakpoint",
    spec: { kind: "instruction", keyword: "RUN" },
    rule: { log: "hunter2 in {stage}" },
  });
  const told = new Told(driver);
  driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true }).opened(fxProgram());
  told.see().words();
  driver.give("continue");
  while (driver.state.phase.kind === "running") driver.solved();
  expect(told.see().events.filter(({ kind }) => kind === "log-point")).toMatchObject([
    { text: "*** in base", words: "line 3 says: *** in base", said: { breakpoint: 1, line: 3 } },
    { words: "line 6 says: *** in lib" },
    { words: "line 10 says: *** in app" },
  ]);
  told.words();
  expect(told.see().words()).toEqual([]);
});

function launched(lines: readonly number[] = []): Told {
  const driver = new DebugDriver();
  for (const line of lines) driver.breakAt(line);
  const told = new Told(driver);
  driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true });
  told.see();
  driver.opened(fxProgram());
  return told.see();
}

/** The fixture with lines put in above its line `at`. */
function edited(at: number, ...lines: readonly string[]): Program {
  const text = FX_TEXT.split("\n");
  text.splice(at - 1, 0, ...lines);
  const moved = (line: number): number => (line >= at ? line + lines.length : line);
  return makeProgram(
    text.join("\n"),
    FX_VERTICES.map((vertex) => ({ ...vertex, at: (vertex.at ?? []).map((line) => moved(Number(line))) })),
  );
}

/** Without an instruction. */
function without(id: string): Program {
  const line = Number(FX_VERTICES.find((vertex) => vertex.id === id)?.at?.[0]);
  const text = FX_TEXT.split("\n").map((each, index) => (index + 1 === line ? "" : each));
  const before = FX_VERTICES.find((vertex) => vertex.id === id)?.on;
  return makeProgram(
    text.join("\n"),
    FX_VERTICES.filter((vertex) => vertex.id !== id).map((vertex) =>
      vertex.on === id && before !== undefined ? { ...vertex, on: before } : vertex,
    ),
  );
}

function rerun(told: Told, program: Program): readonly string[] {
  told.driver.give("rerun");
  told.see();
  told.driver.opened(program);
  return told.see().words();
}

describe("what is told of a build that goes its way", () => {
  it("that it was loaded, where it stops and why, and that it is finished", () => {
    const told = launched([6]);
    expect(told.words()).toEqual([
      "loaded Dockerfile: 8 steps in 3 stages",
      "paused before step 1/8 · line 2: ADD busybox /bin/busybox (entry)",
    ]);
    told.driver.give("continue");
    expect(told.see().words()).toEqual([]);
    told.driver.solved(["add", "install", "src"]);
    expect(told.see().words()).toEqual([
      "paused before step 4/8 · line 6: RUN echo one > a.txt (breakpoint at line 6)",
    ]);
    told.driver
      .give("continue")
      .solved()
      .apply({ kind: "outputs-made", token: told.driver.token, imageId: "i" });
    expect(told.see().events).toEqual([
      { kind: "finished", imageId: "i", words: "finished: the target is built" },
    ]);
  });

  it("which step failed, as data too", () => {
    const told = launched();
    told.words();
    const failure = failureOf("two");
    told.driver.give("continue").failed(failure);
    expect(told.see().events).toMatchObject([
      { kind: "failed", step: { id: 6 }, failure, words: "step 7/8 failed: exit code 1" },
    ]);
  });

  it("nothing twice, and nothing of what was there when the watching began", () => {
    const told = launched();
    told.words();
    expect(told.see().see().words()).toEqual([]);
    expect(new Told(told.driver).see().words()).toEqual([]);
  });

  it("that the file was refused, with what helps", () => {
    const driver = new DebugDriver();
    driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true });
    const told = new Told(driver);
    const error = new BktuiError("bad-request", "unknown instruction: RUNN");
    driver.apply({ kind: "open-failed", token: driver.token, error });
    expect(told.see().events).toEqual([
      { kind: "refused", error, words: "unknown instruction: RUNN", remedy: "rerun" },
    ]);
  });
});

describe("breakpoints", () => {
  it("that cannot stop, or stop elsewhere, are told when the file is loaded", () => {
    const told = launched([4, 99]);
    expect(told.events.map(({ kind }) => kind)).toEqual([
      "loaded",
      "breakpoint-moved",
      "breakpoint-lost",
      "paused",
    ]);
    expect(told.words().slice(1, 3)).toEqual([
      "line 4 runs nothing: breakpoint moved to line 5",
      expect.stringMatching(/^breakpoint at line 99 cannot stop: /),
    ]);
  });

  it("that an edit moved or lost are told after the rerun, once", () => {
    const told = launched([6, 11]);
    told.words();
    expect(rerun(told, edited(5, "ENV A=1"))).toEqual([
      "attempt 2",
      "loaded Dockerfile: 8 steps in 3 stages",
      "breakpoint at line 6 moved to line 7 with its instruction",
      "breakpoint at line 11 moved to line 12 with its instruction",
      expect.stringMatching(/^paused before step 1\/8/),
    ]);
    const lost = rerun(told, without("last"));
    expect(lost).toContain("breakpoint at line 12 cannot stop: its instruction is gone: COPY Dockerfile .");
    expect(rerun(told, without("last")).filter((words) => words.includes("breakpoint"))).toEqual([]);
  });

  it("that somebody has just set are left to him", () => {
    const told = launched();
    told.words();
    told.driver.breakAt(4).breakAt(99);
    expect(told.see().words()).toEqual([]);
  });
});

describe("the engine", () => {
  it("is silent, with what can be done, and answers again after so long", () => {
    const told = launched();
    told.words();
    const silent: DebugState = { ...told.driver.state, engineSilent: true };
    told.see({ state: silent, nowMs: 1000 }).see({ state: silent, nowMs: 5000 });
    expect(told.events.splice(0)).toEqual([
      {
        kind: "engine-silent",
        engine: ENGINE,
        words: "engine not answering: dockerd 28.5",
        remedy: "reconnect",
      },
    ]);
    expect(told.see({ nowMs: 13_500 }).words()).toEqual(["the engine answers again after 12s"]);
  });

  it("is said to be silent again and again, ever more rarely", () => {
    const told = launched();
    told.words();
    const silent: DebugState = { ...told.driver.state, engineSilent: true };
    told.see({ state: silent, nowMs: 1000 }).words();
    const said = [];
    for (let nowMs = 2000; nowMs <= 201_000; nowMs += 1000)
      said.push(...told.see({ state: silent, nowMs }).words());
    expect(said).toEqual(["20s", "40s", "80s", "2m 40s"].map((time) => `engine not answering for ${time}`));
  });

  it("is lost once however often it is tried, and back when a build is opened", () => {
    const told = launched();
    told.words();
    const { driver } = told;
    const error = new BktuiError("engine-unreachable", "gone");
    driver.apply({ kind: "lost", error });
    expect(told.see().events.splice(0)).toMatchObject([
      { kind: "connection-lost", words: "connection lost, breakpoints are kept", remedy: "reconnect" },
    ]);
    driver.give("rerun");
    told.see();
    driver.apply({ kind: "lost", error });
    expect(told.see().words()).toEqual(["attempt 2"]);
    driver.give("rerun");
    told.see();
    driver.opened(fxProgram());
    expect(told.see().words().slice(0, 2)).toEqual(["attempt 3", "connected again"]);
  });

  it("that is left while it is away is not back", () => {
    const told = launched();
    told.words();
    told.driver.apply({ kind: "lost", error: new BktuiError("engine-unreachable", "gone") });
    told.see().words();
    expect(told.see({ state: { ...initialState, phase: { kind: "ended" } } }).words()).toEqual([]);
  });
});

describe("the cache", () => {
  it("that broke is told at the first stop of a rerun, once in an attempt", () => {
    const told = launched();
    const brokeAt = fxProgram().steps[4];
    told.driver.give("continue").failed(failureOf("two"));
    told.see({ brokeAt }).words();
    told.driver.give("rerun");
    told.see();
    told.driver.opened(fxProgram());
    expect(told.see().words()).not.toContain("cache broke at step 5: WORKDIR /app");
    told.driver.solved();
    expect(told.see().words()[0]).toBe("cache broke at step 5: WORKDIR /app");
    told.driver.give("next").solved();
    expect(told.see().words().length).toBe(1);
  });

  it("that a step waits for is told once, with the step that has it where that is known", () => {
    const told = launched();
    told.words();
    const { steps } = fxProgram();
    const [, step, , holder] = steps;
    if (step === undefined || holder === undefined) throw new Error("the fixture has eight steps");
    const wait = { step, cache: "apt", holder: undefined };
    told.see({ wait }).see({ wait: undefined }).see({ wait });
    expect(told.words()).toEqual([
      'step 2 prints nothing: it may be waiting for the cache "apt", if another build has it',
    ]);
    told.see({ wait: { step: holder, cache: "apt", holder: step } });
    expect(told.words()).toEqual(['step 4 prints nothing: it waits for the cache "apt", which step 2 has']);
  });
});

it("a failure that the engine does not tell cannot be shown", () => {
  const told = launched();
  told.words();
  told.driver.give("continue").failed(failureOf("two"));
  told.see().words();
  told.driver.give({ kind: "show-failure", step: 3 as StepId });
  told.see();
  told.driver.apply({ kind: "cancelled", token: told.driver.state.token, completed: [] });
  expect(told.see().events[0]).toMatchObject({
    kind: "cannot-show",
    step: { id: 3 },
    words: "step 4 cannot be shown: what it needs was interrupted",
    remedy: "rerun",
  });
});

it("warnings are told as they come, those of another attempt anew", () => {
  const told = launched();
  told.words();
  const one = { text: "FromAsCasing: casing", ranges: [] };
  const two = { text: "an old frontend", ranges: [] };
  told.see({ warnings: [one] }).see({ warnings: [one, two] });
  expect(told.words()).toEqual(["warning: FromAsCasing: casing", "warning: an old frontend"]);
  told.see({ warnings: [one], log: new ProgressLog().log });
  expect(told.words()).toEqual(["warning: FromAsCasing: casing"]);
});
