/** The code that bktui keeps between runs (docs/adr/0013), in the homes of the tests as every start but a user's first finds it. */
import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

let kept: string | undefined;

/** From here on, programs that this process starts find the code of an earlier run. @param directory absolute */
export function takeKeptCode(directory: string): void {
  kept = directory;
}

/** What a program is started for: each has code of its own. */
type Use = "screen" | "dap" | "attach";

const OF_OTHERS: Readonly<Record<Use, RegExp>> = {
  screen: /-(dap|attach)$/,
  dap: /(?<!-dap)$/,
  attach: /(?<!-attach)$/,
};

/** Which file of code lies in a directory: a program that takes it leaves it as it is, any other replaces it. */
export async function keptCodeIn(
  directory: string,
  use: Use = "screen",
): Promise<{ path: string; inode: number }> {
  const names = (await readdir(directory)).filter((name) => !OF_OTHERS[use].test(name));
  if (names.length !== 1) throw new Error(`${directory} has ${names.length} files: ${names.join(", ")}`);
  const path = join(directory, ...names);
  return { path, inode: (await stat(path)).ino };
}

/** A home of its own for one program. */
export interface ProgramHome extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  /** Deletes it. @throws {Error} when a program in it did not use the code that was put there. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param env what is added to the program's environment: with a cache or flags of its own it gets no code, since V8 takes none that was made under other flags */
export async function programHome(env: Readonly<Record<string, string>> = {}): Promise<ProgramHome> {
  const path = await mkdtemp(join(tmpdir(), "bktui-home-"));
  const hasOwn = ["HOME", "XDG_CACHE_HOME", "NODE_OPTIONS"].some((name) => env[name] !== undefined);
  const given = kept === undefined || hasOwn ? undefined : await seed(path, kept);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      const isUsed = given === undefined || (await stat(given.path)).ino === given.inode;
      await rm(path, { recursive: true, force: true });
      if (!isUsed)
        throw new Error(
          "bktui did not use the code of an earlier run, as it should from the second start on",
        );
    },
  };
}

async function seed(home: string, from: string): Promise<{ path: string; inode: number }> {
  const directory = join(home, ".cache", "bktui", "code");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { path } = await keptCodeIn(from);
  await copyFile(path, join(directory, basename(path)));
  return await keptCodeIn(directory);
}
