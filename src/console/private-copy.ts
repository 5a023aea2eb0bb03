/** Copies of Dockerfiles that have no file here, to be edited and built from. */
import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import { type BuildFile, type Sourced, sourceName, sourcePlace } from "../engine/build-sources.ts";

/**
 * Writes the text to a directory that is for this user alone and goes with this process.
 * @throws {BktuiError} "io".
 */
export async function privateCopy(
  sources: Sourced,
  text: string,
): Promise<Extract<BuildFile, { readonly kind: "copy" }>> {
  const name = sourceName(sources);
  try {
    const directory = await mkdtemp(join(tmpdir(), "bktui-copy-"));
    process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return { kind: "copy", path, of: sourcePlace(sources) };
  } catch (error) {
    throw new BktuiError("io", `cannot copy the Dockerfile to ${tmpdir()}: ${toBktuiError(error).message}`, {
      cause: error,
      hint: "set TMPDIR to a directory with room for it",
    });
  }
}
