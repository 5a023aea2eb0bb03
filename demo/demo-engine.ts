/** A private engine whose network has a registry with busybox:1.36 under Docker Hub's name: builds need nothing from outside. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { findStaticBusybox, writeBusyboxRootfs } from "../src/engine/debug-root/busybox.ts";
import { startPrivateEngine, stopPrivateEngine } from "../src/engine/private/private-engine.ts";
import { seedRegistry } from "../test/support/seed-registry.ts";

/** @param directory of what it has; made, and used again. Answers its address. */
export async function startDemoEngine(
  directory: string,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<string> {
  const registry = join(directory, "registry");
  const rootfs = join(directory, "rootfs");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await rm(rootfs, { recursive: true, force: true });
  await mkdir(rootfs);
  await writeBusyboxRootfs(await findStaticBusybox({ onProgress: say, signal }), rootfs, { signal });
  await seedRegistry(registry, [{ reference: "busybox:1.36", rootfs, command: ["sh"] }], { signal });
  await rm(rootfs, { recursive: true });
  const engine = await startPrivateEngine(
    { kind: "auto", directory: join(directory, "engine"), registry, onProgress: say },
    { signal },
  );
  say(`private engine ${engine.version} at ${engine.address.text}`);
  return engine.address.text;
}

export async function stopDemoEngine(directory: string): Promise<void> {
  await stopPrivateEngine(join(directory, "engine"), { signal: AbortSignal.timeout(60_000) });
}
