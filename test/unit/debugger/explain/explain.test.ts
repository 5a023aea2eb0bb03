import { describe, expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import type { DebugState } from "../../../../src/debugger/debugger.ts";
import { explain, questionOf } from "../../../../src/debugger/explain/explain.ts";
import type { Explanation } from "../../../../src/debugger/explain/explanation.ts";
import type { Scene } from "../../../../src/debugger/explain/facts.ts";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import type { SourceFinding } from "../../../../src/debugger/questions/finding.ts";
import type { Answer } from "../../../../src/debugger/questions/questions.ts";
import { FrontendFailed, SolveFailed } from "../../../../src/engine/failures.ts";
import { lineOf } from "../../../../src/graph/graph.ts";
import { DebugDriver, failureOf, REQUEST } from "../../../support/debug-driver.ts";
import { digestOf, edgeOf, FX_TEXT, FX_VERTICES, fxProgram, makeProgram } from "../../../support/graphs.ts";

const ENGINE = { kind: "dockerd", version: "28.5.2", address: "unix:///e", origin: "test" } as const;

/** The program of the acceptance scenarios with a context that says what it is. */
const program = makeProgram(
  FX_TEXT,
  FX_VERTICES.map((spec) => (spec.id === "context" ? { ...spec, identifier: "local://context" } : spec)),
);

function sceneOf(state: DebugState, given: Partial<Scene> = {}): Scene {
  return { state, progress: new ProgressLog(), engine: ENGINE, text: FX_TEXT, answer: undefined, ...given };
}

function failed(id: string, message: string, facts: Partial<SolveFailed> = {}): DebugState {
  const failure = new SolveFailed(message, {
    vertex: digestOf(id),
    exitCode: undefined,
    ranges: [],
    states: undefined,
    ...facts,
  });
  const done = FX_VERTICES.slice(
    0,
    FX_VERTICES.findIndex((spec) => spec.id === id),
  ).map((spec) => spec.id);
  const driver = DebugDriver.launched(program, { run: true }).failed(failure, done);
  // The steps above run before the failure is shown.
  return driver.solved(done).state;
}

function refused(text: string, file: string, line?: number): Explanation | undefined {
  const ranges = line === undefined ? [] : [{ source: 0, start: lineOf(line), end: lineOf(line) }];
  const driver = new DebugDriver().give({ kind: "launch", request: REQUEST, stopOnEntry: true });
  driver.apply({ kind: "open-failed", token: driver.token, error: new FrontendFailed(text, ranges) });
  return explain(sceneOf(driver.state, { text: file }));
}

function linted(rules: string, file: string, buildArgs = {}): Explanation | undefined {
  const driver = new DebugDriver().give({
    kind: "launch",
    request: { ...REQUEST, buildArgs },
    stopOnEntry: true,
  });
  const error = new FrontendFailed(`lint violation found for rules: ${rules}`, []);
  driver.apply({ kind: "open-failed", token: driver.token, error });
  const progress = new ProgressLog();
  for (const [line, rule] of [
    [4, "SecretsUsedInArgOrEnv"],
    [2, "FromAsCasing"],
  ] as const)
    progress.apply({
      kind: "warning",
      vertex: digestOf("file"),
      text: `${rule}: text of ${rule} (line ${line})`,
      detail: [`what ${rule} asks for`],
      url: `https://docs.example/${rule}`,
      ranges: [{ source: 0, start: lineOf(line), end: lineOf(line) }],
    });
  return explain(sceneOf(driver.state, { progress, text: file }));
}

const commandsOf = (explanation: Explanation | undefined): readonly string[] =>
  (explanation?.next ?? []).map((step) =>
    step.kind === "command" ? [step.command, step.argument ?? []].flat().join(" ") : step.text,
  );

describe("a file that the lint refuses", () => {
  test("has the sentence, line and link of each rule that is named, and who told the lint to refuse", () => {
    const explanation = linted("FromAsCasing", "# check=error=true\nFROM a as b\n");
    expect(explanation?.headline).toBe("line 2: the lint refuses it: FromAsCasing");
    expect(explanation?.why).toEqual([
      "FromAsCasing: text of FromAsCasing (line 2)",
      "what FromAsCasing asks for",
      "https://docs.example/FromAsCasing",
      "Line 1 says that it is to: error=true.",
    ]);
    expect(commandsOf(explanation)).toEqual([
      "edit",
      "rerun",
      "arg BUILDKIT_DOCKERFILE_CHECK=skip=FromAsCasing",
      "--build-arg BUILDKIT_DOCKERFILE_CHECK=skip=FromAsCasing",
    ]);
  });

  test("names the build argument where that is what makes it refuse, and nobody where nothing says it", () => {
    const rules = "SecretsUsedInArgOrEnv, FromAsCasing";
    const given = linted(rules, "FROM a as b\n", { BUILDKIT_DOCKERFILE_CHECK: "error=true" });
    expect(given?.headline).toBe(`line 2: the lint refuses it: ${rules}`);
    expect(given?.why.at(-1)).toBe("--build-arg BUILDKIT_DOCKERFILE_CHECK says that it is to.");
    expect(linted(rules, "FROM a as b\n")?.why.at(-1)).toBe("https://docs.example/SecretsUsedInArgOrEnv");
    expect(linted("Unseen", "")?.headline).toBe("the lint refuses it: Unseen");
  });
});

describe("a failed step", () => {
  test.each([
    ["sh: foo\r: not found\n", 127, /"foo\^M" not found in PATH/],
    ["env: can't execute 'bash\r': No such file or directory\n", 127, /"bash\^M" not found in PATH/],
    ["/x.sh: set: line 1: illegal option -\r\n", 2, /exit code 2/],
    [
      'runc run failed: unable to start container process: exec: "set -e\\r": executable file not found in $PATH\n',
      127,
      /"set -e\\r" not found in PATH/,
    ],
  ])("says what the carriage return in %j comes from", (output, exitCode, headline) => {
    const progress = new ProgressLog();
    const data = new TextEncoder().encode(output);
    progress.apply({ kind: "log", vertex: digestOf("two"), stream: "stderr", atMs: 1, data });
    const { state } = DebugDriver.launched(program, { run: true }).failed(failureOf("two", { exitCode }));
    const explanation = explain(sceneOf(state, { progress }));
    expect(explanation?.headline).toMatch(headline);
    expect(explanation?.why.at(-1)).toMatch(
      /^\^M is a carriage return: text with Windows line ends \(CRLF\) was read; if it is a file/,
    );
  });

  test.each([
    ["where a line was drawn anew", "10%\r20%\rE: expired\r\n"],
    ["at the end of what a server answered", "X-Error: token is not valid\r\n"],
    ["at the end of lines that all end so", "HTTP/1.1 401\r\nX-Error: token is not valid\r\n"],
    ["at the end of an option that is named", "x.sh: illegal option -- z\r\nx.sh: illegal option -z\r\n"],
  ])("says nothing of carriage returns %s", (_name, output) => {
    const progress = new ProgressLog();
    const data = new TextEncoder().encode(output);
    progress.apply({ kind: "log", vertex: digestOf("two"), stream: "stderr", atMs: 1, data });
    const { state } = DebugDriver.launched(program, { run: true }).failed(failureOf("two", { exitCode: 2 }));
    expect(explain(sceneOf(state, { progress }))?.why).toEqual([]);
  });

  test("says its number, the exit code and the time, and that both states are there", () => {
    const progress = new ProgressLog();
    const times = { startedMs: 1000, completedMs: 15_900, cached: false, error: "exit code: 2" };
    progress.apply({ kind: "vertex", vertex: digestOf("two"), name: "RUN", ...times });
    const state = DebugDriver.launched(program, { run: true }).failed(
      failureOf("two", { exitCode: 2 }),
    ).state;
    const explanation = explain(sceneOf(state, { progress }));
    expect(explanation).toMatchObject({ headline: "step 7/8 failed: exit code 2 after 14.9s", why: [] });
    expect(explanation?.kept?.why).toContain("Both open at once");
  });

  test("that never began keeps BASE because there is nothing else, whatever the engine can", () => {
    const states = { inputIds: ["i"], mountIds: [], subject: "cache", index: 1 } as const;
    const state = failed("last", '"/Dockerfile": not found', { states });
    expect(explain(sceneOf(state))?.kept?.why).toBe(
      "Kept: BASE. Nothing of the step had run yet, so BASE is all there is.",
    );
  });

  test("whose command ran on an engine without failed states says that the engine is the reason", () => {
    const state = failed("two", "executor failed running [x]: exit code: 1", { exitCode: 1 });
    const engine = { ...ENGINE, version: "20.10.24" };
    expect(explain(sceneOf(state, { engine }))?.kept?.why).toMatch(
      /This engine keeps no FAILED state \(dockerd 20\.10\)/,
    );
  });

  test("lists what failed in parallel with its last line", () => {
    const progress = new ProgressLog();
    const times = { startedMs: 1000, completedMs: 1100, cached: false };
    const name = "[lib 2/2] RUN echo one";
    progress.apply({
      kind: "vertex",
      vertex: digestOf("one"),
      name,
      ...times,
      error: "process did not complete: exit code: 4",
    });
    progress.apply({
      kind: "log",
      vertex: digestOf("one"),
      stream: "stderr",
      atMs: 1050,
      data: Buffer.from("cannot\n"),
    });
    const state = DebugDriver.launched(program, { run: true }).failed(failureOf("dir")).state;
    expect(explain(sceneOf(state, { progress }))?.also).toEqual([
      { step: 3, headline: "step 4/8 failed: exit code 4: cannot" },
    ]);
  });

  test("of an ONBUILD trigger names the image that brought it", () => {
    const triggered = makeProgram("FROM busybox\nRUN true\n", [
      { id: "image", kind: "source", at: [1], identifier: "docker-image://docker.io/library/busybox:latest" },
      { id: "trigger", on: "image", at: [1], name: "[2/3] ONBUILD RUN make" },
      { id: "run", on: "trigger", at: [2] },
    ]);
    const { state } = DebugDriver.launched(triggered, { run: true }).failed(failureOf("trigger"));
    expect(explain(sceneOf(state))?.why[0]).toBe(
      'The instruction comes from the image: FROM busybox in line 1 brings the trigger "ONBUILD RUN make".',
    );
  });

  test("that misses a secret says how to give it now and at the start", () => {
    const states = { inputIds: ["i", ""], mountIds: ["i", ""], subject: "exec", index: 0 } as const;
    const explanation = explain(sceneOf(failed("two", "secret token: not found", { states })));
    expect(explanation?.headline).toBe('step 7/8 failed: secret "token" was not given');
    expect(commandsOf(explanation).slice(0, 3)).toEqual([
      "secret id=token,src=PATH",
      "rerun",
      "--secret id=token,src=PATH",
    ]);
    expect(explanation?.kept?.why).toContain("FAILED is the same");
  });

  test("that needed a context file which could not be read says that first, and the engine's words below", () => {
    const text = 'context file "key" cannot be read: permission denied (error from sender: open key: EACCES)';
    expect(explain(sceneOf(failed("last", text)))).toMatchObject({
      headline: 'step 8/8 failed: COPY: context file "key" cannot be read: permission denied',
      why: ["error from sender: open key: EACCES"],
    });
  });

  test("that was cancelled is no failure of the build", () => {
    const driver = DebugDriver.launched(program).give("continue").give("cancel").cancelled();
    expect(explain(sceneOf(driver.state))).toMatchObject({
      headline: "step 1/8: cancelled by you (state: BASE)",
      why: [],
    });
  });
});

function found(finding: SourceFinding): Answer {
  return { kind: "sources", findings: [finding], guesses: [], inWorkdir: undefined, target: undefined };
}

describe("a missing source", () => {
  const missing = '"/bulid/app.js": not found';

  test("of the context is asked for there, and its hiding line is named", () => {
    const state = failed("last", missing);
    const place = { kind: "context" };
    expect(questionOf(sceneOf(state))).toMatchObject({
      kind: "sources",
      sources: [{ path: "/bulid/app.js", place }],
    });
    const rules = [{ file: ".dockerignore", line: lineOf(3), pattern: "build" }];
    const hidden = { kind: "hidden", examples: ["bulid/app.js"], count: 1, rules, hop: undefined } as const;
    expect(explain(sceneOf(state, { answer: found(hidden) }))).toMatchObject({
      headline: 'step 8/8 failed: COPY: "bulid/app.js" is not in the context',
      why: ["It exists, but .dockerignore line 3 keeps it from the build: build"],
    });
    const elsewhere = { ...hidden, examples: ["dist/app.js"] };
    expect(explain(sceneOf(state, { answer: found(elsewhere) }))).toMatchObject({
      headline: 'step 8/8 failed: COPY: "bulid/app.js" is not in the context',
      why: ['"dist/app.js" exists, but .dockerignore line 3 keeps it from the build: build'],
    });
  });

  test("of the context that a rerun finds is said to be found only when it is new", () => {
    const state = failed("last", missing);
    const whyOf = (isNew: boolean): string | undefined =>
      explain(sceneOf(state, { answer: found({ kind: "there", isNew, isDirectory: false }) }))?.why[0];
    expect(whyOf(true)).toBe("It exists now; a rerun will find it.");
    expect(whyOf(false)).toMatch(/why the engine did not find it is not known/);
  });

  test("of a stage is sought in the deepest directory that exists", () => {
    const state = failed("copy", '"/src/a.txt": not found');
    const place = { kind: "state", edge: edgeOf("one"), stage: true };
    expect(questionOf(sceneOf(state))).toMatchObject({
      kind: "sources",
      sources: [{ path: "/src/a.txt", place }],
    });
    const answer = found({
      kind: "absent",
      directory: "/src",
      part: "a.txt",
      names: ["b.txt", "sub/"],
      near: [{ path: "/src/b.txt", spelling: undefined }],
      elsewhere: [],
    });
    expect(explain(sceneOf(state, { answer }))).toMatchObject({
      headline: 'step 6/8 failed: COPY: "/src/a.txt" is not in stage lib',
      why: ['Names that look like it: "/src/b.txt".', "/src is there and holds b.txt, sub/."],
    });
  });
});

describe("a refused file", () => {
  test("with a mistyped instruction says which one was meant", () => {
    const explanation = refused(
      "dockerfile parse error on line 3: unknown instruction: RNU (did you mean ENV?)",
      "",
      3,
    );
    expect(explanation?.headline).toBe("line 3: unknown instruction RNU, did you mean RUN?");
    expect(commandsOf(explanation)).toEqual(["edit"]);
  });

  test("with a flag that only a newer frontend knows says how to get that", () => {
    const file = "FROM scratch\nRUN --network=host true\n";
    const explanation = refused("dockerfile parse error line 2: Unknown flag: network", file, 2);
    expect(explanation?.headline).toBe("line 2: RUN: unknown flag --network");
    expect(explanation?.why.join(" ")).toContain("# syntax=docker/dockerfile:1");
  });

  test("without the wanted target lists its stages and opens the picker", () => {
    const explanation = refused(
      "target stage ap could not be found",
      "FROM scratch AS deps\nFROM deps AS app\n",
    );
    expect(explanation).toMatchObject({
      headline: 'no stage "ap", did you mean app?',
      why: ["Stages: deps, app."],
    });
    expect(commandsOf(explanation)[0]).toBe("target");
  });

  test("whose COPY --from takes a mistyped stage for an image says so", () => {
    const file = "FROM scratch AS deps\nFROM scratch\nCOPY --from=desp /a /a\n";
    const text =
      "desp: failed to resolve source metadata for docker.io/library/desp:latest: docker.io/library/desp:latest: not found";
    expect(refused(text, file, 3)?.why[0]).toBe('There is a stage "deps": did you mean it?');
  });

  test("whose frontend image cannot be pulled names the directive", () => {
    const file = "# syntax=registry.test/front:1\nFROM scratch\n";
    expect(
      refused("failed to solve with frontend gateway.v0: registry.test/front:1: not found", file)?.headline,
    ).toBe("# syntax=registry.test/front:1 cannot be pulled: not found");
  });
});

test("a refused registry says whether credentials were given, and how to store some", () => {
  const text = "registry.test/a:1: failed to resolve source metadata for registry.test/a:1: 401 Unauthorized";
  const error = new FrontendFailed(text, [], { credentials: [{ host: "registry.test", outcome: "none" }] });
  const driver = new DebugDriver().give({ kind: "launch", request: REQUEST, stopOnEntry: true });
  driver.apply({ kind: "open-failed", token: driver.token, error });
  const explanation = explain(sceneOf(driver.state));
  expect(explanation?.headline).toBe("cannot pull registry.test/a:1: unauthorized");
  expect(explanation?.why[0]).toBe("Registry: registry.test. No credentials for registry.test were found.");
  expect(commandsOf(explanation)).toContain("docker login registry.test");
});

test("an error that nobody knows keeps its own words and its hint", () => {
  const driver = new DebugDriver().give({ kind: "launch", request: REQUEST, stopOnEntry: true });
  const error = new BktuiError("io", "cannot read the Dockerfile", { hint: "restore the file" });
  driver.apply({ kind: "open-failed", token: driver.token, error });
  expect(explain(sceneOf(driver.state))).toMatchObject({
    headline: "cannot read the Dockerfile",
    why: ["restore the file"],
  });
});

test("nothing is explained while nothing is wrong", () => {
  expect(explain(sceneOf(DebugDriver.launched(fxProgram()).state))).toBeUndefined();
});

test("a step above that BuildKit 0.8 cannot run again does not hide the failure that interrupted it", () => {
  const failure = failureOf("last", { exitCode: undefined, states: undefined });
  const driver = DebugDriver.launched(program, { run: true }).failed(failure);
  expect(explain(sceneOf(driver.state))?.kept?.why).toMatch(/^It failed before the steps above had run/);
  driver.give("make-base");
  const stuck = new SolveFailed("duplicate output 0", {
    vertex: digestOf("add"),
    exitCode: undefined,
    ranges: [],
    states: undefined,
  });
  const explanation = explain(sceneOf(driver.failed(stuck).state));
  expect(explanation?.headline).toBe("step 8/8 failed: COPY: last failed");
  expect(explanation?.kept?.why).toContain("Nothing is kept");
});
