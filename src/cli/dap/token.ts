/** The word that lets a client in where the system does not tell whose it is. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { BktuiError } from "../../base/errors.ts";

const BYTES = 24;
/** Who guesses is sent away. */
const MOST_WRONG = 3;

/** The token of a server. */
export class Tokens {
  readonly token = randomBytes(BYTES).toString("base64url");

  /**
   * Looks at the bodies of one client.
   * @param away fires when it has guessed too often
   */
  check(away: AbortController): (body: unknown) => void {
    let wrong = 0;
    return (body) => {
      try {
        checkToken(
          this.token,
          typeof body === "object" && body !== null && "token" in body ? body.token : "",
        );
      } catch (error) {
        wrong += 1;
        if (wrong >= MOST_WRONG) away.abort(error);
        throw error;
      }
    };
  }
}

/** Takes as long for any word. @throws {BktuiError} "usage" when it is not the one. */
function checkToken(token: string, given: unknown): void {
  const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();
  const text = typeof given === "string" ? given : "";
  if (timingSafeEqual(digest(token), digest(text))) return;
  throw new BktuiError("usage", text === "" ? "a token is missing" : "the token is not that of this server", {
    hint: 'the server has printed it: put it into the launch configuration as "token"',
  });
}
