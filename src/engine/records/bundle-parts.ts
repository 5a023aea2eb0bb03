/** What a bundle has beside its record; see engine/bundles/. */
import { open } from "node:fs/promises";
import { clipText, limits } from "../../base/limits.ts";
import { ABOUT_FILE, BUNDLE_FOLDER, STATE_FILE } from "../bundles/bundle-names.ts";
import type { BundleParts } from "../record.ts";
import type { Archive } from "./archive.ts";

type Signal = { readonly signal: AbortSignal };

const ABOUT = `${BUNDLE_FOLDER}/${ABOUT_FILE}`;
const STATE = `${BUNDLE_FOLDER}/${STATE_FILE}`;
/** Whatever the file says. */
const MOST_LINES = 20;

/** Undefined for a file that is no bundle. @throws {BktuiError} "bad-request" for one that is too large. */
export async function bundleParts(archive: Archive, { signal }: Signal): Promise<BundleParts | undefined> {
  if (!archive.has(ABOUT)) return undefined;
  const text = (await archive.bytes(ABOUT, { signal })).toString("utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return {
    about: lines.slice(0, MOST_LINES).map((line) => clipText(line, limits.nameCharacters)),
    hasState: archive.has(STATE),
    unpackState: async (path, options) => await copy(archive, path, options),
  };
}

/** To a path that is made here: nothing in the archive says where. */
async function copy(archive: Archive, path: string, { signal }: Signal): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  for await (const chunk of archive.read(STATE, { signal })) await file.writeFile(chunk);
}
