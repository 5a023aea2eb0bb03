import { describe, expect, it } from "vitest";
import type {
  BreakpointOrder,
  DataChange,
  Decision,
  RuleAnswer,
} from "../../../../src/debugger/breakpoint.ts";
import { parseOrder } from "../../../../src/debugger/breakpoints/break-order.ts";
import type { Program } from "../../../../src/graph/program.ts";
import { DebugDriver, REQUEST } from "../../../support/debug-driver.ts";
import { digestOf, makeProgram } from "../../../support/graphs.ts";

const TEXT = `ARG VERSION=7
FROM busybox AS one
RUN echo one
FROM busybox AS two
ARG MODE
RUN echo two
RUN echo more
FROM busybox AS three
COPY --from=one / /one
COPY --from=two / /two
RUN echo three
`;

const PROGRAM: Program = makeProgram(TEXT, [
  { id: "image", kind: "source", at: [2, 4, 8] },
  { id: "one", on: "image", at: [3], env: ["CI=0", "PATH=/bin"] },
  { id: "two", on: "image", at: [6], env: ["CI=1", "MODE=fast"] },
  { id: "more", on: "two", at: [7], env: ["CI=1", "MODE=fast"] },
  { id: "copy", kind: "file", on: "image", uses: ["one"], at: [9] },
  { id: "also", kind: "file", on: "copy", uses: ["more"], at: [10] },
  { id: "three", on: "also", at: [11], env: ["CI=0"] },
]);

function order(text: string): BreakpointOrder {
  const typed = parseOrder(text);
  if (!("spec" in typed)) throw new Error("it is none");
  return typed;
}

/** Stopped on entry. */
function debugging(...breaks: readonly string[]): DebugDriver {
  const driver = new DebugDriver();
  for (const text of breaks) driver.give({ kind: "add-breakpoint", ...order(text) });
  return driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true }).opened(PROGRAM);
}

/** Runs until it stands; what is asked is answered. */
function run(driver: DebugDriver, answers: Readonly<Record<string, RuleAnswer>> = {}): string {
  for (let steps = 0; steps < 100 && driver.state.phase.kind === "running"; steps++) {
    if (driver.state.phase.asking !== undefined) driver.asked(answers);
    else driver.solved();
  }
  return driver.where;
}

function latest(driver: DebugDriver): Decision | undefined {
  return [...(driver.breakpoint().decisions?.values() ?? [])].at(-1);
}

function said(driver: DebugDriver): readonly string[] {
  return driver.state.said.map(({ text }) => text);
}

describe("a condition", () => {
  it("stops in the one of three stages where it holds", () => {
    const driver = debugging("/RUN/ if ENV.CI == 1");
    expect(run(driver.give("continue"))).toBe("paused before 6 (breakpoint)");
    expect(driver.breakpoint()).toMatchObject({ hits: 1 });
    expect(latest(driver)).toMatchObject({ stops: true, seen: 'ENV.CI is "1"' });
  });

  it("passes each place once where it does not hold, and makes the outputs at the end", () => {
    const driver = debugging("RUN if ENV.CI == 2");
    expect(run(driver.give("continue"))).toBe("finishing");
    expect(driver.breakpoint().hits).toBe(0);
  });

  it("knows arguments of the stage, of the command line and before the first FROM", () => {
    const driver = debugging("7 if ARG.MODE == 'fast' && ARG.VERSION == 7 && $PATH == ''");
    expect(run(driver.give("continue"))).toBe("paused before 7 (breakpoint)");
  });

  it("that is decided does not stop who steps there, and says so nowhere", () => {
    const driver = debugging("6 if ENV.CI == 0");
    expect(run(driver.runTo(6))).toBe("paused before 6 (cursor)");
    expect(driver.breakpoint().hits).toBe(0);
  });

  it("about what the step comes to stops behind the step", () => {
    const driver = debugging("6 if !cached");
    driver.give("continue");
    expect(driver.effects).toContainEqual(expect.objectContaining({ awaitReports: true }));
    driver.apply({ kind: "solved", token: driver.token, ran: [digestOf("two")] });
    expect(driver.where).toBe("paused before 7 (breakpoint)");
    expect(latest(driver)?.seen).toBe("cached is false");
  });

  it("that is wrong is refused with its place, and nothing changes", () => {
    const driver = new DebugDriver();
    const spec = { kind: "instruction", keyword: "RUN" } as const;
    expect(driver.refusal({ kind: "add-breakpoint", spec, rule: { condition: "cached ==" } })).toContain(
      "column 10",
    );
    expect(driver.refusal({ kind: "add-breakpoint", spec, rule: { hits: "x" } })).toContain("counts no hits");
    expect(driver.refusal({ kind: "add-breakpoint", spec, rule: { log: "{" } })).toContain("column 2");
    expect(
      driver.refusal({ kind: "add-breakpoint", spec: { kind: "data", path: "a", change: "any" } }),
    ).toContain("begins with /");
  });

  it("is replaced by setting the place again, and counts anew", () => {
    const driver = debugging("RUN hits 2");
    expect(run(driver.give("continue"))).toBe("paused before 6 (breakpoint)");
    driver.give({ kind: "add-breakpoint", ...order("RUN hits 1") });
    expect(driver.state.breakpoints).toHaveLength(1);
    expect(driver.breakpoint()).toMatchObject({ rule: { hits: "1" }, hits: 0 });
    expect(run(driver.give("continue"))).toBe("paused before 3 (breakpoint)");
    driver.give({ kind: "add-breakpoint", ...order("RUN") });
    expect(driver.breakpoint().rule).toBeUndefined();
  });
});

describe("hits", () => {
  it("are counted over the places of an attempt", () => {
    const driver = debugging("RUN hits >= 2");
    expect(run(driver.give("continue"))).toBe("paused before 6 (breakpoint)");
    expect(run(driver.give("continue"))).toBe("paused before 7 (breakpoint)");
    expect(driver.breakpoint().hits).toBe(3);
  });

  it("stop at all but one of them", () => {
    const driver = debugging("RUN hits != 2");
    expect(run(driver.give("continue"))).toBe("paused before 3 (breakpoint)");
    expect(run(driver.give("continue"))).toBe("paused before 7 (breakpoint)");
    expect(run(driver.give("continue"))).toBe("paused before 11 (breakpoint)");
    expect(driver.breakpoint().hits).toBe(4);
  });

  it("count those whose condition holds", () => {
    const driver = debugging("RUN if ENV.CI == 1 hits 2");
    expect(run(driver.give("continue"))).toBe("paused before 7 (breakpoint)");
    expect(latest(driver)?.seen).toBe('ENV.CI is "1"; this is hit 2');
  });

  it("are counted anew in the next attempt", () => {
    const driver = debugging("RUN hits 4");
    expect(run(driver.give("continue"))).toBe("paused before 11 (breakpoint)");
    driver.give({ kind: "rerun", here: false }).opened(PROGRAM);
    expect(driver.breakpoint().hits).toBe(0);
    expect(run(driver.give("continue"))).toBe("paused before 11 (breakpoint)");
  });
});

it("a rerun goes past what it had stopped at, and counts there", () => {
  const driver = debugging("RUN hits % 2");
  expect(run(driver.give("continue"))).toBe("paused before 6 (breakpoint)");
  expect(run(driver.give("continue"))).toBe("paused before 11 (breakpoint)");
  driver.give("rerun").opened(PROGRAM);
  expect(run(driver)).toBe("paused before 11 (rerun)");
  expect(driver.breakpoint().hits).toBe(4);
});

describe("a log point", () => {
  it("says its text at each place and never stops", () => {
    const driver = debugging("RUN text {stage}: CI is {CI}");
    expect(run(driver.give("continue"))).toBe("finishing");
    expect(said(driver)).toEqual(["one: CI is 0", "two: CI is 1", "two: CI is 1", "three: CI is 0"]);
    expect(driver.breakpoint().hits).toBe(4);
    expect(driver.state.said[1]).toMatchObject({ number: 2, breakpoint: 1, attempt: 1, line: 6 });
  });

  it("says it where the build stops for another reason", () => {
    const driver = debugging("3 text here");
    expect(run(driver.runTo(3))).toBe("paused before 3 (cursor)");
    expect(said(driver)).toEqual(["here"]);
    expect(run(driver.give("continue"))).toBe("finishing");
    expect(said(driver)).toEqual(["here"]);
  });

  it("says it on entry", () => {
    expect(said(debugging("first text begun"))).toEqual(["begun"]);
  });

  it("says what a step came to behind it, and what is in a file of the state", () => {
    const driver = debugging('6 text {exitCode} {file("/etc/motd")}');
    driver.give("continue").solved();
    expect(driver.where).toBe("asking file");
    expect(driver.effects).toEqual([
      {
        kind: "ask",
        token: driver.token,
        questions: [{ kind: "file", edge: { vertex: digestOf("two"), output: 0 }, path: "/etc/motd" }],
      },
    ]);
    expect(run(driver, { "file /etc/motd": { kind: "file", text: "hello" } })).toBe("finishing");
    expect(said(driver)).toEqual(["0 hello"]);
  });

  it("says it anew in the next attempt", () => {
    const driver = debugging("6 text here");
    run(driver.give("continue"));
    driver.give("rerun").opened(PROGRAM);
    run(driver);
    expect(said(driver)).toEqual(["here", "here"]);
    expect(driver.state.said.at(-1)).toMatchObject({ number: 2, attempt: 2 });
  });
});

describe("what has to be looked up", () => {
  const ANSWER: RuleAnswer = { kind: "environment", user: "app", directory: "/w", env: ["CI=9"] };

  it("is asked for a step that is no command", () => {
    const driver = debugging("COPY if ENV.CI == 9 && user == 'app'");
    driver.give("continue");
    expect(driver.solved().where).toBe("asking environment");
    expect(driver.asked({ environment: ANSWER }).where).toBe("paused before 9 (breakpoint)");
  });

  it("R40 · stops the build with the reason when it cannot be had", () => {
    const driver = debugging("9 if ENV.CI == 1");
    expect(run(driver.give("continue"), { environment: { kind: "unknown", why: "no such place" } })).toBe(
      "paused before 9 (breakpoint)",
    );
    expect(driver.state.phase).toMatchObject({ reason: { kind: "breakpoint", problem: "no such place" } });
  });

  it("gives way to a pause and a cancel, and is asked again by going on", () => {
    const driver = debugging("9 if ENV.CI == 1");
    driver.give("continue").solved();
    const { token } = driver;
    driver.give("pause");
    expect(driver.effects).toEqual([{ kind: "cancel", token }]);
    driver.give("continue");
    expect(driver.effects).toMatchObject([{ kind: "ask" }, { kind: "cancel", token, after: driver.token }]);
    driver.apply({ kind: "asked", token, answers: [ANSWER] });
    expect(driver.where).toBe("asking environment");
    driver.give("cancel").cancelled();
    expect(driver.where).toBe("paused before 9 (cancelled)");
    driver.apply({ kind: "asked", token, answers: [ANSWER] });
    expect(driver.where).toBe("paused before 9 (cancelled)");
  });

  it("pauses where it was asked when the answer comes first", () => {
    const driver = debugging("9 if ENV.CI == 9");
    driver.give("continue").solved().give("pause").asked({ environment: ANSWER });
    expect(driver.where).toBe("paused before 9 (pause)");
    expect(driver.breakpoint().hits).toBe(0);
  });

  it("is asked anew for a rule that changed meanwhile, all of it", () => {
    const driver = debugging("9 if ENV.CI == 1");
    driver.give("continue").solved();
    driver.give({ kind: "add-breakpoint", ...order("9 if ENV.CI == 9 && exists('/x')") });
    driver.asked({ environment: ANSWER });
    expect(driver.where).toBe("asking environment, exists");
    driver.asked({ environment: ANSWER, "exists /x": { kind: "exists", exists: true } });
    expect(driver.where).toBe("paused before 9 (breakpoint)");
  });

  it("is of no interest once the build is lost", () => {
    const driver = debugging("9 if ENV.CI == 1");
    driver.give("continue").solved();
    const { token } = driver;
    driver.give("quit");
    expect(driver.effects).toEqual([{ kind: "cancel", token }, { kind: "close" }]);
    driver.apply({ kind: "asked", token, answers: [ANSWER] });
    expect(driver.where).toBe("ended");
  });
});

describe("a data breakpoint", () => {
  const did = (change: DataChange | undefined, text?: string): Readonly<Record<string, RuleAnswer>> => ({
    "data /etc/motd": { kind: "data", change, text },
  });

  it("looks behind each step but those that fetch", () => {
    const driver = debugging("data:/etc/motd made");
    driver.give("continue").solved();
    expect(driver.effects).toMatchObject([
      {
        questions: [{ kind: "data", path: "/etc/motd", after: { vertex: digestOf("one") }, content: false }],
      },
    ]);
    driver.asked(did("changed")).solved();
    expect(driver.asked(did("made")).where).toBe("paused before 7 (breakpoint)");
    expect(latest(driver)?.seen).toBe("/etc/motd was made");
    expect(run(driver.give("continue"), did(undefined))).toBe("finishing");
    expect(driver.breakpoint().hits).toBe(1);
  });

  it("is met by the content that a step leaves", () => {
    const driver = debugging("data:/etc/motd matches /hel+o/ hits 2");
    expect(run(driver.give("continue"), did("changed", "say hello"))).toBe("paused before 7 (breakpoint)");
    const other = debugging("data:/etc/motd matches /hel+o/");
    expect(run(other.give("continue"), did("changed", "bye"))).toBe("finishing");
    expect(latest(other)?.seen).toBe("/etc/motd was changed, without /hel+o/ in it");
  });
});

describe("the first miss", () => {
  it("stops once in an attempt, behind the first step that was not in the cache", () => {
    const driver = debugging("first-miss");
    const ran = ["more", "copy", "also", "three"].map(digestOf);
    const goOn = (): string => {
      driver.give("continue");
      while (driver.state.phase.kind === "running")
        driver.apply({ kind: "solved", token: driver.token, ran });
      return driver.where;
    };
    expect(goOn()).toBe("paused end of two (breakpoint)");
    expect(goOn()).toBe("finishing");
    expect(driver.breakpoint().hits).toBe(1);
    driver.give({ kind: "rerun", here: false }).opened(PROGRAM);
    expect(goOn()).toBe("paused end of two (breakpoint)");
  });
});

it("a breakpoint on an instruction stops before each of its steps", () => {
  const driver = debugging("COPY");
  expect(run(driver.give("continue"))).toBe("paused before 9 (breakpoint)");
  expect(run(driver.give("continue"))).toBe("paused before 10 (breakpoint)");
  expect(debugging("ADD").breakpoint().bound).toMatchObject({
    kind: "lost",
    why: "no ADD runs anything for this target",
  });
});
