/** An engine that lacks something: memory for its steps, space on its disk, or a login for its registry. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseHierarchies } from "../../src/engine/private/daemon/cgroup.ts";
import { engineHome } from "../../src/engine/private/home/home.ts";
import { findPackageSource } from "../../src/engine/private/packages/packages.ts";
import { fetchTools } from "../../src/engine/private/packages/programs.ts";
import { packageCacheDirectory } from "../../src/engine/private/system/cache-directories.ts";
import type { OwnEngine } from "./own-engine.ts";

const { signal } = new AbortController();

/** Steps get so many bytes together. False where the memory controller cannot be used. */
export async function limitMemory(own: OwnEngine, bytes: number): Promise<boolean> {
  const found = parseHierarchies(await readFile("/proc/self/mountinfo", "utf8"));
  const place = found.find(({ kind }) => kind !== "v1-other");
  if (place === undefined) return false;
  const file = place.kind === "v2" ? "memory.max" : "memory.limit_in_bytes";
  const steps = join(place.mountPoint, engineHome(own.directory).name, "steps");
  try {
    await mkdir(steps, { recursive: true });
    await writeFile(join(steps, file), String(bytes));
    return true;
  } catch {
    return false;
  }
}

/** A registry in the engine's network that lets nobody in. Dispose to end it. */
export async function guardedRegistry(own: OwnEngine, port: number): Promise<AsyncDisposable> {
  const directory = join(own.directory, "guarded");
  await mkdir(directory, { recursive: true });
  const config = join(directory, "registry.yml");
  await writeFile(join(directory, "htpasswd"), "");
  await writeFile(
    config,
    [
      "version: 0.1",
      `storage: {filesystem: {rootdirectory: ${JSON.stringify(join(directory, "data"))}}}`,
      `http: {addr: "127.0.0.1:${port}"}`,
      `auth: {htpasswd: {realm: guarded, path: ${JSON.stringify(join(directory, "htpasswd"))}}}`,
      "",
    ].join("\n"),
  );
  const pid = await own.daemonPid();
  const cache = packageCacheDirectory();
  const tools = await fetchTools(await findPackageSource(), { cache, onProgress: () => undefined, signal });
  const program = join(tools.binDir, "docker-registry");
  const args = [`--net=/proc/${pid}/ns/net`, program, "serve", config];
  const registry = spawn("nsenter", args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(registry, "exit");
  await new Promise<void>((resolve, reject) => {
    let said = "";
    registry.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (/listening on/.test(said)) resolve();
    });
    registry.once("exit", () => reject(new Error(`the registry ended: ${said}`)));
  });
  return {
    [Symbol.asyncDispose]: async () => {
      registry.kill();
      await ended;
    },
  };
}
