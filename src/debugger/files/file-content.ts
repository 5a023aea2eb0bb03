/** A file of a state by its path: links are followed, and what cannot be shown as text is said. */
import { posix } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { FileEntry, StateSide } from "../../engine/engine.ts";
import type { StepId } from "../../graph/program.ts";
import type { Debugger } from "../debugger.ts";
import { type FileText, fileText, maskedText } from "./file-text.ts";
import { readPartOf } from "./readings.ts";

export interface FileContent {
  /** Absolute; where links led. Untrusted text. */
  readonly path: string;
  readonly entry: FileEntry;
  /** Values of secrets are masked in it. */
  readonly text: FileText;
}

interface Place {
  readonly step: StepId;
  readonly side: StateSide;
}

const ROOT: FileEntry = { name: "/", kind: "directory", size: 0, mode: 0o755 };
/** As the kernel. */
const MOST_LINKS = 40;

/** Reads no more of it than a text may have. @throws {BktuiError} "not-found", "not-now" as `Debugger.files`. */
export async function fileContent(
  debug: Debugger,
  place: Place,
  { path: typed, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<FileContent> {
  const found = await fileAt(debug, place, { path: typed, signal });
  if (found === undefined)
    throw new BktuiError("not-found", `${visibleLine(posix.resolve("/", typed))} is not in this state`, {
      hint: "files lists what is in a directory.",
    });
  const { path, entry } = found;
  const text = await fileText(entry, readPartOf(debug, place, path), "same", { signal });
  return { path, entry, text: maskedText(text, debug) };
}

/**
 * What stands at a path, links followed; undefined when there is nothing.
 * @throws {BktuiError} "not-now" as `Debugger.files`; "bad-request" when links lead in a circle.
 */
export async function fileAt(
  debug: Pick<Debugger, "files">,
  { step, side }: Place,
  { path: typed, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<{ readonly path: string; readonly entry: FileEntry } | undefined> {
  let path = posix.resolve("/", typed);
  for (let links = 0; links < MOST_LINKS; links += 1) {
    if (path === "/") return { path, entry: ROOT };
    const directory = posix.dirname(path);
    const entries = await listed(debug.files(step, side, { path: directory, signal }));
    const entry = entries?.find(({ name }) => name === posix.basename(path));
    if (entry === undefined) return undefined;
    if (entry.kind !== "link") return { path, entry };
    path = posix.resolve(directory, entry.target ?? "");
  }
  throw new BktuiError("bad-request", `${visibleLine(typed)}: its links lead in a circle`);
}

/** undefined when there is no such directory. */
async function listed(entries: Promise<readonly FileEntry[]>): Promise<readonly FileEntry[] | undefined> {
  try {
    return await entries;
  } catch (error) {
    if (error instanceof BktuiError && error.code === "not-found") return undefined;
    throw error;
  }
}
