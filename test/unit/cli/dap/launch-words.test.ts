import { describe, expect, test } from "vitest";
import { buildOptions } from "../../../../src/cli/commands.ts";
import { readLaunchBody } from "../../../../src/cli/dap/launch-body.ts";
import { launchWords } from "../../../../src/cli/dap/launch-words.ts";
import { optionKeys } from "../../../../src/cli/dap/option-keys.ts";
import type { DebugOptions } from "../../../../src/cli/debug-options.ts";
import { debugOptions, parse } from "../../../support/parsed-arguments.ts";

/** What is debugged when a client of a command line launches. */
function launched(argv: readonly string[], body: unknown): DebugOptions {
  const invocation = parse(...argv);
  if (invocation.kind !== "dap") throw new Error(`not dap: ${invocation.kind}`);
  const options = buildOptions();
  const launch = readLaunchBody("launch", body, optionKeys(options));
  return debugOptions(...launchWords(invocation.line, launch, options));
}

/** As editors start `docker buildx dap`: their words behind `docker`, and what they send. */
const STARTS: readonly {
  readonly client: string;
  readonly argv: readonly string[];
  readonly body: object;
  readonly expected: object;
}[] = [
  {
    client: "Docker DX",
    argv: ["buildx", "--builder", "far", "dap", "build", "--build-arg", "A=1", "--tag", "x"],
    body: {
      type: "dockerfile",
      request: "launch",
      name: "Docker: Build",
      dockerfile: "Dockerfile",
      contextPath: "/home/me/app",
      cwd: "/home/me/app",
      stopOnEntry: true,
      builder: "far",
      args: ["--build-arg", "A=1", "--tag", "x"],
      __configurationTarget: 6,
      __sessionId: "5b0c",
    },
    expected: {
      builder: "far",
      path: { path: "/home/me/app" },
      file: { text: "Dockerfile" },
      build: { buildArgs: { A: "1" }, tags: ["x"] },
    },
  },
  {
    client: "nvim-dap-docker",
    argv: ["buildx", "dap", "build", ""],
    body: {
      type: "dockerfile",
      request: "launch",
      name: "Dockerfile Configuration",
      dockerfile: "/home/me/app/Dockerfile",
      contextPath: "/home/me/app",
      args: [""],
    },
    expected: {
      path: { path: "/home/me/app" },
      file: { path: "/home/me/app/Dockerfile" },
      build: { tags: [], buildArgs: {} },
    },
  },
  {
    client: "nvim-dap-docker, standalone",
    argv: ["--builder", "far", "dap", "build", "--no-cache"],
    body: { dockerfile: "/home/me/app/Dockerfile", contextPath: "/home/me/app", args: ["--no-cache"] },
    expected: { builder: "far", build: { noCache: true } },
  },
  {
    client: "Zed",
    argv: ["buildx", "dap", "build"],
    body: {
      request: "launch",
      dockerfile: "/home/me/app/Dockerfile",
      contextPath: "/home/me/app",
      target: null,
      stopOnEntry: true,
      args: [],
    },
    expected: { path: { path: "/home/me/app" }, build: { target: undefined } },
  },
  {
    client: "LSP4IJ",
    argv: ["buildx", "dap", "build"],
    body: { request: "launch", dockerfile: "/home/me/app/Dockerfile", contextPath: "/home/me/app" },
    expected: { path: { path: "/home/me/app" }, file: { path: "/home/me/app/Dockerfile" } },
  },
];

test.each(STARTS)("a start of $client becomes a build", ({ argv, body, expected }) => {
  expect(launched(argv, body)).toMatchObject(expected);
});

describe("the body goes before the command line", () => {
  test("its context in the place of a path and of --context", () => {
    expect(launched(["dap", "."], { contextPath: "b" }).path.text).toBe("b");
    const { path, context } = launched(["dap", "--context", "c", "a/Dockerfile"], { contextPath: "b" });
    expect([path.text, context]).toEqual(["b", undefined]);
    expect(launched(["dap", "a"], {}).path.text).toBe("a");
    expect(launched(["dap"], {}).path).toMatchObject({ text: ".", isDefault: true });
  });

  test.each<[readonly string[], object, object]>([
    [["-f", "a"], { dockerfile: "b" }, { file: { text: "b" } }],
    [["--file=a"], { dockerfile: null }, { file: { text: "a" } }],
    [["--target", "a"], { target: "b" }, { build: { target: "b" } }],
    [["--target", "a"], { target: "" }, { build: { target: "a" } }],
    [["--no-cache"], { noCache: false }, { build: { noCache: false } }],
    [["--builder", "a"], { builder: "b" }, { builder: "b" }],
    [["--build-arg", "A=1"], { buildArgs: { A: 2, B: 3 } }, { build: { buildArgs: { A: "2", B: "3" } } }],
    [
      ["-b", "3"],
      { breakpoints: [4, "first"] },
      {
        breakpoints: { orders: [{ spec: { line: 3 } }, { spec: { line: 4 } }, { spec: { kind: "first" } }] },
      },
    ],
  ])("%j with %j", (words, body, expected) => {
    expect(launched(["dap", "build", ...words], body)).toMatchObject(expected);
  });
});

describe("args of the body", () => {
  test("that are on the command line count once", () => {
    expect(launched(["dap", "build", "-t", "x"], { args: ["-t", "x"] }).build.tags).toEqual(["x"]);
    expect(launched(["dap", "build", "-t", "x", ""], { args: ["-t", "x", ""] }).build.tags).toEqual(["x"]);
  });

  test("else they are typed behind it", () => {
    expect(launched(["dap", "build", "-t", "y"], { args: ["-t", "x"] }).build.tags).toEqual(["y", "x"]);
    expect(launched(["dap"], { args: ["--no-cache", "dir"] })).toMatchObject({
      build: { noCache: true },
      path: { text: "dir" },
    });
    expect(launched(["dap", "other"], { args: ["--no-cache", "dir"] }).path.text).toBe("dir");
  });
});

test.each([["doctor"], ["build"], ["dap"], ["-x"]])("a context that is called %s is a path", (name) => {
  expect(launched(["dap"], { contextPath: name }).path.path).toBe(`/home/me/${name}`);
});

test.each([["https://github.com/a/b.git#main"], ["-"]])("a context %s stays as it is", (contextPath) => {
  expect(launched(["dap"], { contextPath }).path.text).toBe(contextPath);
});

test("what is wrong on the command line is told when it is launched", () => {
  expect(() => launched(["dap", "build", "--no-such"], {})).toThrow("unknown option '--no-such'");
  expect(() => launched(["dap", "build"], { args: ["--on-error=dance"] })).toThrow("on-error");
});
