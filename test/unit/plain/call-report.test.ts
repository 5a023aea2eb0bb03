import { expect, test } from "vitest";
import { parseCall } from "../../../src/console/values/call.ts";
import { callReport } from "../../../src/plain/call-report.ts";

function report(
  call: string,
  json: unknown,
  more: { readonly status?: number; readonly version?: string } = {},
) {
  const method = parseCall(call);
  if (method === undefined) throw new Error("a build");
  const reply = { json: JSON.stringify(json), text: "as it is\n", status: 0, version: "1.0.0", ...more };
  return callReport(method, reply, "sub/Dockerfile");
}

test("build is no question, check is one", () => {
  expect(parseCall("build")).toBeUndefined();
  expect(parseCall("check,format=json")).toEqual({ name: "lint", format: "json", ignoreStatus: false });
  expect(() => parseCall("check,outline")).toThrow(/more than one method/);
  expect(() => parseCall("check,ignorestatus=often")).toThrow(/true or false/);
  expect(() => parseCall("check,color=1")).toThrow(/unknown key "color"/);
});

test("an outline is in columns, as Go makes them", () => {
  const { lines } = report("outline", {
    name: "app",
    description: "what it is",
    args: [{ name: "VERSION", value: "1.2", description: "of it" }, { name: "X" }],
    secrets: [{ name: "tok", required: true }, { name: "other" }],
    ssh: [{ name: "default" }],
  });
  expect(lines).toEqual([
    "TARGET:      app",
    "DESCRIPTION: what it is",
    "",
    "BUILD ARG   VALUE   DESCRIPTION",
    "VERSION     1.2     of it",
    "X                   ",
    "",
    "SECRET   REQUIRED",
    "tok      true",
    "other    ",
    "",
    "SSH       REQUIRED",
    "default   ",
    "",
  ]);
  expect(report("outline", {}).lines).toEqual([]);
});

test("targets, the default one marked", () => {
  const targets = [{ name: "base", description: "first" }, { name: "app", default: true }, { default: true }];
  expect(report("targets", { targets }).lines).toEqual([
    "TARGET        DESCRIPTION",
    "base          first",
    "app (default) ",
    "(default)     ",
  ]);
});

test("JSON, a newer answer and an unknown question are printed as they are", () => {
  expect(report("targets,format=json", { a: 1 }).lines).toEqual(['{"a":1}']);
  expect(report("targets", {}, { version: "1.1.0" }).lines).toEqual(["as it is"]);
  expect(report("other", {}).lines).toEqual(["as it is"]);
  expect(() => report("targets", undefined)).toThrow(/not what was asked for/);
});

test("lint: warnings by line with their place, and the exit code unless it is not wanted", () => {
  const data = Buffer.from("FROM a\nRUN b\nCMD c\n\u001b[2J\nx\ny").toString("base64");
  const at = (line: number) => ({ ranges: [{ start: { line }, end: { line } }] });
  const answer = {
    warnings: [
      { ruleName: "Second", detail: "later", location: at(3) },
      { ruleName: "First", url: "https://x", detail: "sooner", location: at(1) },
    ],
    sources: [{ filename: "Dockerfile", data }],
  };
  const { lines, error, exitCode } = report("check", answer, { status: 1 });
  expect({ error, exitCode }).toEqual({ error: [], exitCode: 1 });
  expect(lines).toEqual([
    "Check complete, 2 warnings have been found!",
    "",
    "WARNING: First - https://x",
    "sooner",
    "sub/Dockerfile:1",
    "--------------------",
    "   1 | >>> FROM a",
    "   2 |     RUN b",
    "   3 |     CMD c",
    "--------------------",
    "",
    "WARNING: Second",
    "later",
    "sub/Dockerfile:3",
    "--------------------",
    "   1 |     FROM a",
    "   2 |     RUN b",
    "   3 | >>> CMD c",
    "   4 |     ^[[2J",
    "   5 |     x",
    "--------------------",
  ]);
  expect(report("check,ignorestatus=true", answer, { status: 1 }).exitCode).toBe(0);
  expect(report("check", {}).lines).toEqual(["Check complete, no warnings found."]);
  const broken = report("check", { ...answer, warnings: [], buildError: { message: "no", location: at(2) } });
  expect([broken.lines, broken.exitCode, broken.error.slice(0, 2)]).toEqual([
    [],
    1,
    ["ERROR: no", "sub/Dockerfile:2"],
  ]);
});
