/** Files of states as a test writes them down, in place of an engine's. */
import { posix } from "node:path";
import { BktuiError } from "../../src/base/errors.ts";
import type { FileChange, StateChanges } from "../../src/debugger/debugger.ts";
import type { FileEntry, FilePart, StateSide } from "../../src/engine/engine.ts";
import { entry } from "./changes.ts";

type Asked = { readonly signal: AbortSignal };

export class HandStates {
  /** What a step changed; an error = refused. */
  changes: readonly FileChange[] | BktuiError = [];
  problems: readonly string[] = [];
  /** `SIDE PATH` to the text of a file, e.g. "failed /app/a.txt". */
  readonly texts = new Map<string, string>();
  /** Everything that was asked for, in order. */
  readonly asked: string[] = [];
  /** Questions are not answered before it resolves, or they are cancelled. */
  held: Promise<void> | undefined;

  /** Paths of a side; a directory ends with "/". */
  put(side: StateSide, ...paths: readonly string[]): void {
    for (const path of paths) this.#entries.set(`${side} ${path.replace(/\/$/, "")}`, entry(path));
  }

  async listed(side: StateSide, path: string, { signal }: Asked): Promise<readonly FileEntry[]> {
    await this.#ask(`files ${side} ${path}`, signal);
    return [...this.#entries]
      .filter(([key]) => key.startsWith(`${side} `) && posix.dirname(key.slice(side.length + 1)) === path)
      .map(([, found]) => found);
  }

  async read(
    side: StateSide,
    {
      path,
      offset,
      length,
      signal,
    }: Asked & { readonly path: string; readonly offset: number; readonly length: number },
  ): Promise<FilePart> {
    await this.#ask(`read ${side} ${path}`, signal);
    const text = this.texts.get(`${side} ${path}`);
    if (text === undefined) throw new BktuiError("not-found", `${path} is not in this state`);
    const bytes = Buffer.from(text);
    return { bytes: bytes.subarray(offset, offset + length), size: bytes.length };
  }

  async changed(side: StateSide, { signal }: Asked): Promise<StateChanges> {
    await this.#ask(`changes ${side}`, signal);
    if (this.changes instanceof BktuiError) throw this.changes;
    return { changes: this.changes, problems: this.problems };
  }

  readonly #entries = new Map<string, FileEntry>();

  async #ask(question: string, signal: AbortSignal): Promise<void> {
    this.asked.push(question);
    if (this.held === undefined) return;
    await Promise.race([
      this.held,
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          this.asked.push(`cancelled ${question}`);
          reject(new BktuiError("cancelled", "cancelled"));
        });
      }),
    ]);
  }
}
