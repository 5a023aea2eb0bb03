/** Handing over a password is never silent. */
import { clipText, limits, shortWords } from "../../base/limits.ts";
import type { CredentialsAnswer } from "../../session/auth.ts";
import type { Progress } from "../engine.ts";
import type { CredentialsAsked } from "../failures.ts";

/** What the engine asked for, each registry and outcome once; the user is told of what was given and what was refused. */
export class CredentialAnswers {
  readonly #onProgress: (progress: Progress) => void;
  readonly #answers: CredentialsAsked[] = [];
  readonly #seen = new Set<string>();

  constructor(onProgress: (progress: Progress) => void) {
    this.#onProgress = onProgress;
  }

  /** Oldest first. */
  get all(): readonly CredentialsAsked[] {
    return this.#answers;
  }

  add({ host: asked, outcome, error }: CredentialsAnswer): void {
    const host = clipText(asked, limits.hostCharacters);
    const why = error === undefined ? undefined : shortWords(error.message);
    const key = `${outcome} ${host} ${why}`;
    if (this.#seen.has(key) || this.#answers.length >= limits.warnings) return;
    this.#seen.add(key);
    this.#answers.push({ host, outcome, ...(why === undefined ? {} : { why }) });
    const text = wordsOf({ host, outcome }, why, error?.hint);
    if (text !== undefined) this.#onProgress({ kind: "warning", vertex: undefined, text, ranges: [] });
  }
}

function wordsOf(
  { host, outcome }: CredentialsAsked,
  why: string | undefined,
  hint: string | undefined,
): string | undefined {
  switch (outcome) {
    case "given":
      return `credentials for ${host} were given to the engine`;
    case "token":
      return `a token for ${host} was given to the engine, the credentials were not`;
    case "failed":
      return `no credentials for ${host}: ${why}${hint === undefined ? "" : ` (${hint})`}`;
    case "refused":
      return `the engine asked for credentials for ${host}, which this build does not name: refused`;
    case "none":
      // Asked and answered without a password: every public image does that.
      return undefined;
  }
}
