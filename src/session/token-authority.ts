/** By which key an engine knows again whose tokens it keeps. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import type { Credentials } from "./docker-config.ts";

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const KEY_BYTES = 32;

/**
 * Derives a key for a registry from a secret of this process, the engine's salt and the credentials: an engine shares the
 * tokens that it keeps among builds that prove the same key (BuildKit 0.8 to 0.32). Other credentials make another key.
 */
export class TokenAuthority {
  readonly #seed = randomBytes(KEY_BYTES);

  /** 32 bytes. */
  publicKey(host: string, salt: Uint8Array, credentials: Credentials): Uint8Array {
    const spki = createPublicKey(this.#key(host, salt, credentials)).export({ format: "der", type: "spki" });
    return spki.subarray(-KEY_BYTES);
  }

  /** The signature, then the payload, as NaCl signs. */
  signed(host: string, salt: Uint8Array, credentials: Credentials, payload: Uint8Array): Uint8Array {
    return Buffer.concat([sign(null, payload, this.#key(host, salt, credentials)), payload]);
  }

  #key(host: string, salt: Uint8Array, { username, secret }: Credentials): KeyObject {
    const seed = createHmac("sha256", salt)
      .update(this.#seed)
      .update(JSON.stringify([host, username, secret]))
      .digest();
    return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  }
}
