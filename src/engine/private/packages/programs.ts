/** Which programs an engine is made of, installed or from packages. */
import { constants } from "node:fs";
import { access, open } from "node:fs/promises";
import { join } from "node:path";
import { BktuiError } from "../../../base/errors.ts";
import { lastLines, runProgram } from "../system/run-program.ts";
import { engineSuites } from "./apt-archive.ts";
import type { PackageSet, PackageSource, UnpackedPackages } from "./packages.ts";
import { unpackPackages } from "./packages.ts";

/** Where an engine's programs come from. */
export type EngineChoice =
  | { readonly from: "installed"; readonly kind: "dockerd" | "buildkitd"; readonly program: string }
  | { readonly from: "packages"; readonly kind: "dockerd"; readonly suite: string };

/** Directories of programs and libraries an engine runs with. */
export interface ProgramPaths {
  readonly programs: readonly string[];
  readonly libraries: readonly string[];
}

interface FetchOptions {
  readonly cache: string;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

const SYSTEM_DIRS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** PATH with the places of system programs, which a user's own PATH may lack. */
export function searchPath(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const own = (env["PATH"] ?? "").split(":").filter((directory) => directory.startsWith("/"));
  return [...new Set([...own, ...SYSTEM_DIRS])];
}

/** The first executable of that name. */
export async function findProgram(name: string, directories: readonly string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const path = join(directory, name);
    if (await isAccessible(path, constants.X_OK)) return path;
  }
  return undefined;
}

/** What can be tried here, best first; a suite asked for excludes everything else. */
export async function engineChoices(wanted: {
  readonly kind: "auto" | "dockerd" | "buildkitd";
  readonly suite: string | undefined;
  readonly path: readonly string[];
  readonly source: PackageSource | undefined;
}): Promise<readonly EngineChoice[]> {
  const { kind, suite, path, source } = wanted;
  const suites = suite === undefined ? (source === undefined ? [] : engineSuites(source.os)) : [suite];
  const packaged = suites.map((name): EngineChoice => ({ from: "packages", kind: "dockerd", suite: name }));
  if (suite !== undefined) return packaged;
  const installed: EngineChoice[] = [];
  for (const name of ["buildkitd", "dockerd"] as const) {
    const program = await findProgram(name, path);
    if (program !== undefined) installed.push({ from: "installed", kind: name, program });
  }
  return [...installed, ...packaged].filter((choice) => kind === "auto" || choice.kind === kind);
}

/** For messages: "dockerd of sid", "the installed buildkitd". */
export function describeChoice(choice: EngineChoice): string {
  return choice.from === "packages" ? `dockerd of ${choice.suite}` : `the installed ${choice.kind}`;
}

/** docker.io and its companions, from one suite. */
export async function fetchEngine(
  source: PackageSource,
  suite: string,
  options: FetchOptions,
): Promise<UnpackedPackages> {
  // Only the 20.10 of bookworm links it; a newer one may not fit this machine.
  const deviceMapper = suite === "bookworm" ? [["libdevmapper1.02.1"]] : [];
  const set: PackageSet = {
    name: suite,
    suite,
    wanted: [["docker.io"], ["containerd"], ["docker-cli"], ["docker-buildx"], ...deviceMapper],
    required: ["docker.io"],
  };
  return await unpackPackages(source, set, options);
}

/**
 * Everything beside the daemon, from this machine's own suite: these programs must fit its libc
 * (sid's runc wants 2.38, Debian 12 has 2.36).
 */
export async function fetchTools(source: PackageSource, options: FetchOptions): Promise<UnpackedPackages> {
  const suite = source.os.codename === "" ? "sid" : source.os.codename;
  const set: PackageSet = {
    name: `tools-${suite}`,
    suite,
    wanted: [
      ["runc"],
      ["libseccomp2"],
      ["slirp4netns"],
      ["libslirp0"],
      ["libglib2.0-0t64", "libglib2.0-0"],
      ["iptables"],
      ["libip4tc2"],
      ["libip6tc2"],
      ["libxtables12"],
      ["libnftnl11"],
      ["libmnl0"],
      ["libnfnetlink0"],
      ["libnetfilter-conntrack3"],
      ["docker-registry"],
      ["busybox-static"],
    ],
    required: ["runc"],
  };
  return await unpackPackages(source, set, options);
}

/**
 * Asks each program for its version.
 * @throws {BktuiError} "unsupported" when one does not run on this machine, e.g. because of its libc.
 */
export async function checkRuns(
  programs: readonly string[],
  env: Readonly<Record<string, string>>,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  for (const program of programs) {
    const { exitCode, stdout, stderr } = await runProgram(program, ["--version"], { env, signal });
    if (exitCode === 0) continue;
    throw new BktuiError("unsupported", `${program} does not run here: ${lastLines(stderr || stdout, 1)}`);
  }
}

/** Whether a network of its own can be connected through slirp4netns; undefined = yes, else why not. */
export async function whyNoNat(path: readonly string[]): Promise<string | undefined> {
  if ((await findProgram("slirp4netns", path)) === undefined) return "slirp4netns is not installed";
  if ((await findProgram("iptables", path)) === undefined) return "iptables is not installed";
  try {
    await using _device = await open("/dev/net/tun", "r+");
    return undefined;
  } catch (error) {
    return `/dev/net/tun cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function isAccessible(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    // Whatever the reason, this path cannot be run.
    return false;
  }
}
