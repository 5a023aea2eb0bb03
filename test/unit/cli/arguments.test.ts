import { describe, expect, test } from "vitest";
import { BktuiError } from "../../../src/base/errors.ts";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { commandTree } from "../../../src/cli/commands.ts";
import { takesNextWord } from "../../../src/cli/spellings.ts";
import { debugOptions, parse, refusal } from "../../support/parsed-arguments.ts";

type Place = { readonly path?: string; readonly file?: string; readonly context?: string };

describe("paths", () => {
  test.each([
    [["https://github.com/a/b.git#main:sub"], "https://github.com/a/b.git#main:sub"],
    [["--", "git@host:a/b"], "git@host:a/b"],
    [["-"], "-"],
  ])("%j stays as typed", (argv, text) => {
    expect(debugOptions(...argv).path.text).toBe(text);
  });

  test.each<[string, readonly string[], Place & { readonly run?: boolean }]>([
    ["nothing is the current directory", [], { path: "/home/me" }],
    ["a relative path starts at the current directory", ["app"], { path: "/home/me/app" }],
    [
      "-f is relative to the current directory, not to the path",
      ["-f", "x/D", "app"],
      { file: "/home/me/x/D" },
    ],
    ["-f may stand after the path", ["app", "-fx/D"], { path: "/home/me/app", file: "/home/me/x/D" }],
    ["--context overrides", ["D", "--context", ".."], { path: "/home/me/D", context: "/home" }],
    ["-- makes a command's name a path", ["--", "doctor"], { path: "/home/me/doctor" }],
    ["-- makes an option's name a path", ["--", "--run"], { path: "/home/me/--run", run: false }],
  ])("%s", (_name, argv, expected) => {
    const { path, file, context, run } = debugOptions(...argv);
    expect({ path: path.path, file: file?.path, context: context?.path, run }).toMatchObject(expected);
  });
});

test("debugger options", () => {
  const options = debugOptions(
    "-b",
    "11",
    "--break=app:end",
    "--run",
    "--ascii",
    "--no-color",
    "--engine=never",
    "-D",
  );
  expect(options).toMatchObject({
    breakpoints: {
      alone: false,
      orders: [{ spec: { kind: "line", line: 11 } }, { spec: { kind: "stage-end", stage: "app" } }],
    },
    run: true,
    ascii: true,
    color: false,
    enginePolicy: "never",
    debug: true,
  });
  expect(debugOptions().color).toBeUndefined();
  expect(debugOptions("--color").color).toBe(true);
});

describe("commands", () => {
  test("engine start takes its own options", () => {
    expect(parse("engine", "start", "--suite", "trixie")).toEqual({
      kind: "engine",
      action: "start",
      options: { kind: "auto", suite: "trixie" },
    });
  });

  test.each([
    [["--delve"], "127.0.0.1:5000"],
    [["--delve=127.0.0.1:5055"], "127.0.0.1:5055"],
    [["--delve", "127.0.0.1:5055"], "127.0.0.1:5055"],
  ])("engine start %j", (options, delve) => {
    expect(parse("engine", "start", ...options)).toMatchObject({ kind: "engine", options: { delve } });
  });

  test("engine start --containerd-store", () => {
    expect(parse("engine", "start", "--containerd-store")).toMatchObject({
      options: { containerdStore: true },
    });
  });

  test.each(["stop", "status", "purge"])("engine %s", (action) => {
    expect(parse("engine", action)).toEqual({ kind: "engine", action, options: {} });
  });

  test("config may be asked about an engine and a file of settings", () => {
    expect(parse("config", "--builder=dev", "--config", "x.json", "y")).toMatchObject({
      kind: "config",
      options: { builder: "dev", addr: undefined, configFile: "/home/me/x.json" },
    });
  });

  test("doctor may look at one address", () => {
    expect(parse("doctor", "--addr", "unix:///x")).toEqual({
      kind: "doctor",
      options: { addr: "unix:///x" },
    });
    expect(parse("doctor", "--builder=dev")).toEqual({ kind: "doctor", options: { builder: "dev" } });
    expect(parse("doctor")).toEqual({ kind: "doctor", options: {} });
  });

  test.each([
    [["--help"], /Usage: bktui \[OPTIONS\]/],
    [["-h", "app"], /Build options, as for docker build:/],
    [["engine"], /Usage: bktui engine COMMAND/],
    [["engine", "start", "--help"], /--suite/],
    [["--help", "doctor"], /Usage: bktui doctor/],
  ])("%j shows help", (argv, text) => {
    const invocation = parse(...argv);
    expect(invocation).toMatchObject({ kind: "help", text: expect.stringMatching(text) });
  });

  test("help fits into 80 columns", () => {
    const invocation = parse("--help");
    const rows = invocation.kind === "help" ? invocation.text.split("\n") : [];
    expect(rows.filter((row) => row.length > 80)).toEqual([]);
    expect(rows.length).toBeGreaterThan(20);
  });

  test("--version", () => {
    expect(parse("--version")).toEqual({ kind: "version" });
  });
});

describe("a wrong command line is refused as usage", () => {
  test.each<[string, readonly string[], RegExp, RegExp]>([
    ["an option that is near another", ["--taget", "x"], /unknown option '--taget'/, /did you mean --target/],
    ["an option that is near nothing", ["--zzz"], /unknown option '--zzz'/, /--help/],
    ["a missing value", ["--target"], /--target/, /--help/],
    [
      "a switch that is neither on nor off",
      ["--pull=often"],
      /--pull=often: a switch is true or false/,
      /^$/,
    ],
    ["two paths", ["a", "b"], /more than one path/, /--help/],
    ["a name for --serve apart", ["--run", "--serve", "a", "b"], /more than one path/, /write --serve=a$/],
    ["a path after doctor", ["doctor", "x"], /doctor/, /--help/],
    ["an unknown engine command", ["engine", "strat"], /unknown command 'strat'/, /did you mean start/],
    ["an option before a command", ["--target", "x", "doctor"], /--target does not belong/, /\.\/doctor/],
    ["an unknown policy", ["--engine=maybe"], /--engine maybe: not one of auto, ask, never/, /^$/],
    ["a time without a unit", ["--engine-patience=5"], /--engine-patience 5: not a time such as/, /^$/],
    ["an unknown suite", ["engine", "start", "--suite", "potato"], /--suite potato: not one of/, /^$/],
    ["a limit without a value", ["--ulimit=nofile"], /not NAME=SOFT/, /nofile=1024:2048/],
    ["an unknown limit", ["--ulimit=files=3"], /no limit is called "files"/, /nofile/],
    ["a soft limit above the hard one", ["--ulimit=nofile=9:3"], /above the hard one/, /^$/],
    ["a size that is none", ["--shm-size=big"], /not a size/, /64m/],
    ["a breakpoint nowhere", ["-b", "app"], /--break app/, /-b app:end/],
    ["a breakpoint on line 0", ["-b", "0"], /--break 0/, /-b 11/],
  ])("%s", (_name, argv, message, hint) => {
    const error = refusal(...argv);
    expect(error.code).toBe("usage");
    expect(error.message).toMatch(message);
    expect(error.hint ?? "").toMatch(hint);
  });
});

describe("docker's own words in front", () => {
  const pathOf = (...argv: readonly string[]): string | undefined => {
    const invocation = parseArguments(argv, { env: {}, cwd: "/src" });
    return invocation.kind === "debug" ? invocation.options.path.path : invocation.kind;
  };

  const hintOf = (...argv: readonly string[]): string | undefined => {
    try {
      return pathOf(...argv);
    } catch (error) {
      return error instanceof BktuiError ? error.hint : undefined;
    }
  };

  test("mean what they mean for docker, also where a directory has that name", () => {
    expect(pathOf("build", ".")).toBe("/src");
    expect(pathOf("build")).toBe("/src");
    expect(pathOf("build", "build")).toBe("/src/build");
    expect(pathOf("./build")).toBe("/src/build");
    expect(pathOf("--run", "--target=x", "build", "y")).toBe("/src/y");
    expect(pathOf("buildx", "build", "--target", "build", "y")).toBe("/src/y");
    expect(pathOf("docker", "buildx", "b", "y")).toBe("/src/y");
    expect(pathOf("docker", "--config", "build", "buildx", "--builder=x", "build", "y")).toBe("/src/y");
    expect(pathOf("build", "--help")).toBe("help");
    // Behind it nothing is a command of ours.
    expect(pathOf("build", "engine")).toBe("/src/engine");
    expect(pathOf("build", "-t", "config", "doctor")).toBe("/src/doctor");
    expect(pathOf("engine", "status")).toBe("engine");
    expect(pathOf("--target", "build", "y")).toBe("/src/y");
  });

  test("stand behind options as well, with values or without", () => {
    for (const options of [
      ["-f", "D"],
      ["--target", "x"],
      ["-D"],
      ["-Df", "D"],
      ["-fD"],
      ["--no-cache"],
      ["-t", "build"],
    ])
      expect(pathOf(...options, "build", "y")).toBe("/src/y");
    expect(pathOf("--", "build")).toBe("/src/build");
    expect(pathOf("-f", "build", "y")).toBe("/src/y");
  });

  test("make a path of the name of a command also behind options", () => {
    for (const options of [["--no-cache"], ["-D"], ["--target=x"], ["--target", "x"], ["-f", "engine"]])
      expect(pathOf("build", ...options, "config")).toBe("/src/config");
    expect(pathOf("build", "config", "--run")).toBe("/src/config");
    expect(pathOf("build", "--", "config")).toBe("/src/config");
  });

  test("are told from values: which options take one is known", () => {
    const { options } = commandTree({
      debug() {},
      bake() {},
      engine() {},
      doctor() {},
      config() {},
      open() {},
      history() {},
      attach() {},
      dump() {},
      mcp() {},
      plugin() {},
    });
    for (const { short, long, required } of options)
      for (const flag of [short, long])
        if (flag !== undefined) expect([flag, takesNextWord(flag, options)]).toEqual([flag, required]);
  });

  test("of compose, and the console's own, are refused with what to do", () => {
    expect(() => pathOf("compose", "build")).toThrow(/bktui builds images, it runs no services$/);
    expect(() => pathOf("bundle", "f.dockerbuild")).toThrow(
      /^bundle is given to a debugger: on the screen :bundle FILE/,
    );
    expect(pathOf("bundle")).toBe("/src/bundle");
    expect(hintOf("-f", "D", "compose", "up")).toMatch(/ \.\/compose$/);
    expect(hintOf("docker", "compose", "up")).toMatch(/bktui bake -f compose\.yaml SERVICE$/);
  });
});

test("without an option about it nothing is exported of a failure", () => {
  const invocation = parseArguments(["--run", "."], { env: {}, cwd: "/" });
  expect(invocation).toMatchObject({ kind: "debug" });
  if (invocation.kind === "debug") expect(invocation.options.typedExport).toEqual({ failedOutput: [] });
});
