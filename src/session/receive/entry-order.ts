/** Which names and which order of entries a sender may announce. */
import { BktuiError } from "../../base/errors.ts";
import { limits, shortWords } from "../../base/limits.ts";
import { type BytePath, fromText, joinBytes, sliceBytes, toText } from "../files/byte-path.ts";

interface Level {
  readonly directory: BytePath;
  last: BytePath | undefined;
}

const ROOT = fromText("");

/**
 * Takes the paths of one announced tree in their order: a directory before what is in it, each directory's names sorted by
 * bytes, each once. So every directory on the way to a path is one that this tree has announced as a directory: never a
 * link, never something outside.
 */
export class EntryOrder {
  readonly #open: Level[] = [{ directory: ROOT, last: undefined }];
  #count = 0;

  /**
   * Name and directory of the next entry.
   * @throws {BktuiError} "engine" when it may not be.
   */
  take(path: BytePath, { isDirectory }: { readonly isDirectory: boolean }): void {
    this.#count += 1;
    if (this.#count > limits.receivedEntries)
      throw refused(path, `is one of more than ${limits.receivedEntries} that the engine announces`);
    const slash = path.lastIndexOf("/");
    const directory = slash < 0 ? ROOT : sliceBytes(path, 0, slash);
    const name = slash < 0 ? path : sliceBytes(path, slash + 1);
    if (slash === 0) throw refused(path, "is absolute");
    if (name === "" || name === "." || name === ".." || name.includes("\0"))
      throw refused(path, "is no name of a file");
    const level = this.#levelOf(directory);
    if (level === undefined) throw refused(path, "lies in no directory that was announced before");
    if (level.last !== undefined && level.last >= name)
      throw refused(path, "is announced twice or in the wrong order");
    level.last = name;
    if (isDirectory) this.#open.push({ directory: joinBytes(directory, name), last: undefined });
  }

  /** Leaves the directories that are finished with. */
  #levelOf(directory: BytePath): Level | undefined {
    for (let at = this.#open.length - 1; at >= 0; at -= 1) {
      if (this.#open[at]?.directory !== directory) continue;
      this.#open.length = at + 1;
      return this.#open[at];
    }
    return undefined;
  }
}

/** What the engine announces is not taken. */
export function refused(path: BytePath, why: string): BktuiError {
  return new BktuiError(
    "engine",
    `the engine sends ${JSON.stringify(shortWords(toText(path)))}, which ${why}`,
    {
      hint: "nothing of this output was written; the engine may be broken or mean no good",
    },
  );
}
