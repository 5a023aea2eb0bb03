/** One process at a time, by a file that names it. */
import { link, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { throwIfCancelled } from "../../../base/errors.ts";
import {
  errnoOf,
  identityOf,
  ioFailure,
  isAlive,
  isProcessIdentity,
  readIfThere,
} from "../system/processes.ts";

/**
 * Takes a lock file that names its owner, waiting while a living process holds it. Dispose to let go.
 * A lock whose owner died is taken over. Not reentrant.
 * @throws {BktuiError} "cancelled", "io".
 */
export async function acquireLock(
  path: string,
  options: { readonly signal: AbortSignal; readonly onWait: (pid: number) => void },
): Promise<AsyncDisposable> {
  const own = await identityOf(process.pid);
  const draft = `${path}.${process.pid}.${performance.now()}`;
  // Linked into place with its content, so nobody ever reads a lock that does not name its owner yet.
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let announced = false; !(await linked(draft, path)); ) {
      throwIfCancelled(options.signal);
      const owner = await ownerOf(path);
      if (owner.kind === "dead") await removeStale(path, owner.text);
      if (owner.kind !== "alive") continue;
      if (!announced) options.onWait(owner.pid);
      announced = true;
      await delay(50);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw ioFailure(`cannot create the lock ${path}`, error);
  }
}

type Owner =
  | { readonly kind: "none" }
  | { readonly kind: "alive"; readonly pid: number }
  | { readonly kind: "dead"; readonly text: string };

async function ownerOf(path: string): Promise<Owner> {
  const text = await readIfThere(path);
  if (text === undefined) return { kind: "none" };
  const owner = parsed(text);
  if (isProcessIdentity(owner) && (await isAlive(owner))) return { kind: "alive", pid: owner.pid };
  return { kind: "dead", text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A file cut short by a full disk or a crash names nobody, which is what the caller needs to know.
    return undefined;
  }
}

/** Moves the lock aside first: between reading and removing, another process may have put its own there. */
async function removeStale(path: string, text: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw ioFailure(`cannot take over the lock ${path}`, error);
  }
  if ((await readIfThere(aside)) !== text) await linked(aside, path);
  await rm(aside, { force: true });
}
