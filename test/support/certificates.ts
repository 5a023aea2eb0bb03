/** Certificates that a test makes for itself, with openssl. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** PEM files of one owner. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A directory of certificates, with docker's names for what a client needs: ca.pem, cert.pem, key.pem. */
export class Certificates implements AsyncDisposable {
  readonly directory: string;
  /** Of the authority that signs everything here, its key included. */
  readonly authority: CertificateFiles;

  private constructor(directory: string) {
    this.directory = directory;
    this.authority = { cert: join(directory, "ca.pem"), key: join(directory, "ca-key.pem") };
  }

  static async make(): Promise<Certificates> {
    const made = new Certificates(await mkdtemp(join(tmpdir(), "bktui-tls-")));
    const { cert, key } = made.authority;
    await run("openssl", [
      "req",
      "-x509",
      ...NEW_KEY,
      "-keyout",
      key,
      "-out",
      cert,
      "-subj",
      "/CN=test authority",
    ]);
    return made;
  }

  /**
   * Issues one.
   * @param names as openssl has them: "DNS:engine.test,IP:127.0.0.1"
   * @param days from now; negative = it has expired
   */
  async issue(name: string, { names = `DNS:${name}`, days = 2 } = {}): Promise<CertificateFiles> {
    const at = (ending: string): string => join(this.directory, `${name}${ending}`);
    const files = { cert: at(".pem"), key: at(".key") };
    await writeFile(at(".ext"), `subjectAltName=${names}\n`);
    await run("openssl", [
      "req",
      ...NEW_KEY,
      "-keyout",
      files.key,
      "-out",
      at(".csr"),
      "-subj",
      `/CN=${name}`,
    ]);
    const signing = ["-CA", this.authority.cert, "-CAkey", this.authority.key, "-CAcreateserial"];
    const asked = ["x509", "-req", "-in", at(".csr"), "-out", files.cert, "-extfile", at(".ext")];
    await run("openssl", [...asked, ...signing, "-days", String(days)]);
    return files;
  }

  /** The same key behind a passphrase. */
  async protect(key: string): Promise<string> {
    await run("openssl", ["pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", `${key}.protected`]);
    return `${key}.protected`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

/** Elliptic curves: their keys take no time. */
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
