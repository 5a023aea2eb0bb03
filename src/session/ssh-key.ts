/** Private keys for SSH: read from a file's text, named and signed with as an agent does. */
import { createPrivateKey, type JsonWebKey, type KeyObject, sign } from "node:crypto";
import { SshReader, sshInteger, sshString } from "./ssh-wire.ts";

/** A key that can sign. Holds the private key in memory, nothing of it is printed. */
export interface SshKey {
  /** The public half as the protocol names a key by. */
  readonly blob: Uint8Array;
  /** @param flags of the agent protocol: which hash for RSA. */
  sign(data: Uint8Array, flags: number): Uint8Array;
}

/** Why a file is no key that can be used; "encrypted" = with a passphrase. */
export class KeyProblem extends Error {
  readonly kind: "encrypted" | "unreadable";

  constructor(kind: KeyProblem["kind"], why: string) {
    super(why);
    this.kind = kind;
  }
}

const OPENSSH = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/;
const ENCRYPTED = /^Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED PRIVATE KEY-----/m;
const MAGIC = "openssh-key-v1\0";
/** RFC 8332, draft-miller-ssh-agent. */
const RSA_SHA2_256 = 2;
const RSA_SHA2_512 = 4;
/** By the names of JSON Web Keys. */
const CURVES: Readonly<Record<string, { readonly name: string; readonly hash: string }>> = {
  "P-256": { name: "nistp256", hash: "sha256" },
  "P-384": { name: "nistp384", hash: "sha384" },
  "P-521": { name: "nistp521", hash: "sha512" },
};

/**
 * RSA, ECDSA and Ed25519 keys in OpenSSH's own format, PKCS #1, PKCS #8 and SEC 1.
 * @throws {KeyProblem}
 */
export function readSshKey(text: string): SshKey {
  if (ENCRYPTED.test(text)) throw new KeyProblem("encrypted", "it is locked with a passphrase");
  const own = OPENSSH.exec(text)?.[1];
  try {
    return keyOf(
      own === undefined
        ? createPrivateKey(text)
        : createPrivateKey({ key: opensshKey(Buffer.from(own, "base64")), format: "jwk" }),
    );
  } catch (error) {
    if (error instanceof KeyProblem) throw error;
    // What the parser says may quote the text.
    throw new KeyProblem("unreadable", "it is no private key that SSH knows");
  }
}

/** PROTOCOL.key of OpenSSH. */
function opensshKey(bytes: Buffer): JsonWebKey {
  if (bytes.subarray(0, MAGIC.length).toString("latin1") !== MAGIC)
    throw new KeyProblem("unreadable", "it is no private key that SSH knows");
  const outer = new SshReader(bytes.subarray(MAGIC.length));
  const cipher = outer.text();
  if (cipher !== "none") throw new KeyProblem("encrypted", "it is locked with a passphrase");
  outer.string();
  outer.string();
  if (outer.uint32() !== 1) throw new KeyProblem("unreadable", "it holds several keys");
  outer.string();
  const inner = new SshReader(outer.string());
  const [check, same] = [inner.uint32(), inner.uint32()];
  if (check !== same) throw new KeyProblem("unreadable", "it is damaged");
  const type = inner.text();
  switch (type) {
    case "ssh-ed25519":
      return ed25519Key(inner);
    case "ssh-rsa":
      return rsaKey(inner);
    case "ecdsa-sha2-nistp256":
    case "ecdsa-sha2-nistp384":
    case "ecdsa-sha2-nistp521":
      return ecdsaKey(inner);
    default:
      throw new KeyProblem(
        "unreadable",
        `keys of the type ${JSON.stringify(type.slice(0, 40))} cannot be used`,
      );
  }
}

function ed25519Key(inner: SshReader): JsonWebKey {
  const x = inner.string();
  // The seed, and the public half once more behind it.
  const d = inner.string().subarray(0, x.length);
  return { kty: "OKP", crv: "Ed25519", x: url(x), d: url(d) };
}

function rsaKey(inner: SshReader): JsonWebKey {
  const [n, e, d, qi, p, q] = [0, 1, 2, 3, 4, 5].map(() => inner.integer()) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const rest = (prime: Buffer): string => url(fromBigInt(toBigInt(d) % (toBigInt(prime) - 1n)));
  return {
    kty: "RSA",
    n: url(n),
    e: url(e),
    d: url(d),
    p: url(p),
    q: url(q),
    dp: rest(p),
    dq: rest(q),
    qi: url(qi),
  };
}

function ecdsaKey(inner: SshReader): JsonWebKey {
  const curve = inner.text();
  const crv = Object.keys(CURVES).find((name) => CURVES[name]?.name === curve) ?? "";
  const point = inner.string();
  const size = (point.length - 1) / 2;
  const d = inner.integer();
  return {
    kty: "EC",
    crv,
    x: url(point.subarray(1, 1 + size)),
    y: url(point.subarray(1 + size)),
    d: url(Buffer.concat([Buffer.alloc(Math.max(0, size - d.length)), d])),
  };
}

function keyOf(key: KeyObject): SshKey {
  const { kty, crv = "", n = "", e = "", x = "", y = "" } = key.export({ format: "jwk" });
  if (kty === "RSA") {
    const blob = Buffer.concat([sshString("ssh-rsa"), sshInteger(bytesOf(e)), sshInteger(bytesOf(n))]);
    return { blob, sign: (data, flags) => signRsa(key, data, flags) };
  }
  if (kty === "OKP" && crv === "Ed25519")
    return {
      blob: Buffer.concat([sshString("ssh-ed25519"), sshString(bytesOf(x))]),
      sign: (data) => Buffer.concat([sshString("ssh-ed25519"), sshString(sign(null, data, key))]),
    };
  const curve = kty === "EC" ? CURVES[crv] : undefined;
  if (curve === undefined) throw new KeyProblem("unreadable", "keys of its type cannot be used");
  const type = `ecdsa-sha2-${curve.name}`;
  const point = Buffer.concat([Buffer.of(4), bytesOf(x), bytesOf(y)]);
  return {
    blob: Buffer.concat([sshString(type), sshString(curve.name), sshString(point)]),
    sign: (data) => {
      const pair = sign(curve.hash, data, { key, dsaEncoding: "ieee-p1363" });
      const half = pair.length / 2;
      const numbers = [sshInteger(pair.subarray(0, half)), sshInteger(pair.subarray(half))];
      return Buffer.concat([sshString(type), sshString(Buffer.concat(numbers))]);
    },
  };
}

function signRsa(key: KeyObject, data: Uint8Array, flags: number): Buffer {
  const [name, hash] =
    (flags & RSA_SHA2_512) !== 0
      ? ["rsa-sha2-512", "sha512"]
      : (flags & RSA_SHA2_256) !== 0
        ? ["rsa-sha2-256", "sha256"]
        : ["ssh-rsa", "sha1"];
  return Buffer.concat([sshString(name), sshString(sign(hash, data, key))]);
}

function bytesOf(base64url: string): Buffer {
  return Buffer.from(base64url, "base64url");
}

function url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function toBigInt(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex") || "0"}`);
}

function fromBigInt(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}
