/** What runs in an engine's directory, as a file. */
import { rename, writeFile } from "node:fs/promises";
import { BktuiError } from "../../../base/errors.ts";
import { isProcessIdentity, type ProcessIdentity, readIfThere } from "../system/processes.ts";
import type { EngineHome } from "./home.ts";

export type EngineNetwork = "nat" | "isolated" | "host";

/** What the next process must know to use and to stop a running engine. */
export interface EngineRecord {
  readonly kind: "dockerd" | "buildkitd";
  readonly version: string;
  /** Distribution suite of the packages; undefined = the installed programs. */
  readonly suite: string | undefined;
  /** Directory of docker and docker-buildx, when they came with it. */
  readonly binDir: string | undefined;
  readonly socketDirectory: string;
  readonly network: EngineNetwork;
  readonly notes: readonly string[];
  /** Where dlv listens, which is attached to it, e.g. "127.0.0.1:5000". */
  readonly delve: string | undefined;
  /** Started with containerd's image store in place of dockerd's own. */
  readonly containerdStore: boolean;
  /** The engine's first process, in its own pid namespace: everything else ends with it. */
  readonly init: ProcessIdentity;
}

export async function writeRecord(home: EngineHome, record: EngineRecord): Promise<void> {
  const draft = `${home.record}.new`;
  await writeFile(draft, JSON.stringify(record, undefined, 2), { mode: 0o600 });
  await rename(draft, home.record);
}

/**
 * undefined when no engine was started, or it was stopped in order.
 * @throws {BktuiError} "io" when the file is not what bktui wrote.
 */
export async function readRecord(home: EngineHome): Promise<EngineRecord | undefined> {
  const text = await readIfThere(home.record);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // One of an older version has no word about the store.
    if (isRecord(value)) return { ...value, containerdStore: value.containerdStore === true };
  } catch (error) {
    throw damaged(home, error);
  }
  throw damaged(home);
}

function damaged(home: EngineHome, cause?: unknown): BktuiError {
  return new BktuiError("io", `${home.record} is not a record of an engine`, {
    cause,
    hint: "Remove that file, and end the engine's processes if it runs.",
  });
}

function isRecord(value: unknown): value is EngineRecord {
  if (typeof value !== "object" || value === null) return false;
  const record: Partial<Record<string, unknown>> = { ...value };
  const isTextOrAbsent = (field: unknown): boolean => field === undefined || typeof field === "string";
  return (
    (record["kind"] === "dockerd" || record["kind"] === "buildkitd") &&
    typeof record["version"] === "string" &&
    isTextOrAbsent(record["suite"]) &&
    isTextOrAbsent(record["binDir"]) &&
    isTextOrAbsent(record["delve"]) &&
    typeof record["socketDirectory"] === "string" &&
    (record["network"] === "nat" || record["network"] === "isolated" || record["network"] === "host") &&
    Array.isArray(record["notes"]) &&
    record["notes"].every((note) => typeof note === "string") &&
    isProcessIdentity(record["init"])
  );
}
