import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { errnoOf } from "../../src/engine/private/system/processes.ts";
import { type Change, occurrences } from "./guard.ts";

const run = promisify(execFile);
/** Stays from run to run: the modules that vitest has transformed. */
const kept = ".tmp";

/** Copies the working tree, files that are not committed yet included; packages are linked. Nothing is written to `root`. */
export async function copyTree(root: string, copy: string): Promise<void> {
  await mkdir(copy, { recursive: true });
  for (const name of await readdir(copy))
    if (name !== kept) await rm(join(copy, name), { recursive: true, force: true });
  const { stdout } = await run("git", ["ls-files", "-coz", "--exclude-standard"], {
    cwd: root,
    maxBuffer: 64 << 20,
  });
  for (const path of new Set(stdout.split("\0"))) if (path !== "") await copyIfThere(root, copy, path);
  await cp(join(root, "proto/gen"), join(copy, "proto/gen"), { recursive: true });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
}

/** A file that git knows may have been deleted. */
async function copyIfThere(root: string, copy: string, path: string): Promise<void> {
  await mkdir(dirname(join(copy, path)), { recursive: true });
  try {
    await copyFile(join(root, path), join(copy, path));
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

/**
 * Takes a guard out; dispose to put it back.
 * @throws {Error} when the text of a change does not stand exactly once in its file.
 */
export async function changed(copy: string, changes: readonly Change[]): Promise<AsyncDisposable> {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  for (const { file, text, without } of changes) {
    const original = before.get(file) ?? (await readFile(join(copy, file), "utf8"));
    before.set(file, original);
    const found = occurrences(text, original);
    if (found !== 1) throw new Error(`${file} has ${found} times instead of once: ${text}`);
    after.set(
      file,
      (after.get(file) ?? original).replace(text, () => without),
    );
  }
  await writeAll(copy, after);
  return { [Symbol.asyncDispose]: () => writeAll(copy, before) };
}

async function writeAll(copy: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [file, text] of files) await writeFile(join(copy, file), text);
}
