/** Looks for context files that cannot be read, before the build starts. */
import { closeSync, constants, openSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { BktuiError } from "../../base/errors.ts";
import { type BytePath, fromText, joinBytes, toBytes, toText } from "./byte-path.ts";
import { describeSystemError, problemKindOf } from "./file-problem.ts";
import type { PatternMatcher } from "./pattern-matcher.ts";
import { walk } from "./walk.ts";

/** A context file or directory that the build would need and cannot read. */
export interface UnreadableFile {
  /** Relative to the context, decoded; untrusted text. "" is the context itself. */
  readonly path: string;
  /** E.g. "permission denied". */
  readonly reason: string;
}

/**
 * Finds what could not be sent, before the build starts: other clients send such files empty without a word.
 * Opens each file for a moment and reads nothing; ignored files are not looked at.
 * @throws {BktuiError} "io" when the directory does not exist, "cancelled".
 */
export async function checkContext(
  directory: string,
  ignore: PatternMatcher,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<readonly UnreadableFile[]> {
  const root = await resolveContext(directory);
  const found: UnreadableFile[] = [];
  const note = (path: BytePath, error: unknown): void => {
    // What vanishes meanwhile is not part of the context any more.
    if (problemKindOf(error) !== "unreadable") return;
    found.push({ path: toText(path), reason: describeSystemError(error) });
  };
  const entries = walk(root, { includes: [], excludes: [ignore] }, { signal, onUnreadable: note });
  for await (const entry of entries) {
    if (entry.contentBytes === 0) continue;
    try {
      closeSync(openSync(toBytes(joinBytes(fromText(root), entry.path)), checkFlags));
    } catch (error) {
      note(entry.path, error);
    }
  }
  return found;
}

const checkFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function resolveContext(directory: string): Promise<string> {
  try {
    return await realpath(directory);
  } catch (error) {
    throw noContext(directory, error);
  }
}

function noContext(directory: string, cause: unknown): BktuiError {
  return new BktuiError("io", `cannot open the context ${directory}: ${describeSystemError(cause)}`, {
    cause,
  });
}
