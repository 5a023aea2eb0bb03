import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { busyboxContext, forEachEngine, testEngines } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { runBktui } from "../support/program.ts";
import { relayToBuildkit } from "../support/relay.ts";
import { Terminal } from "../support/terminal.ts";

const NO_ENGINE = { DOCKER_HOST: "unix:///nowhere/none.sock" };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-bad-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** Starts a program in a directory that is deleted before it begins. */
function inDeleted(parent: string): readonly string[] {
  return ["sh", "-c", 'mkdir "$0/gone" && cd "$0/gone" && rmdir "$0/gone" && exec "$@"', parent];
}

describe("what cannot be debugged is refused before anything runs, with words and exit code", () => {
  test.each([
    ["a missing file", ["Dockerfile.nope"], 1, /Dockerfile\.nope: no such file/],
    ["a directory without a Dockerfile", ["."], 1, /no Dockerfile in \//],
    ["an empty Dockerfile", ["empty"], 1, /\/empty is empty[\s\S]*FROM/],
    ["a binary Dockerfile", ["binary"], 1, /\/binary .*(binary|not text)/],
    ["a missing secret", ["--secret", "id=x,src=nope", "good"], 1, /secret "x" .*\/nope: no such file/],
    ["an unknown option", ["--no-cahce", "."], 125, /unknown option '?--no-cahce'?[\s\S]*--no-cache/],
    ["the same of dap, without a client", ["dap", "--no-cahce"], 125, /'--no-cahce'[\s\S]*--no-cache/],
  ] as const)("%s", async (_name, args, exitCode, words) => {
    await writeFile(join(directory, "good"), "FROM scratch\n");
    await writeFile(join(directory, "empty"), "");
    await writeFile(join(directory, "binary"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]));
    const ended = await runBktui(args, { cwd: directory, env: NO_ENGINE });
    expect(ended).toMatchObject({ exitCode, stdout: "" });
    expect(ended.stderr).toMatch(words);
    expect(ended.stderr).not.toMatch(/\n +at /);
  });

  test("with --debug the stack names places of the source, whatever the bundle calls them", async () => {
    const ended = await runBktui(["--debug", "--run", "."], { cwd: directory, env: NO_ENGINE });
    expect(ended.exitCode).toBe(1);
    const places = ended.stderr.match(/^ +at .*$/gm)?.filter((line) => !line.includes("node:")) ?? [];
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) expect(place).toMatch(/ \(?(?:src|node_modules)\/\S+\.[jt]s:\d+:\d+\)?$/);
  });

  test.each([[["."]], [["dap"]], [["mcp"]], [["--run", "/"]], [["doctor"]]])(
    "a current directory that was deleted: %j",
    async (args) => {
      const ended = await runBktui(args, { wrapper: inDeleted(directory), env: NO_ENGINE });
      expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
      expect(ended.stderr).toContain(`the current directory, ${directory}/gone, has been deleted`);
      expect(ended.stderr).toContain("go to a directory that exists");
      expect(ended.stderr).not.toMatch(/uv_cwd|\n +at /);
    },
  );

  test.each([
    [["--help"], /^Usage: bktui/],
    [["dap", "--help"], /bktui dap attach/],
    [["--version"], /^bktui \d/],
  ])("%j answers without a current directory", async (args, words) => {
    const ended = await runBktui(args, { wrapper: inDeleted(directory) });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ended.stdout).toMatch(words);
  });

  test("no engine: what was tried, and what to do", async () => {
    await writeFile(join(directory, "Dockerfile"), "FROM scratch\n");
    const ended = await runBktui(["--run", "."], { cwd: directory, env: NO_ENGINE });
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toMatch(/none\.sock/);
    expect(ended.stderr).toMatch(/DOCKER_HOST/);
  });

  test("no engine on the screen: it can be tried again and left", async () => {
    await writeFile(join(directory, "Dockerfile"), "FROM scratch\n");
    await using terminal = await Terminal.start({ args: [directory], env: NO_ENGINE });
    await terminal.until(/none\.sock[\s\S]*r +try again/);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(1);
    expect(terminal.modesLeftOn()).toEqual([]);
  });
});

forEachEngine((engine) => {
  test.each([
    ["CRLF line ends", (text: string) => text.replaceAll("\n", "\r\n")],
    ["a byte order mark", (text: string) => `\ufeff${text}`],
    ["10,000 lines", (text: string) => `${"# a comment\n".repeat(10_000)}${text}`],
  ])("a Dockerfile with %s is built, and its lines are its own", async (_name, change) => {
    const text = 'FROM scratch\nADD busybox /bin/busybox\nRUN ["/bin/busybox", "false"]\n';
    await using context = await busyboxContext({ files: { Dockerfile: change(text) } });
    const { exitCode, stderr } = await runBktui(["--run", context.path], { engine });
    expect(exitCode).toBe(1);
    const line = change(text).split("\n").length - 1;
    expect(stderr).toMatch(
      new RegExp(`^step 2/2 failed: exit code 1(?: after \\S+)? · line ${line}: RUN`, "m"),
    );
    expect(stderr).not.toMatch(/\r(?!\n)|\r\n/);
  });

  test("a Dockerfile of 10,000 lines opens at its first step", async () => {
    const dockerfile = `${"# a comment\n".repeat(10_000)}FROM scratch\nADD busybox /bin/busybox\n`;
    await using fx = await Fx.loaded(engine, { dockerfile });
    await fx.terminal.until(/line 10002\/10002[\s\S]*^ > +10002 · ADD busybox/m);
  });

  test("an engine that goes away is told, and the build comes back with its breakpoints", async () => {
    await using relay = await relayToBuildkit(engine);
    const viaRelay = { ...engine, kind: "buildkitd", dockerHost: relay.address.text } as const;
    await using fx = await Fx.loaded(viaRelay, { args: ["-b", "9"] });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED before step 6\/8/);
    relay.cut();
    await terminal.untilRow(1, /LOST/);
    terminal.type("6");
    await terminal.until(/1 +● +.*9/);
    // It is connected to again, and the build comes back to where it was.
    await terminal.untilRow(1, /PAUSED before step 6\/8/);
  });
});

test("R17 · a context file that cannot be read is named, and never sent as empty", async () => {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("there is no engine");
  await using context = await busyboxContext({
    files: { Dockerfile: "FROM scratch\nCOPY in /in\n", "in/locked.txt": "x" },
  });
  await chmod(join(context.path, "in/locked.txt"), 0);
  const { exitCode, stderr } = await runBktui(["--run", context.path], { engine, asOrdinaryUser: true });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/context file "in\/locked\.txt" cannot be read/);
  expect(stderr).toMatch(/failed: [\s\S]*in\/locked\.txt/);
});
