import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CodeCache, codeDirectory, readCode, writeCode } from "../../../src/start/code-cache.ts";

const code = Buffer.from("compiled");
const isRoot = process.getuid?.() === 0;
let home = "";
let cache: CodeCache = { directory: "", build: "" };

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "bktui-code-"));
  cache = { directory: join(home, "bktui", "code"), build: "one" };
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function file(): Promise<string> {
  const [name = ""] = await readdir(cache.directory);
  return join(cache.directory, name);
}

describe("compiled code between runs", () => {
  test("what was written is read again, by the same build only, and nobody else can write or read it", async () => {
    writeCode(cache, code);
    for (const room of [0, 20, 200]) expect(readCode(cache, Buffer.alloc(room, "text"))).toEqual(code);
    expect(readCode(cache)).toEqual(code);
    expect(readCode({ ...cache, build: "another" })).toBeUndefined();
    expect((await stat(await file())).mode & 0o777).toBe(0o600);
    expect((await stat(cache.directory)).mode & 0o777).toBe(0o700);
    writeCode({ ...cache, build: "another" }, code);
    expect(await readdir(cache.directory)).toHaveLength(1);
    expect(readCode({ ...cache, build: "another" })).toEqual(code);
  });

  test("what an editor's server compiles is kept beside what a screen does", () => {
    const editors = { ...cache, use: "dap" as const };
    writeCode(cache, code);
    expect(readCode(editors)).toBeUndefined();
    writeCode(editors, Buffer.from("other parts"));
    expect(readCode(cache)).toEqual(code);
    expect(readCode(editors)).toEqual(Buffer.from("other parts"));
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ["cut short", async (path) => writeFile(path, (await readFile(path)).subarray(0, -1))],
    ["empty", (path) => writeFile(path, "")],
    ["changed", async (path) => writeFile(path, (await readFile(path)).fill(0, 36, 37))],
    ["writable by others", (path) => chmod(path, 0o602)],
    ["writable by a group", (path) => chmod(path, 0o620)],
    ["in a directory that others may write", () => chmod(cache.directory, 0o777)],
    [
      "reached by a link",
      async (path) => {
        await link(path, join(home, "elsewhere"));
        await rm(path);
        await symlink(join(home, "elsewhere"), path);
      },
    ],
  ])("a file that is %s counts as none", async (_how, spoil) => {
    writeCode(cache, code);
    await spoil(await file());
    expect(readCode(cache)).toBeUndefined();
  });

  test.runIf(isRoot)("under somebody else's home nothing is written or believed (root only)", async () => {
    await chown(home, 1234, 1234);
    writeCode(cache, code);
    expect(await readdir(home)).toEqual([]);
    await chown(home, 0, 0);
    writeCode(cache, code);
    await chown(await file(), 1234, 1234);
    expect(readCode(cache)).toBeUndefined();
  });

  test("a cache that cannot be written is nobody's problem", async () => {
    await mkdir(join(home, "bktui"));
    await writeFile(cache.directory, "a file");
    writeCode(cache, code);
    expect(readCode(cache)).toBeUndefined();
    expect(await readdir(join(home, "bktui"))).toEqual(["code"]);
  });

  test("it lies in the user's cache directory, or nowhere", () => {
    expect(codeDirectory({ HOME: "/home/a" })).toBe("/home/a/.cache/bktui/code");
    expect(codeDirectory({ HOME: "/home/a", XDG_CACHE_HOME: "/c" })).toBe("/c/bktui/code");
    expect(codeDirectory({ HOME: "/home/a", XDG_CACHE_HOME: "relative" })).toBe("/home/a/.cache/bktui/code");
    expect(codeDirectory({ HOME: "" })).toBeUndefined();
    expect(codeDirectory({ HOME: "/home/a", NODE_DISABLE_COMPILE_CACHE: "1" })).toBeUndefined();
  });
});
