/** Looks for what an export would overwrite. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../../base/errors.ts";
import type { Address } from "../../../transport/address.ts";
import { callDocker } from "../../../transport/docker-api.ts";
import { AlreadyThere } from "../../failures.ts";
import type { ReadyOutput } from "../outputs.ts";

export interface LookParts {
  /** That of the engine, when it is a dockerd. */
  readonly docker: Address | undefined;
  /** Whether a registry has an image of that name. */
  readonly isPushed: (name: string) => Promise<boolean>;
  /** Of other outputs. */
  readonly files: readonly string[];
  readonly signal: AbortSignal;
}

/** @throws {AlreadyThere} naming everything that is. */
export async function refuseExisting(outputs: readonly ReadyOutput[], parts: LookParts): Promise<void> {
  const places: string[] = [];
  for (const output of outputs) places.push(...(await existing(output, parts)));
  for (const path of parts.files) if (await isFile(path)) places.push(path);
  if (places.length > 0) throw new AlreadyThere(places);
}

async function existing(output: ReadyOutput, parts: LookParts): Promise<readonly string[]> {
  const { delivery, names, push, docker } = output;
  switch (delivery.kind) {
    case "file":
      return delivery.path !== "-" && (await isFile(delivery.path)) ? [delivery.path] : [];
    case "directory":
      return (await isFilled(delivery.path)) ? [delivery.path] : [];
    case "layout":
      return (await isFile(join(delivery.path, "index.json"))) ? [delivery.path] : [];
    case "load":
      return await inStore(names, docker, parts);
    case "engine": {
      const stored = await inStore(names, parts.docker, parts);
      const pushed: string[] = [];
      if (push !== "no")
        for (const name of names) if (await parts.isPushed(name)) pushed.push(`${name} in its registry`);
      return [...new Set([...stored, ...pushed])];
    }
  }
}

/** Pipes and devices are written to, not replaced. */
async function isFile(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  return there !== undefined && (there.isFile() || there.isDirectory());
}

async function isFilled(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => []);
  return names.length > 0;
}

async function inStore(
  names: readonly string[],
  docker: Address | undefined,
  { signal }: Pick<LookParts, "signal">,
): Promise<readonly string[]> {
  if (docker === undefined) return [];
  const found: string[] = [];
  for (const name of names) if (await hasImage(docker, name, signal)) found.push(`the image ${name}`);
  return found;
}

async function hasImage(docker: Address, name: string, signal: AbortSignal): Promise<boolean> {
  const path = `/images/${encodeURIComponent(name).replaceAll("%2F", "/").replaceAll("%3A", ":")}/json`;
  try {
    const answer = await callDocker(docker, { method: "GET", path, signal });
    answer.resume();
    return true;
  } catch (error) {
    throwIfCancelled(signal);
    const { message } = toBktuiError(error);
    // Docker's word for it: nothing else tells a refusal from another.
    if (/no such image/i.test(message)) return false;
    throw new BktuiError("engine", `docker does not say whether it has the image ${name}: ${message}`, {
      cause: error,
    });
  }
}
