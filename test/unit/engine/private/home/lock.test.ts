import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireLock } from "../../../../../src/engine/private/home/lock.ts";
import { identityOf, isAlive } from "../../../../../src/engine/private/system/processes.ts";

const { signal } = new AbortController();
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-lock-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

test("of many who want the lock, one at a time has it", async () => {
  const path = join(directory, "lock");
  let inside = 0;
  let most = 0;
  const enter = async (): Promise<void> => {
    await using _lock = await acquireLock(path, { signal, onWait: () => undefined });
    inside += 1;
    most = Math.max(most, inside);
    await readFile(path, "utf8");
    inside -= 1;
  };
  await Promise.all([enter(), enter(), enter(), enter()]);
  expect(most).toBe(1);
  expect(await readdir(directory)).toEqual([]);
});

test("the lock of a process that died is taken over", async () => {
  const path = join(directory, "lock");
  const child = spawn("sleep", ["1000"]);
  const owner = await identityOf(child.pid ?? 0);
  await writeFile(path, JSON.stringify(owner));
  child.kill("SIGKILL");
  await once(child, "exit");
  {
    await using _lock = await acquireLock(path, { signal, onWait: () => expect.unreachable() });
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ pid: process.pid });
  }
  expect(await readdir(directory)).toEqual([]);
});

test("waiting for the lock ends when it is cancelled, and says who holds it", async () => {
  const path = join(directory, "lock");
  await using _held = await acquireLock(path, { signal, onWait: () => undefined });
  const cancel = new AbortController();
  const waited: number[] = [];
  const onWait = (pid: number): void => {
    waited.push(pid);
    cancel.abort();
  };
  await expect(acquireLock(path, { signal: cancel.signal, onWait })).rejects.toMatchObject({
    code: "cancelled",
  });
  expect(waited).toEqual([process.pid]);
});

test("a process is known by its start, not by its number alone", async () => {
  const own = await identityOf(process.pid);
  if (own === undefined) throw new Error("no identity of this process");
  expect(await isAlive(own)).toBe(true);
  expect(await isAlive({ ...own, startTicks: "1" })).toBe(false);
  expect(await isAlive({ ...own, bootId: "another boot" })).toBe(false);
});
