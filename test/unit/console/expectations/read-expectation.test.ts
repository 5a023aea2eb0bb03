import { expect, test } from "vitest";
import { readExpectation } from "../../../../src/console/expectations/read-expectation.ts";
import { failureOf } from "../../../support/thrown.ts";

const pattern = (text: string): object => ({ kind: "pattern", text });
const words = (text: string): object => ({ kind: "text", text });
const three = { kind: "number", number: 3 };

test.each([
  ["paused", { kind: "paused" }],
  ["paused 12", { kind: "paused", line: 12 }],
  ["failed line 12", { kind: "failed", line: 12 }],
  ["paused app:end", { kind: "paused", stage: "app" }],
  ["finished", { kind: "finished" }],
  ["exit 3", { kind: "exit", code: 3 }],
  ["step 2", { kind: "step", number: 2 }],
  ["breakpoints 0", { kind: "breakpoints", number: 0 }],
  ["failures 2", { kind: "failures", number: 2 }],
  ["output /a b$/", { kind: "output", wanted: pattern("a b$"), not: false }],
  ["no output a  b", { kind: "output", wanted: words("a  b"), not: true }],
  ['output " a "', { kind: "output", wanted: words(" a "), not: false }],
  ["log /x/", { kind: "log", step: undefined, wanted: pattern("x"), not: false }],
  ["log 3 /x/", { kind: "log", step: three, wanted: pattern("x"), not: false }],
  ["file /a/", { kind: "file", step: undefined, path: "/a/", wanted: undefined, not: false }],
  ["no file 3 a.txt /x/", { kind: "file", step: three, path: "a.txt", wanted: pattern("x"), not: true }],
  ['file "my file" two', { kind: "file", path: "my file", wanted: words("two"), not: false }],
  ["env PATH", { kind: "env", name: "PATH", value: undefined, not: false }],
  ["env 3 A=b c", { kind: "env", step: three, name: "A", value: "b c", not: false }],
  ["env A=", { kind: "env", name: "A", value: "", not: false }],
])("expect %s", (text, expectation) => {
  expect(readExpectation(text)).toEqual(expectation);
});

test.each([
  ["", /^expect what\? There are paused, failed, finished, /],
  ["pause", /^expect pause\? There are /],
  ["constructor", /^expect constructor\? There are /],
  ["no paused", /^expect no paused: only output, log, file, env can be/],
  ["finished 3", /^expect finished takes nothing after it$/],
  ["paused x", /^"x" is not a number$/],
  ["exit", /^a number is missing$/],
  ["exit -1", /^"-1" is not a number$/],
  ["output", /^a \/PATTERN\/ or a text is missing$/],
  ["output /(/", /^not a pattern: "\(" is not closed/],
  ["file", /^a path is missing/],
  ["env =x", /^a variable is missing/],
])("expect %j is refused", (text, why) => {
  expect(failureOf(() => readExpectation(text))).toMatchObject({
    code: "usage",
    message: expect.stringMatching(why),
  });
});
