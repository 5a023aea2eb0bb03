/** Refusals and explanations are for every front end: what helps is data, and no text names a key of the screen. */
import { describe, expect, test } from "vitest";
import { BktuiError } from "../../../src/base/errors.ts";
import * as byLines from "../../../src/console/phrases/remedy-words.ts";
import type { Command, DebugState } from "../../../src/debugger/debugger.ts";
import { explain } from "../../../src/debugger/explain/explain.ts";
import { ProgressLog } from "../../../src/debugger/progress/progress-log.ts";
import { remediesOf, withRemedies } from "../../../src/debugger/remedies.ts";
import { whyNot } from "../../../src/debugger/stepping/refusals.ts";
import { FrontendFailed } from "../../../src/engine/failures.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import { keysWith } from "../../../src/tui/commands/key-bindings.ts";
import * as onScreen from "../../../src/tui/commands/remedy-words.ts";
import { DebugDriver, failureOf, REQUEST } from "../../support/debug-driver.ts";
import { FX_TEXT, fxProgram } from "../../support/graphs.ts";
import { namesKey } from "../../support/key-names.ts";

const KINDS: readonly Command["kind"][] = [
  "launch",
  "next",
  "into",
  "finish",
  "continue",
  "run-to",
  "pause",
  "cancel",
  "rerun",
  "keep-going",
  "make-base",
  "show-failure",
];

const DONE = ["add", "install", "src", "one", "dir", "copy"];
const running = (): DebugDriver => DebugDriver.launched(fxProgram(), { run: true });
const opening = (): DebugDriver =>
  new DebugDriver().give({ kind: "launch", request: REQUEST, stopOnEntry: true });
const failed = (facts: Parameters<typeof failureOf>[1]): DebugDriver =>
  running().failed(failureOf("two", facts), DONE);
const refused = (error: BktuiError): DebugDriver => {
  const driver = opening();
  return driver.apply({ kind: "open-failed", token: driver.token, error });
};

const STATES: readonly (readonly [string, DebugState])[] = [
  ["idle", new DebugDriver().state],
  ["opening", opening().state],
  [
    "refused",
    refused(new FrontendFailed("dockerfile parse error on line 2: unknown instruction: RUM", [])).state,
  ],
  ["broken", refused(new BktuiError("engine", "no")).state],
  ["paused", DebugDriver.launched(fxProgram()).state],
  ["running", running().state],
  ["pausing", running().give("pause").state],
  ["cancelling", running().give("cancel").state],
  ["failed", failed({ exitCode: 1 }).state],
  ["failed, and nothing kept", failed({ exitCode: 1, states: undefined }).state],
  ["without a program", failed({ exitCode: 127, message: "sh: nope: not found" }).state],
  ["without a secret", failed({ exitCode: undefined, message: "secret token: not found" }).state],
  ["finishing", running().solved().state],
  ["lost", running().apply({ kind: "lost", error: new BktuiError("engine-unreachable", "gone") }).state],
  ["ended", running().give("quit").state],
];

describe.each(STATES)("%s", (_name, state) => {
  test("no refusal names a key", () => {
    const reasons = KINDS.flatMap((kind) => whyNot(state, kind) ?? []);
    expect(reasons.flatMap(({ why, remedy }) => [why, remedy?.does ?? ""]).filter(namesKey)).toEqual([]);
  });

  test("no explanation names a key", () => {
    const scene = {
      state,
      progress: new ProgressLog(),
      engine: { kind: "dockerd", version: "20.10.24", address: "unix:///x", origin: "test" },
      text: FX_TEXT,
      answer: undefined,
    } as const;
    const words = explain(scene);
    const texts = [
      words?.headline,
      ...(words?.why ?? []),
      words?.kept?.why,
      words?.kept?.remedy?.does,
      ...(words?.next ?? []).map(({ label }) => label),
      words?.cancelled,
    ].filter((text) => text !== undefined);
    expect(texts.filter(namesKey)).toEqual([]);
  });
});

test("what is refused is said with the key in force, or with the word to type", () => {
  const refusal = whyNot(failed({ exitCode: 1 }).state, "next") ?? { why: "" };
  const keys = (chosen: readonly string[]): ReturnType<typeof keysWith>["keys"] =>
    keysWith([{ command: "rerun", keys: chosen, from: "test" }]).keys;
  expect(onScreen.refusalWords(refusal, keys(["r"]))).toBe("step 7 failed; r runs it again");
  expect(onScreen.refusalWords(refusal, keys(["Ctrl-r"]))).toBe("step 7 failed; Ctrl-R runs it again");
  expect(onScreen.refusalWords(refusal, keys([]))).toBe("step 7 failed; :rerun runs it again");
  expect(byLines.refusalWords(refusal)).toBe("step 7 failed; rerun runs it again");
});

test("a refusal that is thrown has its remedy, also one of a line that has run", () => {
  const thrown = (driver: DebugDriver, command: Command): unknown => {
    try {
      driver.give(command);
    } catch (error) {
      return error instanceof BktuiError ? remediesOf(error) : error;
    }
    return "taken";
  };
  expect(thrown(failed({ exitCode: 1 }), { kind: "next" })).toEqual([
    { command: "rerun", does: "runs it again" },
  ]);
  const past = DebugDriver.launched(fxProgram()).give("next").solved();
  expect(thrown(past, { kind: "run-to", line: lineOf(2) })).toEqual([
    { command: "goto", argument: "2", does: "goes back to it" },
    { command: "rerun", does: "runs the build again" },
  ]);
});

test("a front end without a word for a remedy leaves it out", () => {
  const remedy = { command: "edit", does: "opens the file" } as const;
  expect(byLines.refusalWords({ why: "line 2 is wrong", remedy })).toBe("line 2 is wrong");
  expect(withRemedies("Nothing is kept.", ["r starts anew"])).toBe("Nothing is kept; r starts anew.");
});
