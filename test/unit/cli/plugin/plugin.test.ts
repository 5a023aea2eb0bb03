/** The script before docker's plugin, on real files, run by the real shell. */
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PluginPlaces } from "../../../../src/cli/front-ends.ts";
import type { PluginAction } from "../../../../src/cli/plugin/plugin-command.ts";
import { type PluginRun, runPlugin } from "../../../../src/cli/plugin/run-plugin.ts";
import { parse } from "../../../support/parsed-arguments.ts";
import { type Ended, run } from "../../../support/program.ts";

/** Says who it is and with what it was started, and ends with 7. */
function echo(name: string): string {
  return `#!/bin/sh\necho "${name}$0"\nfor each; do echo "[$each]"; done\ncat\nexit 7\n`;
}

class Machine implements AsyncDisposable {
  readonly path: string;
  readonly places: PluginPlaces;
  readonly bktui: string;

  private constructor(path: string) {
    this.path = path;
    const place = (name: string): string => join(path, name);
    // A name that a shell would take apart.
    this.places = {
      first: [place("extra")],
      own: place("own's $HOME `x`"),
      others: [place("lib"), place("libexec")],
    };
    this.bktui = join(path, 'a "b" $c', "bktui.js");
  }

  static async start(): Promise<Machine> {
    const machine = new Machine(await mkdtemp(join(tmpdir(), "bktui-plugin-")));
    const { first, own, others } = machine.places;
    for (const each of [...first, own, ...others, join(machine.bktui, "..")])
      await mkdir(each, { recursive: true });
    await writeFile(machine.bktui, echo("bktui "));
    return machine;
  }

  get script(): string {
    return join(this.places.own, "docker-buildx");
  }

  async plugin(directory: string, name = "real "): Promise<string> {
    const path = join(directory, "docker-buildx");
    await writeFile(path, echo(name));
    await chmod(path, 0o755);
    return path;
  }

  async do(action: PluginAction, own: Partial<PluginRun> = {}): Promise<{ text: string; exitCode: number }> {
    const ownCommand = ["/bin/sh", this.bktui];
    return await runPlugin(
      action,
      { dap: true },
      { ownCommand, places: this.places, platform: "linux", ...own },
    );
  }

  async start(...args: readonly string[]): Promise<Ended> {
    return await run(this.script, args, { input: "typed\n" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** `[a][b]` of the words that it was started with. */
function wordsOf({ stdout }: Ended): readonly string[] {
  return [...stdout.matchAll(/^\[(.*)\]$/gm)].map(([, word = ""]) => word);
}

describe("what the script takes", () => {
  test.each<[readonly string[], readonly string[]]>([
    [
      ["buildx", "dap", "build", "."],
      ["docker", "buildx", "dap", "build", "."],
    ],
    [
      ["buildx", "--builder", "dap", "dap", "build", "a b", ""],
      ["docker", "buildx", "--builder", "dap", "dap", "build", "a b", ""],
    ],
    [
      ["--context", "buildx", "buildx", "dap"],
      ["docker", "--context", "buildx", "buildx", "dap"],
    ],
    [
      ["-D", "--host=x", "buildx", "-D", "dap"],
      ["docker", "-D", "--host=x", "buildx", "-D", "dap"],
    ],
    [
      ["dap", "build", "$(x)"],
      ["dap", "build", "$(x)"],
    ],
  ])("%j", async (args, words) => {
    await using machine = await Machine.start();
    await machine.plugin(machine.places.own);
    await machine.do("install");
    const ended = await machine.start(...args);
    expect(ended.stdout).toMatch(/^bktui /);
    expect(wordsOf(ended)).toEqual(words);
    expect(ended.stdout).toMatch(/^typed$/m);
    expect(ended.exitCode).toBe(7);
  });

  test.each<[readonly string[]]>([
    [["docker-cli-plugin-metadata"]],
    [["buildx", "version"]],
    [["buildx", "build", "dap"]],
    [["buildx", "--builder", "dap", "build", "."]],
    [["--context", "dap", "buildx", "ls"]],
    [["buildx", "buildx", "dap"]],
    [["__complete", "buildx", "dap"]],
    [["buildx"]],
    [[]],
  ])("%j goes to docker's own", async (args) => {
    await using machine = await Machine.start();
    await machine.plugin(machine.places.own);
    await machine.do("install");
    const ended = await machine.start(...args);
    expect(ended.stdout).toMatch(/^real /);
    expect(wordsOf(ended)).toEqual(args);
    expect(ended.stdout).toMatch(/^typed$/m);
    expect(ended.exitCode).toBe(7);
  });
});

describe("install and remove", () => {
  test("before a plugin of the system", async () => {
    await using machine = await Machine.start();
    const real = await machine.plugin(machine.places.others[1] ?? "");
    expect((await machine.do("status")).exitCode).toBe(1);
    expect((await machine.do("install")).text).toContain(`everything else goes to ${real}`);
    expect(await machine.do("status")).toMatchObject({ exitCode: 0 });
    expect(await readdir(machine.places.own)).toEqual(["docker-buildx"]);
    expect((await machine.start("buildx", "ls")).stdout).toContain(real);
    await machine.do("remove");
    expect(await readdir(machine.places.own)).toEqual([]);
    expect((await machine.do("remove")).text).toMatch(/^nothing to remove/);
  });

  test("before a plugin of the user, which may be a link", async () => {
    await using machine = await Machine.start();
    const real = await machine.plugin(machine.path);
    await symlink("../docker-buildx", machine.script);
    await machine.do("install");
    expect(await readdir(machine.places.own)).toEqual(["buildx.before-bktui", "docker-buildx"]);
    expect((await machine.start("buildx", "ls")).stdout).toMatch(/^real .*before-bktui$/m);
    expect(await machine.do("status")).toMatchObject({ exitCode: 0 });
    await machine.do("remove");
    expect(await readdir(machine.places.own)).toEqual(["docker-buildx"]);
    expect((await lstat(machine.script)).isSymbolicLink()).toBe(true);
    expect(await readFile(machine.script, "utf8")).toBe(await readFile(real, "utf8"));
  });

  test("twice is once", async () => {
    await using machine = await Machine.start();
    await machine.plugin(machine.places.own);
    await machine.do("install");
    const before = await readFile(machine.script, "utf8");
    expect((await machine.do("install")).text).toMatch(/^already installed/);
    expect(await readFile(machine.script, "utf8")).toBe(before);
    await machine.do("install", { ownCommand: ["/bin/sh", "/other/bktui.js"] });
    expect(await readFile(machine.script, "utf8")).toContain("/other/bktui.js");
    expect(await machine.do("status")).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining("another bktui"),
    });
    await machine.do("remove");
    expect(await readFile(machine.script, "utf8")).toBe(echo("real "));
  });

  test("a plugin that was put in place of the script stays, and can have it again", async () => {
    await using machine = await Machine.start();
    await machine.plugin(machine.places.own, "old ");
    await machine.do("install");
    await machine.plugin(machine.places.own, "new ");
    expect(await machine.do("status")).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining("kept by an earlier"),
    });
    expect((await machine.do("remove")).text).toMatch(/^nothing to remove.*stays as it is/);
    expect(await readFile(machine.script, "utf8")).toBe(echo("new "));
    await machine.do("install");
    expect((await machine.start("buildx")).stdout).toMatch(/^new /);
    expect((await machine.do("remove")).text).toContain("an earlier one is still there");
    expect(await readFile(machine.script, "utf8")).toBe(echo("new "));
    expect(await readFile(join(machine.places.own, "buildx.before-bktui"), "utf8")).toBe(echo("old "));
  });

  test("a plugin that was moved aside by an install that was killed comes back", async () => {
    await using machine = await Machine.start();
    await writeFile(join(machine.places.own, "buildx.before-bktui"), echo("real "), { mode: 0o755 });
    await machine.do("install");
    expect((await machine.start("buildx")).stdout).toMatch(/^real /);
    await rm(machine.script);
    await machine.do("remove");
    expect(await readFile(machine.script, "utf8")).toBe(echo("real "));
  });

  test("without docker's plugin it says what to do, and nothing is there", async () => {
    await using machine = await Machine.start();
    await expect(machine.do("install")).rejects.toMatchObject({
      code: "unsupported",
      hint: expect.stringContaining("docker-buildx-plugin"),
    });
    expect(await readdir(machine.places.own)).toEqual([]);
  });

  test("where docker would not come to it, it is refused", async () => {
    await using machine = await Machine.start();
    await machine.plugin(machine.places.own);
    const shadow = await machine.plugin(machine.places.first[0] ?? "");
    await expect(machine.do("install")).rejects.toThrow(shadow);
    await rm(shadow);
    await machine.do("install");
    await machine.plugin(machine.places.first[0] ?? "");
    expect(await machine.do("status")).toMatchObject({ exitCode: 1, text: expect.stringContaining(shadow) });
  });

  test("what has gone since is told of: bktui, and docker's plugin", async () => {
    await using machine = await Machine.start();
    const real = await machine.plugin(machine.places.others[0] ?? "");
    await machine.do("install");
    await rm(machine.bktui);
    const ended = await machine.start("buildx", "dap");
    expect([ended.exitCode, ended.stderr]).toEqual([
      127,
      expect.stringContaining("bktui plugin install --dap"),
    ]);
    await rm(real);
    const gone = await machine.start("buildx", "ls");
    expect([gone.exitCode, gone.stderr]).toEqual([127, expect.stringContaining("bktui plugin remove")]);
    expect(await machine.do("status")).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining("is gone"),
    });
    await machine.do("remove");
    expect(await readdir(machine.places.own)).toEqual([]);
  });

  test("a plugin of the system that moves is found again by the script", async () => {
    await using machine = await Machine.start();
    const [first = "", second = ""] = machine.places.others;
    await machine.plugin(second);
    await machine.plugin(first);
    await machine.do("install");
    await rm(join(first, "docker-buildx"));
    expect((await machine.start("buildx", "ls")).stdout).toContain(second);
  });
});

test("how it is spelled", async () => {
  expect(parse("plugin", "install", "--dap")).toEqual({
    kind: "plugin",
    action: "install",
    options: { dap: true },
  });
  expect(parse("plugin", "status")).toEqual({ kind: "plugin", action: "status", options: {} });
  expect(parse("build", "plugin").kind).toBe("debug");
  await using machine = await Machine.start();
  const options = { ownCommand: [], places: machine.places, platform: "linux" as const };
  await expect(runPlugin("install", {}, options)).rejects.toMatchObject({
    code: "usage",
    hint: "bktui plugin install --dap",
  });
  await expect(machine.do("install", { platform: "win32" })).rejects.toMatchObject({ code: "unsupported" });
});
