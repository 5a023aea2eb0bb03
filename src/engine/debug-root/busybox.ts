/** A static busybox, and a small root file system of it. */
import { chmod, copyFile, mkdir, open, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { findPackageSource } from "../private/packages/packages.ts";
import { fetchTools, findProgram, searchPath } from "../private/packages/programs.ts";
import { packageCacheDirectory } from "../private/system/cache-directories.ts";
import { runSuccessfully } from "../private/system/run-program.ts";

interface FindOptions {
  /** Where unpacked packages are kept; default `packageCacheDirectory()`. */
  readonly cache?: string | undefined;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** ELF (System V ABI): program header type of a dynamically linked program. */
const INTERPRETER_HEADER = 3;

/**
 * Path of a statically linked busybox: the installed one, else that of the package busybox-static.
 * @throws {BktuiError} "unsupported" when neither is to be had, "io", "cancelled".
 */
export async function findStaticBusybox(options: FindOptions): Promise<string> {
  const installed = await findProgram("busybox", searchPath(process.env));
  if (installed !== undefined && (await isStatic(installed))) return installed;
  const cache = options.cache ?? packageCacheDirectory();
  const tools = await fetchTools(await findPackageSource(), { ...options, cache });
  const unpacked = await findProgram("busybox", [tools.binDir]);
  if (unpacked !== undefined) return unpacked;
  throw new BktuiError("unsupported", "there is no statically linked busybox on this machine", {
    hint: "Install the package busybox-static.",
  });
}

/** Fills an empty directory with a small root file system: busybox under all its names, root's account, /tmp. */
export async function writeBusyboxRootfs(
  busybox: string,
  rootfs: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  for (const directory of ["bin", "usr/bin", "etc", "root", "home", "tmp", "var", "dev", "proc", "sys"]) {
    await mkdir(join(rootfs, directory), { recursive: true, mode: 0o755 });
  }
  await chmod(join(rootfs, "tmp"), 0o1777);
  await copyFile(busybox, join(rootfs, "bin/busybox"));
  await chmod(join(rootfs, "bin/busybox"), 0o755);
  const names = (await runSuccessfully(busybox, ["--list"], { signal })).trim().split("\n");
  for (const name of names) {
    if (name !== "busybox") await symlink("busybox", join(rootfs, "bin", name));
  }
  // Scripts start with it.
  await symlink("../../bin/busybox", join(rootfs, "usr/bin/env"));
  const accounts = ["root:x:0:0:root:/root:/bin/sh", "nobody:x:65534:65534:nobody:/home:/bin/false"];
  await writeFile(join(rootfs, "etc/passwd"), `${accounts.join("\n")}\n`);
  await writeFile(join(rootfs, "etc/group"), "root:x:0:\nnobody:x:65534:\n");
}

/** Whether a 64-bit little-endian ELF program asks for no dynamic linker. */
export async function isStatic(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const { buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  if (buffer.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") return false;
  const start = Number(buffer.readBigUInt64LE(0x20));
  const size = buffer.readUInt16LE(0x36);
  const count = buffer.readUInt16LE(0x38);
  for (let index = 0; index < count; index += 1) {
    const at = start + index * size;
    if (at + 4 > buffer.length || buffer.readUInt32LE(at) === INTERPRETER_HEADER) return false;
  }
  return true;
}
