import { describe, expect, test } from "vitest";
import {
  CAPABILITY_FIELDS,
  PROTOCOL_EVENTS,
  PROTOCOL_REQUESTS,
  problemsAs,
  problemsOf,
  schemasOf,
} from "../../support/dap-schema.ts";
import { parseTypes } from "../../support/dap-types.ts";

const STOPPED = { seq: 3, type: "event", event: "stopped", body: { reason: "step", threadId: 1 } };
const STACK = {
  seq: 4,
  type: "response",
  request_seq: 2,
  success: true,
  command: "stackTrace",
  body: { stackFrames: [{ id: 1000, name: "RUN make", line: 3, column: 1, source: { path: "/a" } }] },
};

test("the protocol has the requests, events and capabilities that its page counts", () => {
  expect(PROTOCOL_REQUESTS).toHaveLength(45);
  expect(PROTOCOL_EVENTS).toHaveLength(17);
  expect(CAPABILITY_FIELDS).toHaveLength(42);
});

test.each([
  ["an event", STOPPED],
  ["an answer", STACK],
  ["an answer without a body", { seq: 1, type: "response", request_seq: 1, success: true, command: "next" }],
  [
    "a refusal",
    {
      seq: 1,
      type: "response",
      request_seq: 1,
      success: false,
      command: "next",
      message: "no",
      body: { error: { id: 1, format: "no", variables: { NAME: "text" } } },
    },
  ],
  [
    "a reason of ours where the words are open",
    { ...STOPPED, body: { reason: "out of memory", threadId: 1 } },
  ],
  [
    "a request to the client",
    {
      seq: 1,
      type: "request",
      command: "runInTerminal",
      arguments: { cwd: "/", args: ["sh"], kind: "integrated", env: { A: null, B: "b" } },
    },
  ],
])("nothing is wrong with %s", (_name, message) => {
  expect(problemsOf(message)).toEqual([]);
});

test.each([
  ["a missing field", { ...STOPPED, body: { threadId: 1 } }, /reason/],
  ["a field of another type", { ...STOPPED, body: { reason: "step", threadId: "1" } }, /threadId/],
  ["a field that nobody knows", { ...STOPPED, body: { reason: "step", stage: "app" } }, /stage/],
  ["a wrong field beside the body", { ...STOPPED, from: "us" }, /from/],
  ["an event that nobody knows", { ...STOPPED, event: "paused" }, /PausedEvent/],
  ["a body that is left out", { seq: 1, type: "event", event: "stopped" }, /body/],
  [
    "a word that is not one of a closed list",
    { seq: 1, type: "event", event: "loadedSource", body: { reason: "altered", source: {} } },
    /reason/,
  ],
  [
    "a wrong element of a list",
    { ...STACK, body: { stackFrames: [...STACK.body.stackFrames, { id: 1, name: "x", line: 1 }] } },
    /column/,
  ],
  [
    "a list that is none",
    { ...STACK, body: { stackFrames: { 0: STACK.body.stackFrames[0] } } },
    /stackFrames/,
  ],
  [
    "a wrong field two levels down",
    { ...STACK, body: { stackFrames: [{ id: 1, name: "x", line: 1, column: 1, source: { path: null } }] } },
    /path/,
  ],
  [
    "a request to the client without what it must have",
    { seq: 1, type: "request", command: "runInTerminal", arguments: { args: ["sh"] } },
    /cwd/,
  ],
  [
    "a value of a map",
    {
      seq: 1,
      type: "request",
      command: "runInTerminal",
      arguments: { cwd: "/", args: [], env: { A: 1 } },
    },
    /env/,
  ],
  ["a request that only clients make", { seq: 1, type: "request", command: "next" }, /no message/],
  ["no message", { type: "hello" }, /no message/],
  [
    "a refusal whose error has no number",
    {
      seq: 1,
      type: "response",
      request_seq: 1,
      success: false,
      command: "next",
      body: { error: { format: "no" } },
    },
    /id/,
  ],
])("seen: %s", (_name, message, where) => {
  expect(problemsOf(message).join("\n")).toMatch(where);
});

test("a field with one of two names of types", () => {
  expect(problemsAs("Module", { id: 1, name: "x" })).toEqual([]);
  expect(problemsAs("Module", { id: true, name: "x" })).not.toEqual([]);
  expect(problemsAs("DataBreakpointInfoResponse", { body: 1 })).not.toEqual([]);
});

describe("what the converter does not understand it says", () => {
  const module = (text: string): string => `export declare module M {\n${text}\n}`;

  test.each([
    ["a type with parameters", "interface A { a: Map<string, string>; }"],
    ["a function", "interface A { a(): void; }"],
    ["a second declaration", "type A = 'a';\ntype A = 'b';"],
    ["an end too early", "interface A { a: string;"],
  ])("%s", (_name, text) => {
    expect(() => parseTypes(module(text))).toThrow();
  });

  test.each([
    ["a name that is not declared", "interface A { a: B; }"],
    ["a base that is not declared", "interface A extends B { a: string; }"],
    ["a base that has no fields", "type B = 'b';\ninterface A extends B { a: string; }"],
  ])("%s", (_name, text) => {
    expect(() => schemasOf(parseTypes(module(text)))).toThrow(/B/);
  });
});
