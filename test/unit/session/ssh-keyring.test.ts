import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openKeyring } from "../../../src/session/ssh-keyring.ts";
import { SshReader, sshString, sshUint32 } from "../../../src/session/ssh-wire.ts";
import { hasProgram } from "../../support/has-program.ts";

const LIST = framed(11);
const DATA = Buffer.from("what is signed");
let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bktui-keys-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function framed(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return sshString(Buffer.concat([Buffer.of(type), ...parts]));
}

function body(answer: Uint8Array): { readonly type: number; readonly rest: SshReader } {
  return { type: answer[4] ?? 0, rest: new SshReader(answer.subarray(5)) };
}

/** OpenSSH's own program makes the key: its formats are what people have. */
function keygen(name: string, ...args: readonly string[]): string {
  const path = join(directory, name);
  const locked = args.includes("-N") ? [] : ["-N", ""];
  execFileSync("ssh-keygen", ["-q", ...locked, "-C", "me", "-f", path, ...args]);
  return path;
}

function publicBlob(path: string): Buffer {
  return Buffer.from(readFileSync(`${path}.pub`, "utf8").split(" ")[1] ?? "", "base64");
}

function exported(path: string): string {
  return execFileSync("ssh-keygen", ["-e", "-m", "PKCS8", "-f", `${path}.pub`], { encoding: "utf8" });
}

describe.skipIf(!hasProgram("ssh-keygen"))("keys of ssh-keygen (needs ssh-keygen)", () => {
  test.each<[string, readonly string[], number, string, string]>([
    ["Ed25519", ["-t", "ed25519"], 0, "ssh-ed25519", ""],
    ["RSA", ["-t", "rsa", "-b", "2048"], 4, "rsa-sha2-512", "sha512"],
    ["RSA for an old server", ["-t", "rsa", "-b", "2048"], 0, "ssh-rsa", "sha1"],
    ["RSA in PEM", ["-t", "rsa", "-b", "2048", "-m", "PEM"], 2, "rsa-sha2-256", "sha256"],
    ["RSA in PKCS #8", ["-t", "rsa", "-b", "2048", "-m", "PKCS8"], 2, "rsa-sha2-256", "sha256"],
    ["ECDSA 256", ["-t", "ecdsa", "-b", "256"], 0, "ecdsa-sha2-nistp256", "sha256"],
    ["ECDSA 384 in PEM", ["-t", "ecdsa", "-b", "384", "-m", "PEM"], 0, "ecdsa-sha2-nistp384", "sha384"],
    ["ECDSA 521", ["-t", "ecdsa", "-b", "521"], 0, "ecdsa-sha2-nistp521", "sha512"],
  ])("%s is listed as its public half, and signs", async (name, args, flags, algorithm, hash) => {
    const path = keygen(name.replaceAll(/\W/g, "_"), ...args);
    const keyring = await openKeyring("default", [path]);
    const listed = body(keyring.answer(LIST));
    expect([listed.type, listed.rest.uint32(), listed.rest.string()]).toEqual([12, 1, publicBlob(path)]);
    const request = framed(13, sshString(publicBlob(path)), sshString(DATA), sshUint32(flags));
    const answer = body(keyring.answer(request));
    expect(answer.type).toBe(14);
    const signature = new SshReader(answer.rest.string());
    expect(signature.text()).toBe(algorithm);
    const blob = signature.string();
    const isEd25519 = algorithm === "ssh-ed25519";
    const key = isEd25519 ? ed25519Key(publicBlob(path)) : createPublicKey(exported(path));
    const bytes = algorithm.startsWith("ecdsa") ? fixedPair(blob) : blob;
    const how = { key, dsaEncoding: "ieee-p1363" as const };
    expect(verify(hash === "" ? null : hash, DATA, how, bytes)).toBe(true);
  });

  test("a key with a passphrase is refused with what to do", async () => {
    for (const format of [[], ["-m", "PEM"], ["-m", "PKCS8"]]) {
      const path = keygen(
        `locked${format.length}${format[1] ?? ""}`,
        "-t",
        "rsa",
        ...format,
        "-N",
        "pass word",
      );
      await expect(openKeyring("gh", [path])).rejects.toMatchObject({
        code: "bad-request",
        message: `--ssh gh: cannot use the key ${path}: it is locked with a passphrase`,
        hint: "unlock it in an agent with `ssh-add FILE` and use --ssh gh",
      });
    }
  });

  test("several keys are one agent", async () => {
    const paths = [keygen("first", "-t", "ed25519"), keygen("second", "-t", "ed25519")];
    const listed = body((await openKeyring("default", paths)).answer(LIST));
    expect(listed.rest.uint32()).toBe(2);
    const blobs = [0, 1].map(() => [listed.rest.string(), listed.rest.text()]);
    expect(blobs).toEqual(paths.map((path) => [publicBlob(path), ""]));
  });
});

test("what is no key is refused without a word of it", async () => {
  const path = join(directory, "note");
  writeFileSync(
    path,
    "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAhunter2\n-----END OPENSSH PRIVATE KEY-----\n",
  );
  const refused = await openKeyring("gh", [path]).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "bad-request", hint: expect.stringContaining("a private key") });
  expect(String(refused)).not.toContain("hunter2");
  await expect(openKeyring("gh", [join(directory, "gone")])).rejects.toMatchObject({
    code: "io",
    message: expect.stringMatching(/gone \(ENOENT\)$/),
  });
});

test("a request that is malformed, of another kind or of another key is answered with failure", async () => {
  const path = join(directory, "own");
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  writeFileSync(path, privateKey);
  const keyring = await openKeyring("default", [path]);
  const failure = Uint8Array.of(0, 0, 0, 1, 5);
  for (const request of [
    framed(17),
    framed(25),
    framed(13),
    framed(13, sshUint32(99)),
    framed(13, sshString("other"), sshString(DATA), sshUint32(0)),
    Uint8Array.of(0, 0, 0, 0),
  ])
    expect(keyring.answer(request)).toEqual(failure);
});

function ed25519Key(blob: Buffer): ReturnType<typeof createPublicKey> {
  const reader = new SshReader(blob);
  reader.text();
  const x = reader.string().toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

/** Two integers of any length as two halves of one. */
function fixedPair(blob: Buffer): Buffer {
  const reader = new SshReader(blob);
  const numbers = [reader.integer(), reader.integer()];
  const size = blob.length > 120 ? 66 : blob.length > 80 ? 48 : 32;
  return Buffer.concat(numbers.map((bytes) => Buffer.concat([Buffer.alloc(size - bytes.length), bytes])));
}
