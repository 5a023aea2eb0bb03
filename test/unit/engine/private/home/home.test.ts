import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  engineHome,
  prepareHome,
  prepareSocketDirectory,
} from "../../../../../src/engine/private/home/home.ts";
import { purgePrivateEngine } from "../../../../../src/engine/private/private-engine.ts";

const { signal } = new AbortController();
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-home-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

test("S36 · the engine's directories can be entered by this user only", async () => {
  const home = engineHome(join(directory, "engine"));
  await prepareHome(home);
  const sockets = await prepareSocketDirectory(home, { XDG_RUNTIME_DIR: directory });
  for (const path of [home.directory, sockets]) expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect(sockets.startsWith(directory)).toBe(true);
});

test("S37 · a directory that others can enter, or a link in its place, is refused", async () => {
  const home = engineHome(join(directory, "engine"));
  const runtime = join(directory, "bktui");
  await mkdir(runtime);
  await chmod(runtime, 0o777);
  const prepare = (): Promise<string> => prepareSocketDirectory(home, { XDG_RUNTIME_DIR: directory });
  await expect(prepare()).rejects.toMatchObject({ code: "io" });
  await rm(runtime, { recursive: true });
  await mkdir(join(directory, "elsewhere"), { mode: 0o700 });
  await symlink(join(directory, "elsewhere"), runtime);
  await expect(prepare()).rejects.toMatchObject({ code: "io" });
});

test("a runtime directory too long for a socket is passed over", async () => {
  const long = join(directory, "x".repeat(90));
  await mkdir(long, { mode: 0o700 });
  const home = engineHome(join(directory, "engine"));
  const sockets = await prepareSocketDirectory(home, { XDG_RUNTIME_DIR: long });
  expect(Buffer.byteLength(join(sockets, "engine.sock"))).toBeLessThanOrEqual(100);
  await rm(sockets, { recursive: true });
});

test("a directory with other things in it becomes no engine and is not purged", async () => {
  const foreign = join(directory, "photos");
  await mkdir(foreign, { mode: 0o700 });
  await writeFile(join(foreign, "1.jpg"), "");
  await expect(prepareHome(engineHome(foreign))).rejects.toMatchObject({ code: "io" });
  await expect(purgePrivateEngine(foreign, { signal })).rejects.toMatchObject({ code: "io" });
  expect(await readdir(foreign)).toEqual(["1.jpg"]);
});
