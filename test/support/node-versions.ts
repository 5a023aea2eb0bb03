/** Other versions of Node, and bktui as npm installs it: both come from the npm registry. */
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const kept = join(root, ".tmp", "nodes");
const INSTALL = ["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"];

/** Path of a node of exactly this version; fetched once per work tree. @throws when npm cannot give it. */
export async function nodeOfVersion(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const directory = join(kept, version);
  const binary = join(directory, "node_modules", name, "bin", "node");
  if (await isThere(binary)) return binary;
  await mkdir(kept, { recursive: true });
  // Whole or not at all, however this ends.
  const draft = await mkdtemp(join(kept, "draft-"));
  try {
    await npm([...INSTALL, "--prefix", draft, `${name}@${version}`]);
    await rm(directory, { recursive: true, force: true });
    await rename(draft, directory);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return binary;
}

/** What `npm install bktui` makes of the built program. */
export interface InstalledProgram extends AsyncDisposable {
  /** To be given to a node. */
  readonly path: string;
}

/** Packs dist/ as it is and installs that with what it depends on. @throws when npm cannot. */
export async function installedProgram(): Promise<InstalledProgram> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-installed-"));
  const dispose = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    // Without scripts: building again while other tests run the program would change it below them.
    const packed = await npm(["pack", "--ignore-scripts", "--silent", "--pack-destination", directory]);
    await npm([...INSTALL, "--prefix", directory, join(directory, packed.trim())]);
  } catch (error) {
    await dispose();
    throw error;
  }
  const path = join(directory, "node_modules", "bktui", "dist", "bktui.js");
  return { path, [Symbol.asyncDispose]: dispose };
}

/** With this process's own environment: where the registry is stands there. @returns standard output */
async function npm(args: readonly string[]): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: "" };
  const { stdout } = await promisify(execFile)("npm", [...args], { cwd: root, env });
  return stdout;
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
