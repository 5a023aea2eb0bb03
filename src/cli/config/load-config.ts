/** Finds and reads the configuration files of a run. */
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { DebugOptions } from "../debug-options.ts";
import { type Effective, effectiveSettings } from "./effective.ts";
import { type ConfigLayer, type ReadConfig, readConfig } from "./read-config.ts";

const PROJECT_FILE = ".bktui.json";
const MAX_BYTES = 256 * 1024;

export interface LoadedConfig extends Effective {
  /** What is wrong in the files, one harmless line each. */
  readonly problems: readonly string[];
  /** Files that were looked for, strongest first. */
  readonly files: readonly { readonly path: string; readonly found: boolean }[];
}

/** `$XDG_CONFIG_HOME/bktui/config.json`; a relative XDG_CONFIG_HOME is ignored, as its specification asks. */
export function userConfigPath(env: Surroundings["env"]): string {
  const home = env["XDG_CONFIG_HOME"];
  const base = home !== undefined && isAbsolute(home) ? home : join(env["HOME"] ?? homedir(), ".config");
  return join(base, "bktui", "config.json");
}

/**
 * Options and environment first, then the file beside the Dockerfile, then the user's own.
 * @throws {BktuiError} "not-found" or "io" when a file named by `--config` cannot be read.
 */
export async function loadConfig(
  options: Pick<DebugOptions, "configFile" | "projectConfig" | "given">,
  place: { readonly dockerfile: string | undefined; readonly env: Surroundings["env"] },
): Promise<LoadedConfig> {
  const { configFile, projectConfig, given } = options;
  const projectPath =
    projectConfig && place.dockerfile !== undefined
      ? join(dirname(place.dockerfile), PROJECT_FILE)
      : undefined;
  const project = projectPath === undefined ? undefined : await readLayer(projectPath, "project");
  const userPath = configFile ?? userConfigPath(place.env);
  const user = await readLayer(userPath, "user");
  if (user === undefined && configFile !== undefined)
    throw new BktuiError("not-found", `--config ${configFile}: no such file`);
  const layers = [given, project, user].filter((layer): layer is ConfigLayer => layer !== undefined);
  return {
    ...effectiveSettings(layers),
    problems: [...(project?.problems ?? []), ...(user?.problems ?? [])],
    files: [
      ...(projectPath === undefined ? [] : [{ path: projectPath, found: project !== undefined }]),
      { path: userPath, found: user !== undefined },
    ],
  };
}

/** Undefined when there is no such file; one that cannot be read counts as empty and is reported. */
async function readLayer(path: string, scope: "user" | "project"): Promise<ReadConfig | undefined> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) return unreadable(path, "not a regular file");
    if (facts.size > MAX_BYTES) return unreadable(path, `larger than ${MAX_BYTES / 1024} KiB`);
    return readConfig(await readFile(path, "utf8"), path, scope);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return unreadable(path, error instanceof Error ? error.message : String(error));
  }
}

function unreadable(path: string, why: string): ReadConfig {
  return { config: {}, problems: [visibleLine(`${path}: ${why}: the file is left out`)], from: () => path };
}
