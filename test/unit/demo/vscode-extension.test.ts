import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { EXTENSION_MANIFEST, launchAttributes } from "../../../scripts/launch-keys.ts";
import { buildOptions } from "../../../src/cli/commands.ts";
import { readLaunchBody } from "../../../src/cli/dap/launch-body.ts";
import { optionKeys } from "../../../src/cli/dap/option-keys.ts";

const load = createRequire(import.meta.url);
const { TYPE, adapterCommand, completeEntry, whyMissing } = load("../../../demo/editors/vscode/adapter.js");
const manifest = JSON.parse(readFileSync(EXTENSION_MANIFEST, "utf8"));
const [debugType] = manifest.contributes.debuggers;

describe("the manifest", () => {
  test("has the launch keys that the program takes: npm run schema", () => {
    expect(debugType.configurationAttributes).toEqual(launchAttributes());
  });

  test("registers a type of its own, for Dockerfiles, with breakpoints in them", () => {
    expect(debugType.type).toBe(TYPE);
    expect(debugType.languages).toEqual(["dockerfile"]);
    expect(manifest.contributes.breakpoints).toEqual([{ language: "dockerfile" }]);
    expect(manifest.activationEvents).toContain(`onDebugResolve:${TYPE}`);
  });

  test("declares a title for each command that it puts into a menu", () => {
    const titled = manifest.contributes.commands.map((each: { command: string }) => each.command);
    const shown = Object.values(manifest.contributes.menus).flatMap((rows) =>
      (rows as { command: string }[]).map(({ command }) => command),
    );
    expect(new Set(shown)).toEqual(new Set(titled));
  });

  test("offers entries that the program reads without a remark, also one that attaches", () => {
    const attach = { type: TYPE, request: "attach", name: "x", server: "app", session: "web" };
    expect(readLaunchBody("attach", attach, []).notes).toEqual([]);
    const snippets = debugType.configurationSnippets.map((each: { body: object }) => each.body);
    for (const entry of [...debugType.initialConfigurations, ...snippets])
      expect(readLaunchBody("launch", entry, optionKeys(buildOptions())).notes).toEqual([]);
  });
});

describe("what is started", () => {
  test("is bktui of the PATH, or the program of the setting, where the entry or the workspace says", () => {
    const entry = { request: "launch" };
    expect(adapterCommand({ folder: "/src", entry })).toEqual({
      command: "bktui",
      args: ["dap", "build"],
      options: { cwd: "/src" },
    });
    const elsewhere = { ...entry, cwd: "/else" };
    const command = adapterCommand({ path: "/opt/bktui.js", folder: "/src", entry: elsewhere });
    expect(command).toMatchObject({ command: "/opt/bktui.js", options: { cwd: "/else" } });
    expect(adapterCommand({ path: "", entry })).toMatchObject({ command: "bktui", options: {} });
  });

  test("of an attach is the way to a bktui that waits, the only one or a named one", () => {
    const entry = { request: "attach" };
    expect(adapterCommand({ entry }).args).toEqual(["dap", "attach"]);
    expect(adapterCommand({ entry: { ...entry, server: "app" } }).args).toEqual(["dap", "attach", "app"]);
  });
});

test("a program that is not there is told with the setting that names it", () => {
  const there = { path: "/bin:/opt/bin", exists: (file: string) => file === "/opt/bin/bktui" };
  expect(whyMissing("bktui", there)).toBeUndefined();
  expect(whyMissing("/opt/bin/bktui", there)).toBeUndefined();
  expect(whyMissing("bktui", { ...there, path: "/bin" })).toMatch(/not on the PATH.*bktui\.path/);
  expect(whyMissing("/opt/bktui.js", there)).toMatch(/^bktui: \/opt\/bktui\.js is not there/);
});

describe("an entry", () => {
  const open = { file: "/src/app/Dockerfile", folder: "/src" };

  test("is made of the open Dockerfile when there is none", () => {
    const entry = completeEntry({}, open);
    expect(entry).toMatchObject({
      type: TYPE,
      request: "launch",
      dockerfile: open.file,
      contextPath: "/src",
    });
    expect(completeEntry({}, { file: open.file })).toMatchObject({ contextPath: "/src/app" });
    expect(completeEntry({}, { folder: "/src" })).toBeUndefined();
  });

  test("of type dockerfile stays as it is; without a context it gets the workspace", () => {
    const entry = { type: "dockerfile", request: "launch", name: "x", contextPath: "/other", target: "app" };
    expect(completeEntry(entry, open)).toEqual(entry);
    expect(completeEntry({ ...entry, contextPath: "" }, open)).toEqual({ ...entry, contextPath: "/src" });
  });

  test("that says what is built by arguments or a definition, or attaches, gets no context", () => {
    const entry = { type: TYPE, request: "launch", name: "x" };
    expect(completeEntry({ ...entry, args: ["."] }, open)).toEqual({ ...entry, args: ["."] });
    expect(completeEntry({ ...entry, llb: "plan.llb" }, open)).toEqual({ ...entry, llb: "plan.llb" });
    expect(completeEntry({ ...entry, request: "attach" }, open)).toEqual({ ...entry, request: "attach" });
  });
});
