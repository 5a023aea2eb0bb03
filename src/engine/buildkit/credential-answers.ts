/** Handing over a password is never silent. */
import { clipText, limits } from "../../base/limits.ts";
import type { CredentialsAnswer } from "../../session/auth.ts";
import type { Progress } from "../engine.ts";

/** What the engine asked for, each registry and outcome once; the user is told of what was given and what was refused. */
export class CredentialAnswers {
  readonly #onProgress: (progress: Progress) => void;
  readonly #answers: CredentialsAnswer[] = [];
  readonly #seen = new Set<string>();

  constructor(onProgress: (progress: Progress) => void) {
    this.#onProgress = onProgress;
  }

  /** Oldest first. */
  get all(): readonly CredentialsAnswer[] {
    return this.#answers;
  }

  add({ host: asked, outcome }: CredentialsAnswer): void {
    const host = clipText(asked, limits.hostCharacters);
    const key = `${outcome} ${host}`;
    if (this.#seen.has(key) || this.#answers.length >= limits.warnings) return;
    this.#seen.add(key);
    this.#answers.push({ host, outcome });
    const text = wordsOf({ host, outcome });
    if (text !== undefined) this.#onProgress({ kind: "warning", vertex: undefined, text, ranges: [] });
  }
}

function wordsOf({ host, outcome }: CredentialsAnswer): string | undefined {
  switch (outcome) {
    case "given":
      return `credentials for ${host} were given to the engine`;
    case "refused":
      return `the engine asked for credentials for ${host}, which this build does not name: refused`;
    case "none":
      // Asked and answered without a password: every public image does that.
      return undefined;
  }
}
