/**
 * vitest globalSetup of the project "e2e", after that of the engines: runs the built program once, so that the tests
 * have it as a user does from the second start on. What differs then would be seen by no test with an empty home.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { busyboxContext } from "./engines.ts";
import { keptCodeIn } from "./kept-code.ts";
import { Terminal } from "./terminal.ts";

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { engines, busybox } = project.getProvidedContext();
  const home = await mkdtemp(join(tmpdir(), "bktui-kept-"));
  await using context = await busyboxContext({
    files: { Dockerfile: "FROM scratch\nCOPY busybox /\n" },
    busybox,
  });
  await using terminal = await Terminal.start({
    args: [context.path],
    env: { XDG_CACHE_HOME: home },
    ...(engines[0] === undefined ? {} : { engine: engines[0] }),
  });
  await terminal.untilRow(1, /LOADED/);
  terminal.type("q");
  await terminal.left();
  const code = join(home, "bktui", "code");
  await keptCodeIn(code);
  project.provide("keptCode", code);
  return () => rm(home, { recursive: true, force: true });
}
