import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  checkName,
  connectToSocket,
  livingSockets,
  madeUpName,
  ownFolder,
  socketIn,
  takeName,
} from "../../../src/base/socket-folder.ts";
import { makeDeadSocket } from "../../support/dead-socket.ts";

let runtime = "";
beforeEach(async () => {
  runtime = await mkdtemp(join(tmpdir(), "bktui-run-"));
});
afterEach(async () => {
  await rm(runtime, { recursive: true });
});

const env = (): Readonly<Record<string, string>> => ({ XDG_RUNTIME_DIR: runtime });
const ours = async (): Promise<readonly string[]> =>
  (await livingSockets(env())).filter((path) => path.startsWith(runtime));

test("the folder is made for its user alone, and one that others can enter is not used", async () => {
  const folder = await ownFolder(env());
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await chmod(folder, 0o755);
  await expect(ownFolder(env())).rejects.toThrow(/not a directory that only this user can enter$/);
  await expect(connectToSocket(socketIn(folder, "x"))).rejects.toThrow(/others can enter it too$/);
});

test("S50 · a link in the place of the folder is not followed", async () => {
  const elsewhere = join(runtime, "elsewhere");
  await mkdir(elsewhere, { mode: 0o700 });
  await mkdir(join(runtime, "bktui"), { mode: 0o700 });
  await symlink(elsewhere, join(runtime, "bktui", "attach"));
  await expect(ownFolder(env())).rejects.toThrow(/not a directory that only this user can enter$/);
  await expect(connectToSocket(join(runtime, "bktui", "attach", "x.sock"))).rejects.toThrow(
    /others can enter it too$/,
  );
});

test.runIf(process.getuid?.() === 0)("S50 · nor is one of another user", async () => {
  const folder = await ownFolder(env());
  await chown(folder, 65_534, 65_534);
  await expect(ownFolder(env())).rejects.toThrow(/not a directory that only this user can enter$/);
  await expect(connectToSocket(socketIn(folder, "x"))).rejects.toThrow(
    /belongs to the user with the number 65534$/,
  );
  expect(await ours()).toEqual([]);
});

test("the socket of a process that was killed is removed, and one that lives keeps its name", async () => {
  const folder = await ownFolder(env());
  makeDeadSocket(socketIn(folder, "dead"));
  makeDeadSocket(socketIn(folder, "taken"));
  const server = createServer().listen(socketIn(folder, "alive"));
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    await takeName(socketIn(folder, "taken"));
    await takeName(socketIn(folder, "new"));
    await expect(takeName(socketIn(folder, "alive"))).rejects.toThrow(/another build has this name$/);
    await expect(connectToSocket(socketIn(folder, "dead"))).rejects.toThrow(/belonged to is gone$/);
    expect(await ours()).toEqual([socketIn(folder, "alive")]);
    await expect(stat(socketIn(folder, "dead"))).rejects.toThrow(/ENOENT/);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test("names are names of files, made up of what is built", () => {
  for (const name of ["build-3f2a", "A.b_c", "x".repeat(40)]) expect(checkName(name)).toBe(name);
  for (const name of ["", "-x", "..", "a/b", "a b", "x".repeat(41), "é"])
    expect(() => checkName(name)).toThrow(/no name to attach by$/);
  for (const what of ["app", "", "..", "my project/é", "x".repeat(300)])
    expect(checkName(madeUpName(what))).toMatch(/-[0-9a-f]{4}$/);
});
