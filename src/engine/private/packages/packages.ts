/** Packages of the distribution, unpacked into the cache and installed nowhere. */
import { access, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { BktuiError } from "../../../base/errors.ts";
import { acquireLock } from "../home/lock.ts";
import { type OsRelease, readOsRelease } from "../system/os-release.ts";
import { errnoOf, ioFailure, readIfThere } from "../system/processes.ts";
import { runProgram, runSuccessfully } from "../system/run-program.ts";
import { type Archive, componentsOf, findArchive, withUpdates } from "./apt-archive.ts";

/** The distribution's packages, as this machine's apt reaches them. */
export interface PackageSource {
  readonly os: OsRelease;
  readonly archive: Archive;
}

/** Packages that are unpacked together into one directory, installed nowhere. */
export interface PackageSet {
  /** Directory name in the cache. */
  readonly name: string;
  readonly suite: string;
  /** Each entry lists names of one package, newest first: the first one the suite has is taken, an absent one left out. */
  readonly wanted: readonly (readonly string[])[];
  /** Entries of `wanted` whose absence is an error. */
  readonly required: readonly string[];
}

export interface UnpackedPackages {
  readonly name: string;
  readonly suite: string;
  /** One link per program. */
  readonly binDir: string;
  readonly libraryDirs: readonly string[];
  /** Version per package. */
  readonly versions: Readonly<Record<string, string>>;
}

interface UnpackOptions {
  readonly cache: string;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

const PROGRAM_DIRS = [
  "usr/sbin",
  "usr/bin",
  "sbin",
  "bin",
  "usr/libexec/docker/cli-plugins",
  "usr/lib/docker/cli-plugins",
];
const UNNEEDED = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian"];

/**
 * Finds the archive of this Debian or Ubuntu.
 * @throws {BktuiError} "unsupported" on other systems.
 */
export async function findPackageSource(): Promise<PackageSource> {
  const os = await readOsRelease();
  if (!(await exists("/usr/bin/apt-get")) || !(await exists("/usr/bin/dpkg-deb"))) {
    throw new BktuiError(
      "unsupported",
      `${os.prettyName} has no apt: engine packages can only be taken from Debian or Ubuntu`,
    );
  }
  const archive = findArchive(os, await aptSources());
  if (archive === undefined) {
    throw new BktuiError(
      "unsupported",
      `apt on this ${os.prettyName} names no archive of "${os.codename}" to take an engine from`,
      {
        hint: "Add the distribution's archive to /etc/apt/sources.list.",
      },
    );
  }
  return { os, archive };
}

async function aptSources(): Promise<readonly { name: string; text: string }[]> {
  const parts = "/etc/apt/sources.list.d";
  const names = (await exists(parts)) ? (await readdir(parts)).sort() : [];
  const paths = names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(parts, name));
  const texts = ["/etc/apt/sources.list", ...paths].map(async (path) => ({
    name: path,
    text: (await readIfThere(path)) ?? "",
  }));
  return await Promise.all(texts);
}

/**
 * Downloads with apt (signatures checked, lists and state apart from the system's) and unpacks with dpkg-deb.
 * Installs nothing. A set unpacked before is used again.
 * @throws {BktuiError} "io" when the archive cannot be read or lacks a required package, "cancelled".
 */
export async function unpackPackages(
  source: PackageSource,
  set: PackageSet,
  options: UnpackOptions,
): Promise<UnpackedPackages> {
  await mkdir(options.cache, { recursive: true, mode: 0o700 });
  const final = join(options.cache, set.name);
  const present = await readUnpacked(final, set);
  if (present !== undefined) return present;
  const onWait = (pid: number): void =>
    options.onProgress(`waiting for process ${pid}, which downloads ${set.name}`);
  await using _lock = await acquireLock(`${final}.lock`, { signal: options.signal, onWait });
  const meanwhile = await readUnpacked(final, set);
  if (meanwhile !== undefined) return meanwhile;
  const draft = `${final}.partial`;
  await rm(draft, { recursive: true, force: true });
  try {
    const versions = await download(source, set, draft, options);
    await finishUnpacked(draft, versions);
    await rm(final, { recursive: true, force: true });
    await rename(draft, final);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  const done = await readUnpacked(final, set);
  if (done === undefined) throw new BktuiError("internal", `${final} is incomplete after unpacking`);
  return done;
}

async function readUnpacked(directory: string, set: PackageSet): Promise<UnpackedPackages | undefined> {
  const text = await readIfThere(join(directory, "complete.json"));
  if (text === undefined) return undefined;
  const versions: Record<string, string> = {};
  const recorded: unknown = JSON.parse(text);
  if (typeof recorded !== "object" || recorded === null) return undefined;
  for (const [name, version] of Object.entries(recorded)) {
    if (typeof version === "string") versions[name] = version;
  }
  if (!set.required.every((name) => name in versions)) return undefined;
  const libraryDirs = await libraryDirsOf(join(directory, "root"));
  return { name: set.name, suite: set.suite, binDir: join(directory, "bin"), libraryDirs, versions };
}

async function download(
  source: PackageSource,
  set: PackageSet,
  draft: string,
  { onProgress, signal }: UnpackOptions,
): Promise<Readonly<Record<string, string>>> {
  const apt = await prepareApt(source, set, draft, { signal });
  onProgress(`reading the package lists of ${set.suite} from ${source.archive.uri}`);
  await runSuccessfully("apt-get", [...apt, "update"], { signal });
  const shown = await runProgram("apt-cache", [...apt, "show", "--no-all-versions", ...set.wanted.flat()], {
    signal,
  });
  const offered = parsePackages(shown.stdout);
  const missing = set.required.find((name) => !offered.has(name));
  if (missing !== undefined)
    throw new BktuiError("io", `${source.archive.uri} ${set.suite} has no package ${missing}`);
  const chosen = set.wanted.flatMap((names) => names.filter((name) => offered.has(name)).slice(0, 1));
  const bytes = chosen.reduce((sum, name) => sum + (offered.get(name)?.bytes ?? 0), 0);
  const names = chosen.map((name) => `${name} ${offered.get(name)?.version}`).join(", ");
  onProgress(`downloading ${(bytes / 1e6).toFixed(0)} MB from ${set.suite}, installing nothing: ${names}`);
  await runSuccessfully("apt-get", [...apt, "download", ...chosen], { signal, cwd: join(draft, "debs") });
  const debs = await readdir(join(draft, "debs"));
  for (const deb of debs.filter((name) => name.endsWith(".deb"))) {
    await runSuccessfully("dpkg-deb", ["-x", join(draft, "debs", deb), join(draft, "root")], { signal });
  }
  return Object.fromEntries(chosen.map((name) => [name, offered.get(name)?.version ?? ""]));
}

/** Writes apt's configuration for this one set; returns the arguments that select it. */
async function prepareApt(
  source: PackageSource,
  set: PackageSet,
  draft: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  for (const path of ["apt/state/lists/partial", "apt/cache/archives/partial", "debs", "root", "bin"]) {
    await mkdir(join(draft, path), { recursive: true, mode: 0o700 });
  }
  const architecture = (await runSuccessfully("dpkg", ["--print-architecture"], { signal })).trim();
  const signedBy = source.archive.signedBy === undefined ? "" : ` signed-by=${source.archive.signedBy}`;
  const list = withUpdates(source.os, set.suite).map(
    (suite) =>
      // `target` keeps out indexes other tools ask for: source packages, contents, descriptions.
      `deb [arch=${architecture} target=Packages${signedBy}] ${source.archive.uri} ${suite} ${componentsOf(source.os)}\n`,
  );
  await writeFile(join(draft, "apt/sources.list"), list.join(""));
  const config = join(draft, "apt/apt.conf");
  await writeFile(config, aptConfiguration(join(draft, "apt")));
  return ["-q", "-c", config];
}

function aptConfiguration(directory: string): string {
  return [
    `Dir::Etc::SourceList "${directory}/sources.list";`,
    'Dir::Etc::SourceParts "/dev/null";',
    'Dir::Etc::Preferences "/dev/null";',
    'Dir::Etc::PreferencesParts "/dev/null";',
    `Dir::State "${directory}/state";`,
    'Dir::State::status "/var/lib/dpkg/status";',
    `Dir::Cache "${directory}/cache";`,
    // apt's own user cannot enter a directory of mode 0700.
    'APT::Sandbox::User "root";',
    // Without it a suite that cannot be read only warns and the packages are then "not found".
    'APT::Update::Error-Mode "any";',
    'Acquire::Languages "none";',
    'Acquire::Retries "2";',
    'Acquire::http::Timeout "30";',
    // The system's hooks are about the system's own lists.
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    "",
  ].join("\n");
}

/** Reads `apt-cache show`. */
function parsePackages(
  text: string,
): ReadonlyMap<string, { readonly version: string; readonly bytes: number }> {
  const found = new Map<string, { version: string; bytes: number }>();
  for (const paragraph of text.split("\n\n")) {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1];
    const name = field("Package");
    // A virtual package is shown with no file behind it.
    if (name === undefined || field("Filename") === undefined) continue;
    found.set(name, { version: field("Version") ?? "", bytes: Number(field("Size") ?? 0) });
  }
  return found;
}

async function finishUnpacked(draft: string, versions: Readonly<Record<string, string>>): Promise<void> {
  for (const path of [...UNNEEDED.map((name) => join("root", name)), "apt", "debs"]) {
    await rm(join(draft, path), { recursive: true, force: true });
  }
  const bin = join(draft, "bin");
  for (const directory of PROGRAM_DIRS) {
    const from = join(draft, "root", directory);
    const entries = (await exists(from)) ? await readdir(from, { withFileTypes: true }) : [];
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      // Relative, because the whole set moves to its final name afterwards.
      await symlink(relative(bin, join(from, entry.name)), join(bin, entry.name)).catch(ignoreExisting);
    }
  }
  await linkIptables(bin);
  await writeFile(join(draft, "complete.json"), JSON.stringify(versions, undefined, 2));
}

/** The names of iptables are made by update-alternatives, which does not run when a package is only unpacked. */
async function linkIptables(bin: string): Promise<void> {
  const names = [
    "iptables",
    "iptables-save",
    "iptables-restore",
    "ip6tables",
    "ip6tables-save",
    "ip6tables-restore",
  ];
  if (!(await exists(join(bin, "xtables-nft-multi")))) return;
  for (const name of names) await symlink("xtables-nft-multi", join(bin, name)).catch(ignoreExisting);
}

function ignoreExisting(error: unknown): void {
  if (errnoOf(error) !== "EEXIST") throw ioFailure("cannot link an unpacked program", error);
}

async function libraryDirsOf(root: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const name of await readdir(root, { recursive: true })) {
    if (/\/lib[^/]*\.so\.[^/]*$/.test(name)) found.add(dirname(join(root, name)));
  }
  return [...found];
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return false;
    throw ioFailure(`cannot look at ${path}`, error);
  }
}
