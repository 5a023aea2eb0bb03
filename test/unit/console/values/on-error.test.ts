import { expect, test } from "vitest";
import { onErrorText, parseOnError, parseOnErrorOption } from "../../../../src/console/values/on-error.ts";
import { failureOf } from "../../../support/thrown.ts";

test("what is done at a failure, and how long somebody is waited for", () => {
  expect(["pause", "shell", "exit", "wait"].map((text) => parseOnError(text).action)).toEqual([
    "pause",
    "shell",
    "exit",
    "wait",
  ]);
  const waits = ["wait", "wait=90s", "wait=15m", "wait=2h", "wait=0", "wait=500ms"].map(parseOnError);
  expect(waits.map(({ waitMs }) => waitMs)).toEqual([900_000, 90_000, 900_000, 7_200_000, 0, 500]);
  expect(waits.map(onErrorText)).toEqual([
    "wait=15m",
    "wait=90s",
    "wait=15m",
    "wait=120m",
    "wait=0",
    "wait=500ms",
  ]);
});

test("anything else is refused with what there is", () => {
  for (const text of ["", "wai", "wait=", "wait=soon", "wait=-1m", "exit=3", "pause=1m", "wait=1m\n"]) {
    const error = failureOf(() => parseOnError(text));
    expect([text, error.code, error.message]).toEqual([
      text,
      "usage",
      expect.stringMatching(/not one of pause, shell, export, exit, wait\[=15m\]$/),
    ]);
  }
});

test("a script at the failure is named on the command line alone", () => {
  const choice = parseOnErrorOption("script=at failure.bktui");
  expect(choice).toMatchObject({ action: "script", script: "at failure.bktui" });
  expect(onErrorText(choice)).toBe("script=at failure.bktui");
  expect(failureOf(() => parseOnErrorOption("script=")).message).toBe("--on-error script: a file is missing");
  expect(failureOf(() => parseOnError("script=x")).code).toBe("usage");
  expect(parseOnErrorOption("wait=90s").waitMs).toBe(90_000);
});
