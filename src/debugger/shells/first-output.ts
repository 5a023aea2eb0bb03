/** When a shell can be taken to run: shells that cannot are reported as started too (dockerd 28.5: "started", then exit code 1). */
import type { Process } from "../../engine/engine.ts";

/** A process of which it is known whether it has printed anything. */
export interface Speaking {
  readonly hasSpoken: boolean;
  /** Told at its first word, at once when that has come already. */
  onFirst(listener: () => void): void;
  readonly exited: Process["exited"];
}

/** A shell without a prompt is taken as it is after this. */
const SILENT_SHELL_MS = 1500;

/**
 * Waits until a process has printed something or has been silent for a while: undefined. Answers with the exit code of
 * one that ended badly without a word.
 */
export async function firstOutput(process: Speaking): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), SILENT_SHELL_MS);
    process.onFirst(() => {
      clearTimeout(timer);
      resolve(undefined);
    });
    process.exited
      .then((code) => resolve(process.hasSpoken || code === 0 ? undefined : code), reject)
      .finally(() => clearTimeout(timer));
  });
}

/** Keeps what a process prints until there is somebody to read it. */
export class EarlyOutput implements Speaking {
  readonly exited: Process["exited"];
  #chunks: Uint8Array[] = [];
  #listener: ((chunk: Uint8Array) => void) | undefined;
  #onFirst: (() => void) | undefined;

  constructor({ exited }: Pick<Process, "exited">) {
    this.exited = exited;
  }

  get hasSpoken(): boolean {
    return this.#listener !== undefined || this.#chunks.length > 0;
  }

  push(chunk: Uint8Array): void {
    if (this.#listener !== undefined) this.#listener(chunk);
    else this.#chunks.push(chunk);
    this.#onFirst?.();
  }

  onFirst(listener: () => void): void {
    this.#onFirst = listener;
    if (this.hasSpoken) listener();
  }

  onData(listener: (chunk: Uint8Array) => void): void {
    this.#onFirst = undefined;
    this.#listener = listener;
    for (const chunk of this.#chunks.splice(0)) listener(chunk);
  }
}
