/** bktui as npm installs it, on every line of Node it is made for, from the second start on: what is loaded late is there. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { debugBuild } from "../support/dap-program.ts";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { keptCodeIn } from "../support/kept-code.ts";
import { type InstalledProgram, installedProgram, nodeOfVersion } from "../support/node-versions.ts";
import { run } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";

/** The oldest that package.json allows, and one of each later line. */
const VERSIONS = ["20.19.0", "22.23.5", "24.22.3", "26.12.1"] as const;

const DOCKERFILE = `FROM scratch AS lib
COPY busybox /opt/busybox
FROM lib AS app
COPY Dockerfile /a-file
`;
const EDITOR = '#!/bin/sh\necho "EDITOR $1"\nread -r key\n';

const [engine] = testEngines();
/** For an editor in a pane; as package.json has it for the tests. */
const PTY = "node-pty@1.2.0-beta.15";
/** Why there is nothing to test with. */
let missing = "";
let program: InstalledProgram | undefined;
/** With what only some users want beside it. */
let withPty: InstalledProgram | undefined;

beforeAll(async () => {
  try {
    program = await installedProgram();
    withPty = await installedProgram([PTY]);
    for (const version of VERSIONS) await nodeOfVersion(version);
  } catch (error) {
    if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(String(error))) throw error;
    missing = `the npm registry cannot be reached: ${error}`;
  }
}, 300_000);
afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  await withPty?.[Symbol.asyncDispose]();
});

test("nothing is installed but bktui itself, without a warning, and its menus open", async ({ skip }) => {
  if (program === undefined || missing !== "") return skip(missing);
  expect(program.packages).toEqual(["node_modules/bktui"]);
  expect(program.said).toMatch(/^\s*added 1 package in \w+\s*$/);
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
  await using terminal = await Terminal.start({
    args: [program.path, context.path],
    command: process.execPath,
    ...(engine === undefined ? {} : { engine }),
  });
  await terminal.untilRow(1, /LOADED/);
  terminal.type("T");
  await terminal.until(/│ Target stage[\s\S]*lib +from scratch[\s\S]*app +from lib/);
  terminal.key("Escape");
  await terminal.until((rows) => !rows.some((row) => /│ Target stage/.test(row)));
  terminal.type(":set editor pane\re");
  await terminal.until(/no editor in a pane: node-pty is not installed beside bktui/);
  await leave(terminal);
});

test("with node-pty beside it nothing else is installed than what that brings", async ({ skip }) => {
  if (withPty === undefined || missing !== "") return skip(missing);
  const { packages } = withPty;
  expect(packages).toEqual(["node_modules/bktui", "node_modules/node-addon-api", "node_modules/node-pty"]);
});

for (const version of VERSIONS) {
  test(`Node ${version}: every part that is loaded late opens in the second start`, async ({ skip }) => {
    if (withPty === undefined || missing !== "") return skip(missing);
    const { path } = withPty;
    const node = await nodeOfVersion(version);
    const home = await mkdtemp(join(tmpdir(), "bktui-versions-"));
    try {
      await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE, vi: EDITOR } });
      await chmod(join(context.path, "vi"), 0o755);
      const env = { HOME: home, PATH: withBusybox(), EDITOR: "./vi", VISUAL: "" };
      const start = async (): Promise<Terminal> => {
        const terminal = await Terminal.start({
          command: node,
          args: [path, context.path],
          env,
          ...(engine === undefined ? {} : { engine }),
        });
        await terminal.untilRow(1, /LOADED/);
        return terminal;
      };
      const code = join(home, ".cache", "bktui", "code");
      {
        await using first = await start();
        await leave(first);
      }
      const kept = await keptCodeIn(code);
      await using second = await start();
      await openEverything(second);
      await leave(second);
      expect((await keptCodeIn(code)).inode, "the code of the first start was used").toBe(kept.inode);

      const status = await run(node, [path, "engine", "status"], { env });
      expect(status).toEqual({ exitCode: 3, stdout: "does not run\n", stderr: "" });
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
}

for (const version of VERSIONS) {
  test(`Node ${version}: a server of an editor says nothing beside the protocol, and its second start takes the kept code`, async ({
    skip,
  }) => {
    if (withPty === undefined || missing !== "") return skip(missing);
    if (engine === undefined) return skip("no engine");
    const command = [await nodeOfVersion(version), withPty.path];
    const home = await mkdtemp(join(tmpdir(), "bktui-versions-"));
    try {
      const session = async (): Promise<number> => {
        await using build = await debugBuild(engine, {
          files: { Dockerfile: DOCKERFILE },
          env: { HOME: home },
          command,
        });
        const { client } = build;
        await build.begin();
        await client.request("next", { threadId: 1 });
        expect((await client.stop()).stopped.reason).toBe("step");
        const { result } = await client.request("evaluate", { expression: "exec", context: "repl" });
        expect(result).toMatch(/attach --shell/);
        await client.request("disconnect", {});
        expect(await build.ended()).toBe(0);
        expect(build.stderr()).toBe("");
        return (await keptCodeIn(join(home, ".cache", "bktui", "code"), "dap")).inode;
      };
      const first = await session();
      expect(await session(), "the code of the first start was used").toBe(first);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
}

async function openEverything(terminal: Terminal): Promise<void> {
  terminal.type("T");
  await terminal.until(/│ Target stage[\s\S]*lib +from scratch[\s\S]*app +from lib/);
  terminal.key("Up", "Enter");
  await terminal.untilRow(1, /^ bktui Dockerfile:lib .* LOADED/);
  terminal.type("R");
  await terminal.until(/│ Rerun[\s\S]*without the cache/);
  terminal.key("Escape");
  await terminal.until((rows) => !rows.some((row) => /│ Rerun/.test(row)));

  terminal.type(":set editor pane\re");
  await terminal.until(
    (rows) => /^ bktui /.test(rows[0] ?? "") && rows.some((row) => /^EDITOR \+\d/.test(row)),
  );
  terminal.type("\r");
  await terminal.until((rows) => !rows.some((row) => /^EDITOR/.test(row)));

  terminal.type("c");
  await terminal.untilRow(1, /FINISHED/);
  terminal.type("!");
  await terminal.until(/no \/bin\/sh here[\s\S]*2 +shell of the debug root/);
  terminal.type("2");
  await terminal.until(/debug-root@1\/1 AFTER \/target #$/m);
  terminal.type("ls opt; exit 0\r");
  await terminal.until(/shell exited with 0[\s\S]*^busybox$/m);
}

async function leave(terminal: Terminal): Promise<void> {
  terminal.type("q");
  expect((await terminal.left()).exitCode).toBeLessThan(2);
}

/** As on a machine where it is installed: nothing has to be fetched for the debug root. */
function withBusybox(): string {
  return `${dirname(inject("busybox"))}:${process.env["PATH"] ?? ""}`;
}
