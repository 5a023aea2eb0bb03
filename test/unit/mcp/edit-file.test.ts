import {
  chmod,
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
import { type Edit, editFile } from "../../../src/mcp/edit-file.ts";
import { type Places, placeOf } from "../../../src/mcp/places.ts";

let root = "";
let places: Places = { directories: [], files: [] };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bktui-edit-"));
  await mkdir(join(root, "context", "sub"), { recursive: true });
  await writeFile(join(root, "outside"), "outside\n");
  await writeFile(join(root, "context", "a.txt"), "one\ntwo\nthree\n", { mode: 0o600 });
  places = { directories: [join(root, "context")], files: [] };
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const BARE: Edit = { path: "a.txt", old: undefined, from: undefined, to: undefined, new: "" };

async function edited(edit: Partial<Edit>): Promise<string> {
  const { signal } = new AbortController();
  const { difference } = await editFile({ ...BARE, ...edit }, places, { signal });
  return difference.join("\n");
}

async function text(): Promise<string> {
  return await readFile(join(root, "context", "a.txt"), "utf8");
}

describe("an edit", () => {
  test("replaces a piece that is there once, and shows the difference", async () => {
    expect(await edited({ old: "two", new: "2 $& $1" })).toBe(
      "     1  one\n-    2  two\n+    2  2 $& $1\n     3  three",
    );
    expect(await text()).toBe("one\n2 $& $1\nthree\n");
    expect((await stat(join(root, "context", "a.txt"))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(root, "context"))).toEqual(["a.txt", "sub"]);
  });

  test("replaces, adds to and deletes lines", async () => {
    await edited({ from: 2, new: "2\n2b" });
    expect(await text()).toBe("one\n2\n2b\nthree\n");
    await edited({ from: 2, to: 3, new: "" });
    expect(await text()).toBe("one\nthree\n");
  });

  test("keeps Windows line ends of a file of such", async () => {
    await writeFile(join(root, "context", "a.txt"), "one\r\ntwo\r\n");
    await edited({ from: 1, new: "1" });
    expect(await text()).toBe("1\r\ntwo\r\n");
  });

  test("makes a new file, but none over one that is there", async () => {
    expect(await edited({ path: "sub/new.txt", new: "x\n" })).toBe("+    1  x");
    await expect(edited({ new: "x" })).rejects.toThrow(/is there already/);
    await expect(edited({ path: "none/new.txt", new: "x" })).rejects.toThrow(
      /directory of none\/new.txt is not there/,
    );
  });

  test("is refused, with the file as it was, when it is not clear what is meant", async () => {
    await expect(edited({ old: "zzz", new: "x" })).rejects.toThrow(/does not have the text of old/);
    await expect(edited({ old: "e", new: "x" })).rejects.toThrow(/more than once/);
    await expect(edited({ old: "", new: "x" })).rejects.toThrow(/old is empty/);
    await expect(edited({ from: 9, new: "x" })).rejects.toThrow(/has 3 lines|has 4 lines/);
    await expect(edited({ from: 3, to: 2, new: "x" })).rejects.toThrow(/is before/);
    await expect(edited({ old: "one", new: "one" })).rejects.toThrow(/same as before/);
    await writeFile(join(root, "context", "bin"), Buffer.of(0, 1, 2));
    await expect(edited({ path: "bin", old: "x", new: "y" })).rejects.toThrow(/no text in UTF-8/);
    await expect(edited({ path: "sub", old: "x", new: "y" })).rejects.toThrow(/is no file/);
    expect(await text()).toBe("one\ntwo\nthree\n");
  });

  test("leaves a file outside as it is, also one of the same inode", async () => {
    await link(join(root, "outside"), join(root, "context", "hard"));
    await edited({ path: "hard", old: "outside", new: "changed" });
    expect(await readFile(join(root, "outside"), "utf8")).toBe("outside\n");
  });

  test("says that a directory cannot be written to", async () => {
    if (process.getuid?.() === 0) return;
    await chmod(join(root, "context"), 0o500);
    await expect(edited({ old: "one", new: "1" })).rejects.toThrow(/cannot be written/);
  });
});

describe("a place", () => {
  const refused = async (path: string, allowed: Places = places): Promise<string> =>
    await placeOf(path, allowed).then(
      () => "allowed",
      (error) => (error instanceof Error ? error.message : ""),
    );

  test("is one of the build's directories and files, links resolved", async () => {
    await symlink(join(root, "outside"), join(root, "context", "link"));
    await symlink("a.txt", join(root, "context", "inner"));
    await symlink(join(root, "gone"), join(root, "context", "dangling"));
    await symlink(root, join(root, "context", "up"));
    expect(await refused("a.txt")).toBe("allowed");
    expect(await refused("./sub")).toBe("allowed");
    expect(await refused("inner")).toBe("allowed");
    expect(await refused(join(root, "context", "a.txt"))).toBe("allowed");
    expect(await refused("link")).toMatch(/^link leads to .*outside, which lies outside$/);
    expect(await refused("up/outside")).toMatch(/lies outside/);
    expect(await refused("up/made")).toMatch(/lies outside/);
    expect(await refused("dangling")).toMatch(/leads nowhere/);
    expect(await refused("sub/../../outside")).toMatch(/has ".." in it/);
    expect(await refused(join(root, "outside"))).toMatch(/lies outside$/);
    expect(await refused(`${join(root, "context")}-other`)).toMatch(/lies outside$/);
    expect(await refused("")).toMatch(/is no file/);
    const beside = { ...places, files: [join(root, "outside")] };
    expect(await refused(join(root, "outside"), beside)).toBe("allowed");
  });

  test("is none of the system, of git or of a secret, however wide the directory is", async () => {
    const all = { directories: ["/"], files: [], secrets: [join(root, "context", "a.txt")] };
    expect(await refused("/proc/self/environ", all)).toMatch(/belongs to the system/);
    expect(await refused("/dev/null", all)).toMatch(/belongs to the system/);
    await mkdir(join(root, "context", ".git"));
    expect(await refused(".git/config")).toMatch(/lies in \.git/);
    expect(await refused(".GIT/config")).toMatch(/\.git|not there/i);
    expect(await refused(join(root, "context", "a.txt"), all)).toMatch(/value of a secret/);
    expect(await refused("a", { directories: [], files: [] })).toMatch(/no files on this machine/);
  });
});
