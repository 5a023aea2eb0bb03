/** The word that lets a client in where the system does not tell whose it is. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { BktuiError } from "../../base/errors.ts";

const BYTES = 24;

export function madeUpToken(): string {
  return randomBytes(BYTES).toString("base64url");
}

/** Takes as long for any word. @throws {BktuiError} "usage" when it is not the one. */
export function checkToken(token: string, given: unknown): void {
  const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();
  const text = typeof given === "string" ? given : "";
  if (timingSafeEqual(digest(token), digest(text))) return;
  throw new BktuiError("usage", text === "" ? "a token is missing" : "the token is not that of this server", {
    hint: 'the server has printed it: put it into the launch configuration as "token"',
  });
}
