/** Where the sockets are that one attaches by: folders that only their user can enter. */
import { randomBytes } from "node:crypto";
import { rmdirSync, unlinkSync } from "node:fs";
import { readdir, rmdir, unlink } from "node:fs/promises";
import { connect as connectTo, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { BktuiError } from "./errors.ts";
import {
  ensurePrivateDirectory,
  MAX_SOCKET_PATH_BYTES,
  ownUid,
  privacyOf,
  socketBases,
} from "./private-directory.ts";
import { quietly } from "./quietly.ts";
import { visibleLine } from "./visible.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What speaks behind the sockets of a folder. */
export interface SocketKind {
  readonly folder: string;
  /** The option that names one. */
  readonly option: string;
  /** Which there are. */
  readonly hint: string;
}

/** Screens for terminals. */
export const SCREENS: SocketKind = {
  folder: "attach",
  option: "--serve=",
  hint: "bktui attach --list lists what can be attached to",
};

/** The Debug Adapter Protocol. */
export const ADAPTERS: SocketKind = {
  folder: "dap",
  option: "--listen=unix:",
  hint: "bktui dap --listen=unix:NAME waits for editors, and so does a screen with --dap",
};

const SUFFIX = ".sock";
const NAME_LIMIT = 40;
const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** @throws {BktuiError} "usage" when it could not be the name of a file, or is too long for one of a socket. */
export function checkName(name: string): string {
  if (NAME_PATTERN.test(name) && name.length <= NAME_LIMIT) return name;
  throw new BktuiError("usage", `${visibleLine(name)}: no name to attach by`, {
    hint: `letters, digits, ".", "_" and "-", at most ${NAME_LIMIT}`,
  });
}

/** "build-3f2a": what is built, and something that no other has. */
export function madeUpName(what: string): string {
  const word = what.replace(/[^A-Za-z0-9._-]/g, "").replace(/^[._-]+/, "");
  return `${word === "" ? "build" : word.slice(0, NAME_LIMIT - 5)}-${randomBytes(2).toString("hex")}`;
}

/** Makes the folder where it is missing. @throws {BktuiError} "io" when somebody else could enter it. */
export async function ownFolder(env: Environment, { folder: inner } = SCREENS): Promise<string> {
  const bases = await socketBases(env);
  const fits = (base: string): boolean =>
    Buffer.byteLength(join(base, inner, "x".repeat(NAME_LIMIT) + SUFFIX)) <= MAX_SOCKET_PATH_BYTES;
  const base = bases.find(fits) ?? "/tmp";
  await ensurePrivateDirectory(base);
  const folder = join(base, inner);
  await ensurePrivateDirectory(folder);
  return folder;
}

export function socketIn(folder: string, name: string): string {
  return join(folder, name + SUFFIX);
}

/** Whether `attach NAME` finds a socket of this folder in a login that has another environment. */
export function isUsualFolder(folder: string, kind = SCREENS): boolean {
  return usualFolders(kind).includes(folder);
}

/** Removes a socket's folder, and the one above, when nothing is in them any more. */
export async function removeEmptyFolder(folder: string): Promise<void> {
  await quietly(rmdir(folder));
  await quietly(rmdir(dirname(folder)));
}

/** At the end of a process, where nothing is waited for: a socket, and with `folder` what `removeEmptyFolder` removes. */
export function removeSocketNow(path: string, { folder }: { readonly folder: boolean }): void {
  const above = dirname(path);
  const removals = folder
    ? [() => unlinkSync(path), () => rmdirSync(above), () => rmdirSync(dirname(above))]
    : [() => unlinkSync(path)];
  for (const remove of removals) {
    try {
      remove();
    } catch {
      // It is gone already, or others have something in it.
    }
  }
}

/** A login by ssh has an XDG_RUNTIME_DIR where the job that it looks for had none. */
function usualFolders({ folder }: SocketKind): readonly string[] {
  return [`/run/user/${ownUid()}/bktui`, `/tmp/bktui-${ownUid()}`].map((base) => join(base, folder));
}

/**
 * The sockets that there are, dead ones left out and removed.
 * @throws {BktuiError} "io" when a folder is not this user's alone
 */
export async function livingSockets(env: Environment, kind = SCREENS): Promise<readonly string[]> {
  const bases = await socketBases(env);
  const folders = new Set([...bases.map((base) => join(base, kind.folder)), ...usualFolders(kind)]);
  const found: string[] = [];
  for (const folder of folders) {
    // Another user's folder of this name is no business of ours; one of ours that others can enter is.
    if ((await privacyOf(folder).catch(() => "missing")) !== "private") continue;
    const names = await readdir(folder);
    for (const name of names.filter((each) => each.endsWith(SUFFIX)).sort()) {
      const path = join(folder, name);
      const state = await stateOf(path);
      if (state === "living") found.push(path);
      else if (state === "dead") await quietly(unlink(path));
    }
  }
  return found;
}

export function nameOf(path: string): string {
  return basename(path, SUFFIX);
}

/**
 * Connects to a socket in a folder that is this user's alone.
 * @throws {BktuiError} "io" when the folder is another's or open to others, "not-found" when nobody answers.
 */
export async function connectToSocket(path: string, { hint } = SCREENS): Promise<Socket> {
  await refuseOthers(dirname(path));
  return await new Promise((resolve, reject) => {
    const socket = connectTo(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error) => {
      const code = "code" in error ? String(error.code) : "";
      const why = WHY[code] ?? error.message;
      reject(
        new BktuiError("not-found", `cannot attach to ${visibleLine(path)}: ${why}`, {
          cause: error,
          hint,
        }),
      );
    });
  });
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket",
  ECONNREFUSED: "the process that it belonged to is gone",
  EACCES: "it belongs to another user",
  EPERM: "it belongs to another user",
  ENOTSOCK: "it is no socket",
};

/** What could be put there by somebody else is not trusted with a keyboard. */
async function refuseOthers(folder: string): Promise<void> {
  const shown = visibleLine(folder);
  const privacy = await privacyOf(folder).catch((error: unknown) => {
    throw new BktuiError("io", `cannot attach by ${shown}: it belongs to another user`, {
      cause: error,
      hint: "attach as the user who started the build",
    });
  });
  if (privacy === "private") return;
  if (privacy === "missing") throw new BktuiError("not-found", `there is no folder ${shown}`);
  if (privacy === "open")
    throw new BktuiError("io", `cannot attach by ${shown}: others can enter it too`, {
      hint: `who could put a socket there could read what is typed: chmod 700 ${shown}, if it is yours`,
    });
  throw new BktuiError(
    "io",
    `cannot attach by ${shown}: it belongs to the user with the number ${privacy.uid}`,
    {
      hint: "attach as the user who started the build",
    },
  );
}

/** Frees a name whose process is gone. @throws {BktuiError} "usage" when somebody answers by it. */
export async function takeName(path: string, { option } = SCREENS): Promise<void> {
  const state = await stateOf(path);
  if (state === "dead") await quietly(unlink(path));
  if (state !== "living") return;
  throw new BktuiError("usage", `${option}${nameOf(path)}: another build has this name`, {
    hint: "choose another one, or leave it out: one is made up then",
  });
}

/** A socket of a process that was killed stays, and refuses. */
function stateOf(path: string): Promise<"living" | "dead" | "none"> {
  return new Promise((resolve) => {
    const socket = connectTo(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("living");
    });
    socket.once("error", (error) => {
      const code = "code" in error ? error.code : undefined;
      resolve(code === "ECONNREFUSED" ? "dead" : code === "ENOENT" ? "none" : "living");
    });
  });
}
