/** Other versions of Node, and bktui as npm installs it: both come from the npm registry. */
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const kept = join(root, ".tmp", "nodes");
const INSTALL = ["install", "--no-audit", "--no-fund"];
/** Scripts of what is fetched for tests are of no use. */
const FETCH = [...INSTALL, "--no-save", "--no-package-lock", "--ignore-scripts"];

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
    await npm([...FETCH, "--prefix", draft, `${name}@${version}`]);
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
  /** Paths of all installed packages, e.g. "node_modules/bktui", sorted. */
  readonly packages: readonly string[];
  /** What npm said, warnings included. */
  readonly said: string;
}

/**
 * Packs dist/ as it is and installs that in an empty folder, as a user does: with scripts and warnings.
 * @param beside packages that are installed beside it, e.g. "node-pty@1.2.0-beta.15"
 * @throws when npm cannot.
 */
export async function installedProgram(beside: readonly string[] = []): Promise<InstalledProgram> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-installed-"));
  const dispose = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    // Without scripts: building again while other tests run the program would change it below them.
    const { stdout: packed } = await npm([
      "pack",
      "--ignore-scripts",
      "--silent",
      "--pack-destination",
      directory,
    ]);
    const tarball = join(directory, packed.trim());
    const { stdout, stderr } = await npm([...INSTALL, "--prefix", directory, tarball, ...beside]);
    const modules = join(directory, "node_modules");
    return {
      path: join(modules, "bktui", "dist", "bktui.js"),
      packages: await packagesIn(modules),
      said: `${stdout}${stderr}`,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** As npm noted it, nested ones too. */
async function packagesIn(modules: string): Promise<readonly string[]> {
  const noted: unknown = JSON.parse(await readFile(join(modules, ".package-lock.json"), "utf8"));
  if (typeof noted !== "object" || noted === null || !("packages" in noted))
    throw new Error("npm noted nothing");
  return Object.keys(noted.packages ?? {}).sort();
}

/** With this process's own environment: where the registry is stands there. */
async function npm(args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const env = { ...process.env, NODE_OPTIONS: "" };
  return await promisify(execFile)("npm", [...args], { cwd: root, env });
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
