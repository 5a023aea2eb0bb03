import { expect, test } from "vitest";
import { parseArguments } from "../../../../src/cli/arguments.ts";
import type { BakeLine } from "../../../../src/cli/bake/bake-command.ts";

function lineOf(...argv: readonly string[]): BakeLine {
  const invocation = parseArguments(argv, { env: {}, cwd: "/src" });
  if (invocation.kind !== "bake") throw new Error(`${invocation.kind} instead of bake`);
  return invocation.line;
}

test("bake's own options are told from those of the debugger, in any order and spelling", () => {
  const line = lineOf(
    "--run",
    "bake",
    "-fa.hcl",
    "--file",
    "b.hcl",
    "web",
    "--set=*.args.V=-1",
    "--ui",
    "plain",
  );
  expect(line).toEqual({
    files: ["a.hcl", "b.hcl"],
    bakeWords: ["--file=a.hcl", "--file=b.hcl", "--set=*.args.V=-1"],
    buildWords: ["--run", "--ui=plain"],
    allowed: [],
    targets: ["web"],
    only: undefined,
  });
  expect(
    lineOf("docker", "buildx", "bake", "--no-cache", "--pull=false", "--allow=network.host", "a", "b"),
  ).toEqual({
    files: [],
    bakeWords: ["--allow=network.host", "--no-cache"],
    buildWords: [],
    allowed: ["network.host"],
    targets: ["a", "b"],
    only: undefined,
  });
  expect(lineOf("buildx", "f", "-D", "-b", "3", "-b", "7", "--no-color").buildWords).toEqual([
    "--break=3",
    "--break=7",
    "--no-color",
    "--debug",
  ]);
});

test("print and list are bktui's to do, and what nobody knows is refused", () => {
  expect(lineOf("bake", "--print", "web")).toMatchObject({ only: "print", bakeWords: [], targets: ["web"] });
  expect(lineOf("bake", "--list", "targets")).toMatchObject({ only: "list", bakeWords: ["--list=targets"] });
  expect(() => lineOf("bake", "--sett", "x")).toThrow(/unknown option '--sett'/);
  expect(parseArguments(["bake", "--help"], { env: {}, cwd: "/" })).toMatchObject({ kind: "help" });
  expect(parseArguments(["./bake"], { env: {}, cwd: "/src" })).toMatchObject({ kind: "debug" });
});
