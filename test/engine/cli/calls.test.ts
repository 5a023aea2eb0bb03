/** `--call` and `--check` print what docker prints, with its exit code. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dockerBuildx } from "../../support/docker-client.ts";
import { forEachEngine } from "../../support/engines.ts";
import type { Ended } from "../../support/program.ts";
import { type Ran, runWithoutTerminal } from "../../support/without-terminal.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "bktui-calls-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const FULL = [
  "# the base of all",
  "FROM busybox:1.36 AS base",
  "# which version",
  "ARG VERSION=1.2",
  "RUN --mount=type=secret,id=tok,required=true --mount=type=ssh true",
  "",
  "from base as app",
  "ARG X",
  "RUN echo $X",
  "",
].join("\n");

/** Without the id of the session, which is in the definition of the source. */
function answer({ stdout }: { readonly stdout: string }): unknown {
  if (!stdout.startsWith("{")) return stdout;
  return JSON.parse(stdout, (key, value: unknown) => (key === "definition" ? undefined : value));
}

forEachEngine((engine) => {
  async function both(...args: readonly string[]): Promise<{ readonly docker: Ended; readonly ours: Ran }> {
    const docker = await dockerBuildx(engine, args, { cwd });
    return { docker, ours: await runWithoutTerminal(engine, args, "", { cwd }) };
  }

  test.each<[readonly string[]]>([
    [["--check"]],
    [["--call=check,format=json"]],
    [["--call=check,ignorestatus=true"]],
    [["--call", "outline"]],
    [["--call", "outline,format=json"]],
    [["--call=outline", "--target=base"]],
    [["--print=targets"]],
    [["--call=targets", "--check=false"]],
    [["--call=subrequests.describe"]],
    [["--call=unheard"]],
    [["--call=outline", "--target=nobody"]],
  ])("%j", async (args) => {
    await writeFile(join(cwd, "Dockerfile"), FULL);
    const { docker, ours } = await both(...args, ".");
    expect([ours.exitCode, answer(ours)]).toEqual([docker.exitCode, answer(docker)]);
    if (docker.exitCode !== 0 && docker.stdout === "") expect(ours.stderr).toMatch(/^bktui: /m);
  });

  test("a Dockerfile elsewhere is called as it was named, and one without a warning is said to have none", async () => {
    await mkdir(join(cwd, "sub"));
    await writeFile(join(cwd, "sub", "D"), "FROM scratch\nCOPY a b\ncopy c d\n");
    const named = await both("--check", "-f", "sub/D", ".");
    expect([named.ours.exitCode, named.ours.stdout]).toEqual([named.docker.exitCode, named.docker.stdout]);
    await writeFile(join(cwd, "sub", "D"), "FROM scratch\nCOPY a b\n");
    const clean = await both("--check", "-f", "sub/D", ".");
    expect([clean.ours.exitCode, clean.ours.stdout]).toEqual([clean.docker.exitCode, clean.docker.stdout]);
  });
});
