/** `bktui plugin`: puts the script into docker's directory of plugins, looks at it, and takes it away. */
import { constants } from "node:fs";
import { access, chmod, lstat, mkdir, open, readdir, rename, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BktuiError, unreachable } from "../../base/errors.ts";
import { quietly } from "../../base/quietly.ts";
import { usageError } from "../../console/bad-values.ts";
import type { CommandResult, PluginPlaces } from "../front-ends.ts";
import type { PluginAction, PluginOptions } from "./plugin-command.ts";
import { LONGEST_WRAPPER, readWrapper, type Wrapper, wrapperText } from "./wrapper-script.ts";

/** What it needs of the process. */
export interface PluginRun {
  /** Program and first arguments of one more bktui. */
  readonly ownCommand: readonly string[];
  readonly places: PluginPlaces;
  readonly platform: NodeJS.Platform;
}

const PLUGIN = "docker-buildx";
/** Without docker's prefix for plugins, so that docker does not take it for one. */
const KEPT = "buildx.before-bktui";
const INSTALL_BUILDX =
  "install docker's buildx plugin: the package docker-buildx-plugin, docker-buildx or docker-buildx-bin";

/** What is in the place of the script. */
type Found =
  | { readonly kind: "ours"; readonly text: string; readonly kept: string | undefined }
  /** Docker's plugin, or whatever else somebody put there. */
  | { readonly kind: "other" }
  | { readonly kind: "none" };

/** @throws {BktuiError} "usage", "unsupported" without docker's plugin, "io". */
export async function runPlugin(
  action: PluginAction,
  { dap }: PluginOptions,
  run: PluginRun,
): Promise<CommandResult> {
  if (run.platform === "win32")
    throw new BktuiError("unsupported", "bktui plugin is for docker on Linux and macOS", {
      hint: "in WSL it is run where docker and bktui are",
    });
  switch (action) {
    case "install":
      if (dap !== true)
        throw usageError("plugin install: what is to be installed?", "bktui plugin install --dap");
      return await install(run);
    case "remove":
      return await remove(run);
    case "status":
      return await status(run);
    default:
      return unreachable(action);
  }
}

async function install({ ownCommand, places }: PluginRun): Promise<CommandResult> {
  const path = join(places.own, PLUGIN);
  await refuseShadow(places);
  const found = await lookAt(path);
  const left = await keptFiles(places.own);
  const isMoved = found.kind === "other";
  // One that was moved away by an install that did not come to its end is put back by `remove`.
  const earlier = found.kind === "ours" ? found.kept : left.at(-1);
  const kept = isMoved ? freeName(left) : left.find((name) => name === earlier);
  const systems = await executables(places.others);
  const real = isMoved || kept !== undefined ? join(places.own, kept ?? "") : systems[0];
  if (real === undefined)
    throw new BktuiError("unsupported", "docker has no buildx plugin here that bktui could stand before", {
      hint: INSTALL_BUILDX,
    });
  const wrapper: Wrapper = { command: ownCommand, real, kept };
  const text = wrapperText(wrapper, systems);
  const words = [`docker buildx dap is bktui dap: ${path}`, `everything else goes to ${real}`];
  if (found.kind === "ours" && found.text === text) return said("already installed", ...words);
  await put(path, { text, kept: isMoved ? kept : undefined });
  return said(...words, "bktui plugin remove takes it away");
}

async function remove({ places }: PluginRun): Promise<CommandResult> {
  const path = join(places.own, PLUGIN);
  const found = await lookAt(path);
  const left = await keptFiles(places.own);
  if (found.kind === "other") {
    const words = left.map((name) => `an earlier one is still there as ${join(places.own, name)}`);
    return said(`nothing to remove: ${path} is not bktui's script; it stays as it is`, ...words);
  }
  const kept = found.kind === "ours" ? found.kept : left.at(-1);
  if (found.kind === "none" && kept === undefined) return said(`nothing to remove: there is no ${path}`);
  const from = kept === undefined ? undefined : join(places.own, kept);
  if (from !== undefined && (await lookAt(from)).kind !== "none") {
    await inDirectory(places.own, () => rename(from, path));
    const older = left
      .filter((name) => name !== kept)
      .map((name) => `an earlier one is still there as ${join(places.own, name)}`);
    return said(`docker's own plugin is back at ${path}`, ...older);
  }
  await inDirectory(places.own, () => unlink(path));
  return said(`removed ${path}`);
}

async function status({ ownCommand, places }: PluginRun): Promise<CommandResult> {
  const path = join(places.own, PLUGIN);
  const found = await lookAt(path);
  const left = await keptFiles(places.own);
  if (found.kind !== "ours") {
    const kept = left.map((name) => `${join(places.own, name)} was kept by an earlier install`);
    const words = [
      found.kind === "other" ? `${path} is not bktui's script` : `there is no ${path}`,
      ...kept,
      "bktui plugin install --dap puts it there",
    ];
    return { text: ["not installed", ...words].join("\n"), exitCode: 1 };
  }
  const systems = await executables(places.others);
  const real = found.kept === undefined ? systems[0] : join(places.own, found.kept);
  const problems: string[] = [];
  if (real === undefined || !(await isExecutable(real)))
    problems.push(`docker's own plugin is gone: ${INSTALL_BUILDX}`);
  else if (found.text !== wrapperText({ command: ownCommand, real, kept: found.kept }, systems))
    problems.push("it is of another bktui or for another plugin; this one: bktui plugin install --dap");
  problems.push(...(await executables(places.first)).map((shadow) => `docker takes ${shadow} before it`));
  const words = [
    `docker buildx dap is bktui dap: ${path}`,
    ...(real === undefined ? [] : [`everything else goes to ${real}`]),
  ];
  return { text: [...words, ...problems].join("\n"), exitCode: problems.length === 0 ? 0 : 1 };
}

function said(...words: readonly string[]): CommandResult {
  return { text: words.join("\n"), exitCode: 0 };
}

/** @throws {BktuiError} "unsupported" when docker would not come to our directory. */
async function refuseShadow({ first }: PluginPlaces): Promise<void> {
  const [shadow] = await executables(first);
  if (shadow === undefined) return;
  throw new BktuiError("unsupported", `docker takes ${shadow} before any plugin of the user's directory`, {
    hint: 'it is named by "cliPluginsExtraDirs" in docker\'s config.json: take it out there first',
  });
}

async function lookAt(path: string): Promise<Found> {
  const facts = await lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw ioError(`cannot look at ${path}`, error);
  });
  if (facts === undefined) return { kind: "none" };
  if (!facts.isFile()) return { kind: "other" };
  const text = await readStart(path);
  const ours = readWrapper(text);
  return ours === undefined ? { kind: "other" } : { kind: "ours", text, kept: ours.kept };
}

async function readStart(path: string): Promise<string> {
  try {
    const handle = await open(path, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST_WRAPPER), 0, LONGEST_WRAPPER, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw ioError(`cannot read ${path}`, error);
  }
}

/** Plugins that were moved aside, oldest first. */
async function keptFiles(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  const numberOf = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? 1);
  return names
    .filter((name) => name === KEPT || /^buildx\.before-bktui-\d+$/.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b));
}

function freeName(taken: readonly string[]): string {
  const last = taken.at(-1);
  if (last === undefined) return KEPT;
  return `${KEPT}-${Number(/-(\d+)$/.exec(last)?.[1] ?? 1) + 1}`;
}

async function executables(directories: readonly string[]): Promise<readonly string[]> {
  const paths = directories.map((directory) => join(directory, PLUGIN));
  const found = await Promise.all(paths.map(isExecutable));
  return paths.filter((_, index) => found[index]);
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** @param script.kept under which name what is there is kept; undefined = it is ours, or nothing */
async function put(
  path: string,
  { text, kept }: { readonly text: string; readonly kept: string | undefined },
): Promise<void> {
  const directory = dirname(path);
  const draft = join(directory, `bktui-${process.pid}.new`);
  await inDirectory(directory, async () => {
    await mkdir(directory, { recursive: true });
    try {
      await writeFile(draft, text, { mode: 0o755 });
      // Whatever the umask says: other programs of this user start it.
      await chmod(draft, 0o755);
      if (kept !== undefined) await rename(path, join(directory, kept));
      await rename(draft, path).catch(async (error: unknown) => {
        if (kept !== undefined) await quietly(rename(join(directory, kept), path));
        throw error;
      });
    } catch (error) {
      await quietly(unlink(draft));
      throw error;
    }
  });
}

async function inDirectory(directory: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw ioError(`cannot change ${directory}`, error);
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}

function ioError(what: string, error: unknown): BktuiError {
  return new BktuiError("io", `${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
    hint: "DOCKER_CONFIG names another directory than ~/.docker",
  });
}
