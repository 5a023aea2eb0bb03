/** Which files of this machine a client may read and change: those of the build's own directories, links resolved. */
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { visibleLine } from "../base/visible.ts";

/** Absolute paths. */
export interface Places {
  /** The context, and others that the build reads. */
  readonly directories: readonly string[];
  /** Files by themselves, e.g. a Dockerfile beside its context. */
  readonly files: readonly string[];
  /** The Dockerfile, or what else the build is written in; undefined = it is not here. */
  readonly source?: string | undefined;
  /** Files whose text is the value of a secret. */
  readonly secrets?: readonly string[];
}

/** Their files say what programs outside of the build do: hooks and configuration of git, and of tools like it. */
const KEPT_OUT = new Set([".git", ".hg", ".svn", ".jj"]);
/** What is asked for there is never a file of a build, whatever directory was given. */
const OF_THE_SYSTEM = ["/proc", "/sys", "/dev"];

/** A file that may be used, with what a client calls it. */
export interface Place {
  /** Absolute, without links in it. */
  readonly path: string;
  readonly shown: string;
  readonly exists: boolean;
}

/**
 * @param typed relative to the first directory, else absolute
 * @throws {BktuiError} "usage" that says why it may not be used; "not-found" where its directory is not there.
 */
export async function placeOf(typed: string, places: Places): Promise<Place> {
  const [base] = [...places.directories, ...places.files.map((path) => dirname(path))];
  if (base === undefined)
    throw new BktuiError("usage", "this build has no files on this machine", {
      hint: "Its context and its Dockerfile come from elsewhere; what is to be changed must be changed there.",
    });
  const shown = visibleLine(typed);
  if (typed.trim() === "") throw refused("an empty path", "is no file", places);
  if (typed.split(/[\\/]/).includes("..")) throw refused(shown, 'has ".." in it', places);
  const asked = resolve(base, typed);
  const real = await realPlace(asked, shown);
  const allowed = await realPlaces(places);
  const inside = allowed.directories.find((directory) => isInside(real.path, directory));
  if (inside === undefined && !allowed.files.includes(real.path)) {
    const why =
      real.path === asked ? "lies outside" : `leads to ${visibleLine(real.path)}, which lies outside`;
    throw refused(shown, why, places);
  }
  if (OF_THE_SYSTEM.some((path) => isInside(real.path, path)))
    throw refused(shown, "belongs to the system", places);
  if (allowed.secrets.includes(real.path)) throw refused(shown, "is the value of a secret", places);
  const kept = real.path
    .slice(inside?.length ?? 0)
    .split(sep)
    .find((name) => KEPT_OUT.has(name.toLowerCase()));
  if (kept !== undefined)
    throw refused(shown, `lies in ${kept}, which says what programs outside of the build do`, places);
  return { ...real, shown };
}

/** Of one that is not there yet, what leads to it. */
async function realPlace(asked: string, shown: string): Promise<Pick<Place, "path" | "exists">> {
  try {
    return { path: await realpath(asked), exists: true };
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw cannot(shown, error);
  }
  // A link that leads nowhere would make the file where it leads.
  if ((await lstat(asked).catch(() => undefined)) !== undefined)
    throw new BktuiError("usage", `${shown} is a link that leads nowhere`, { hint: "Name the file itself." });
  try {
    return { path: join(await realpath(dirname(asked)), basename(asked)), exists: false };
  } catch (error) {
    throw cannot(shown, error);
  }
}

function cannot(shown: string, error: unknown): BktuiError {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR")
    return new BktuiError("not-found", `the directory of ${shown} is not there`, {
      hint: "source with a path lists nothing; name a file of the build's directories.",
    });
  return new BktuiError("io", `${shown} cannot be looked at: ${code ?? String(error)}`);
}

async function realPlaces({
  directories,
  files,
  secrets = [],
}: Places): Promise<Required<Omit<Places, "source">>> {
  const real = async (path: string): Promise<string> => await realpath(path).catch(() => path);
  return {
    directories: await Promise.all(directories.map(real)),
    files: await Promise.all(files.map(real)),
    secrets: await Promise.all(secrets.map(real)),
  };
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

function refused(shown: string, why: string, { directories, files }: Places): BktuiError {
  return new BktuiError("usage", `${shown} ${why}`, {
    hint: `Only files of the build may be used: ${[...directories.map((path) => `what is in ${path}`), ...files].join(", ")}.`,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
