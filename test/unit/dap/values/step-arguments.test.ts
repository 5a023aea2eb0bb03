import { describe, expect, test } from "vitest";
import {
  argumentsOf,
  declaredNames,
  environmentLine,
  type StepArgument,
} from "../../../../src/dap/values/step-arguments.ts";
import { makeProgram } from "../../../support/graphs.ts";

const TEXT = `ARG TAG=1 MIRROR="my mirror"
FROM busybox:$TAG AS base
ARG LEVEL=\${TAG:-none} \\
    QUIET
ENV COLOUR="dark blue" SIZE=3
RUN one
FROM base AS app
ARG TAG
ARG GREETING='say $LEVEL'
ENV SIZE 4
COPY a b
ARG LATE=1
RUN two
`;

const program = makeProgram(TEXT, [
  { id: "image", kind: "source", at: [2], identifier: "docker-image://busybox:1" },
  { id: "one", on: "image", at: [6] },
  { id: "copy", kind: "file", on: "one", at: [11] },
  { id: "two", on: "copy", at: [13] },
]);

function at(line: number, given: Readonly<Record<string, string>> = {}, env?: ReadonlyMap<string, string>) {
  const step = program.steps.find(({ start }) => start === line);
  if (step === undefined) throw new Error(`no step in line ${line}`);
  return argumentsOf({ program, step, request: { buildArgs: given }, environment: env });
}

function values(found: readonly StepArgument[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(found.map(({ name, value }) => [name, value]));
}

describe("build arguments of a step", () => {
  test("are those of its stage before it and of the stages below, with defaults", () => {
    expect(values(at(6))).toEqual({ LEVEL: "1", QUIET: undefined });
    expect(values(at(11))).toEqual({
      LEVEL: "1",
      QUIET: undefined,
      TAG: "1",
      GREETING: "say 1",
    });
    expect(values(at(2))).toEqual({ TAG: "1", MIRROR: "my mirror" });
  });

  test("have the values that were given, whose ARG is not there too", () => {
    const found = at(6, { LEVEL: "9", MIRROR: "other", HTTP_PROXY: "http://p" });
    expect(found.find(({ name }) => name === "LEVEL")).toEqual({
      name: "LEVEL",
      value: "9",
      origin: "given",
      line: 3,
    });
    expect(found.filter(({ origin }) => origin === "undeclared")).toEqual([
      { name: "MIRROR", value: "other", origin: "undeclared", line: 1 },
      { name: "HTTP_PROXY", value: "http://p", origin: "undeclared", line: undefined },
    ]);
  });

  test("are what the frontend says where it does", () => {
    expect(values(at(6, {}, new Map([["LEVEL", "from the frontend"]])))["LEVEL"]).toBe("from the frontend");
  });

  test("are found with the line that names them", () => {
    expect([...declaredNames(program)]).toEqual(["TAG", "MIRROR", "LEVEL", "QUIET", "GREETING", "LATE"]);
    const two = program.steps.find(({ start }) => start === 13);
    if (two === undefined) throw new Error("no step");
    expect(environmentLine(program, two, "SIZE")).toBe(10);
    expect(environmentLine(program, two, "COLOUR")).toBe(5);
    expect(environmentLine(program, two, "NOTHING")).toBeUndefined();
  });
});
