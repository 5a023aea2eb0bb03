import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { effectiveSettings } from "../../../src/cli/config/effective.ts";
import { type LoadedConfig, loadConfig } from "../../../src/cli/config/load-config.ts";
import { configText } from "../../../src/cli/config/print-config.ts";
import { readConfig } from "../../../src/cli/config/read-config.ts";
import { DEFAULT_SETTINGS } from "../../../src/console/settings.ts";

function problemsOf(text: string, scope: "user" | "project" = "user"): readonly string[] {
  return readConfig(text, "c.json", scope).problems;
}

describe("one file", () => {
  test("comments and trailing commas are no mistakes", () => {
    const { config, problems } = readConfig(
      '{\n // colours\n "ui": { "theme": "mono", },\n "notify": { "after": "2m" } }',
      "c.json",
      "user",
    );
    expect(problems).toEqual([]);
    expect(config).toEqual({ ui: { theme: "mono" }, notify: { after: 120_000 } });
  });

  test.each([
    [
      "a word that is not allowed",
      '{\n"ui": {\n"theme": "mno" } }',
      'c.json:3: ui.theme: must be one of "terminal", "high-contrast", "mono"',
    ],
    ["a wrong type", '{ "ui": { "mouse": "yes" } }', "c.json:1: ui.mouse: must be true or false"],
    [
      "a word in a list",
      '{ "shell": { "command": ["bash", 1] } }',
      'c.json:1: shell.command: must be a list of words, e.g. ["bash", "-l"]',
    ],
    [
      "an unknown key",
      '{ "ui": { "thmee": 1 } }',
      "c.json:1: ui.thmee: no such key, did you mean theme? ui has theme, ascii, mouse, animations, start, lower_pane, editor",
    ],
    ["a section that is none", '{ "shell": "bash" }', "c.json:1: shell: must be an object { … }"],
    ["no object", "[1]", "c.json:1: not an object { … }"],
    [
      "a syntax error",
      '{\n "ui": {\n  "mouse": tru\n} }',
      /^c\.json:3: invalid symbol: the file is left out$/,
    ],
    ["a hostile name", '{ "\\u001b]0;x": 1 }', /^c\.json:1: \^\[\]0;x: no such key/],
  ])("%s is reported with its place and what is allowed", (_name, text, problem) => {
    expect(problemsOf(text)).toEqual([
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    ]);
  });

  test.each([
    ["90s", 90_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["0", 0],
  ])("an engine may be waited for %s", (text, patience) => {
    const { config, problems } = readConfig(`{ "engine": { "patience": "${text}" } }`, "c.json", "user");
    expect({ config, problems }).toEqual({ config: { engine: { patience } }, problems: [] });
    const effective = effectiveSettings([{ config, from: () => "c.json:1" }]);
    expect(effective.settings.engine.patienceMs).toBe(patience);
  });

  test("how long an engine is waited for has a unit", () => {
    expect(problemsOf('{ "engine": { "patience": "5" } }')).toEqual([
      'c.json:1: engine.patience: must be a time such as "90s" or "10m", or "0": for ever',
    ]);
  });

  test("what is right beside a mistake holds", () => {
    const { config } = readConfig('{ "ui": { "theme": "mno", "mouse": true }, "x": 1 }', "c.json", "user");
    expect(config).toEqual({ ui: { mouse: true } });
  });

  test("a project's file may not run programs, switch questions off or change keys", () => {
    const text =
      '{ "target": "app", "break": ["3"], "ui": { "lower_pane": "info", "theme": "mono" }, "shell": { "command": ["evil"] }, "confirm": { "quit": false }, "keys": { "quit": ["n"] } }';
    const { config, problems } = readConfig(text, "c.json", "project");
    expect(config).toMatchObject({ target: "app", break: ["3"], ui: { lower_pane: "info" } });
    expect(effectiveSettings([{ config, from: () => "" }]).settings).toEqual({
      ...DEFAULT_SETTINGS,
      ui: { ...DEFAULT_SETTINGS.ui, lowerPane: "info" },
    });
    expect(problems.map((line) => line.split(": ")[1])).toEqual([
      "ui.theme",
      "shell.command",
      "confirm.quit",
      "keys.quit",
    ]);
  });
});

describe("all layers", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "bktui-config-"));
    await mkdir(join(directory, "bktui"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function load(
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    files: { readonly user?: string; readonly project?: string },
  ): Promise<LoadedConfig> {
    if (files.user !== undefined) await writeFile(join(directory, "bktui", "config.json"), files.user);
    if (files.project !== undefined) await writeFile(join(directory, ".bktui.json"), files.project);
    const invocation = parseArguments(argv, { env, cwd: directory });
    if (invocation.kind !== "debug" && invocation.kind !== "config") throw new Error(invocation.kind);
    const place = { dockerfile: join(directory, "Dockerfile"), env: { ...env, XDG_CONFIG_HOME: directory } };
    return await loadConfig(invocation.options, place);
  }

  function origin({ origins }: LoadedConfig, wanted: string): unknown {
    const found = origins.find(({ key }) => key === wanted);
    return found === undefined ? undefined : [found.value, found.from.replace(directory, "")];
  }

  test("an option is stronger than the environment, that than the project's file, that than the user's", async () => {
    const user = '{ "ui": { "theme": "mono", "lower_pane": "info", "mouse": true }, "target": "user" }';
    const project = '{ "ui": { "lower_pane": "breaks" }, "target": "project" }';
    const loaded = await load(
      ["--theme=terminal"],
      { BKTUI_THEME: "high-contrast", BKTUI_TARGET: "environment" },
      { user, project },
    );
    expect(origin(loaded, "ui.theme")).toEqual(["terminal", "--theme"]);
    expect(origin(loaded, "target")).toEqual(["environment", "BKTUI_TARGET"]);
    expect(origin(loaded, "ui.lower_pane")).toEqual(["breaks", "/.bktui.json:1"]);
    expect(origin(loaded, "ui.mouse")).toEqual([true, "/bktui/config.json:1"]);
    expect(origin(loaded, "ui.start")).toEqual(["entry", "default"]);
  });

  test("--no-project-config leaves the project's file alone", async () => {
    const loaded = await load(["--no-project-config"], {}, { project: '{ "target": "project" }' });
    expect(loaded.build.target).toBeUndefined();
    expect(loaded.files).toHaveLength(1);
  });

  test("a file that is named must be there", async () => {
    await expect(load(["--config=nowhere.json"], {}, {})).rejects.toMatchObject({ code: "not-found" });
  });

  test("bktui config says every setting with its origin, and what is wrong", async () => {
    const text = configText(
      await load(["config"], { BKTUI_ASCII: "1" }, { user: '{ "ui": { "thme": 1 } }' }),
    );
    expect(text).toMatch(/^ui\.ascii = true +BKTUI_ASCII$/m);
    expect(text).toMatch(/^shell\.leave = \["Ctrl-\]","F12"\] +default$/m);
    expect(text).toContain("did you mean theme?");
  });
});

describe("the environment", () => {
  function debug(env: Readonly<Record<string, string>>, argv: readonly string[] = []) {
    const invocation = parseArguments(argv, { env, cwd: "/" });
    if (invocation.kind !== "debug") throw new Error(invocation.kind);
    return invocation.options;
  }

  test("sets options that were not typed: values, lists by line, switches", () => {
    const { build, breakpoints, run, ui } = debug({
      BKTUI_TARGET: "app",
      BKTUI_BREAK: "11\napp:end",
      BKTUI_NO_CACHE: "1",
      BKTUI_RUN: "true",
      BKTUI_UI: "plain",
    });
    expect({
      target: build.target,
      noCache: build.noCache,
      breakpoints: breakpoints?.orders.length,
      run,
      ui,
    }).toEqual({
      target: "app",
      noCache: true,
      breakpoints: 2,
      run: true,
      ui: "plain",
    });
  });

  test("is weaker than what was typed", () => {
    expect(debug({ BKTUI_TARGET: "app", BKTUI_BREAK: "11" }, ["--target=lib", "-b", "3"])).toMatchObject({
      build: { target: "lib" },
      breakpoints: { orders: [{ spec: { kind: "line", line: 3 } }], alone: false },
    });
  });

  test("is refused in words, with the variable's name", () => {
    expect(() => debug({ BKTUI_UI: "fancy" })).toThrow(/fancy: not one of auto, full, plain/);
    expect(() => debug({ BKTUI_RUN: "perhaps" })).toThrow("BKTUI_RUN=perhaps: a switch is true or false");
  });

  test("what it does not know is not its business", () => {
    expect(debug({ BKTUI_SOMETHING: "x", BKTUI_TARGET: "" }).build.target).toBeUndefined();
  });
});
