/** An SSH agent in this process, for key files that were named. */
import { readFile, stat } from "node:fs/promises";
import { BktuiError } from "../base/errors.ts";
import { AGENT_FAILURE } from "./ssh-agent.ts";
import { KeyProblem, readSshKey, type SshKey } from "./ssh-key.ts";
import { SshReader, sshString, sshUint32 } from "./ssh-wire.ts";

/** draft-miller-ssh-agent. */
const message = { requestIdentities: 11, identitiesAnswer: 12, signRequest: 13, signResponse: 14 } as const;
/** As buildx reads at most of a key file. */
const MOST_BYTES = 100 * 1024;

/**
 * Reads keys, which stay in memory as long as the keyring does.
 * @throws {BktuiError} "io" or "bad-request"; no part of a key is in the message.
 */
export async function openKeyring(
  id: string,
  paths: readonly string[],
  onKey: (path: string, text: string) => void = () => undefined,
): Promise<Keyring> {
  return new Keyring(await Promise.all(paths.map((path) => readKey(id, path, onKey))));
}

/** Lists keys and signs with them; nothing else. */
export class Keyring {
  readonly #keys: readonly SshKey[];

  constructor(keys: readonly SshKey[]) {
    this.#keys = keys;
  }

  /** One request of the agent protocol with its length, and the answer likewise; a malformed one is answered with failure. */
  answer(request: Uint8Array): Uint8Array {
    try {
      const body = new SshReader(request.subarray(5));
      switch (request[4]) {
        case message.requestIdentities:
          return this.#identities();
        case message.signRequest:
          return this.#signature(body.string(), body.string(), body.uint32());
        default:
          return AGENT_FAILURE;
      }
    } catch (error) {
      if (error instanceof RangeError) return AGENT_FAILURE;
      throw error;
    }
  }

  #identities(): Uint8Array {
    // Without comments, as buildx gives them: they are not in every format.
    const all = this.#keys.flatMap(({ blob }) => [sshString(blob), sshString("")]);
    return framed(message.identitiesAnswer, sshUint32(this.#keys.length), ...all);
  }

  #signature(blob: Buffer, data: Buffer, flags: number): Uint8Array {
    const key = this.#keys.find((each) => blob.equals(each.blob));
    if (key === undefined) return AGENT_FAILURE;
    return framed(message.signResponse, sshString(key.sign(data, flags)));
  }
}

function framed(type: number, ...parts: readonly Buffer[]): Uint8Array {
  return sshString(Buffer.concat([Buffer.of(type), ...parts]));
}

async function readKey(
  id: string,
  path: string,
  onKey: (path: string, text: string) => void,
): Promise<SshKey> {
  let text: string;
  try {
    if ((await stat(path)).size > MOST_BYTES)
      throw new BktuiError("bad-request", `--ssh ${id}: ${path} is too large for a key`);
    text = await readFile(path, "utf8");
    onKey(path, text);
  } catch (error) {
    if (error instanceof BktuiError) throw error;
    const why = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new BktuiError("io", `--ssh ${id}: cannot read the key ${path} (${why})`, { cause: error });
  }
  try {
    return readSshKey(text);
  } catch (error) {
    if (!(error instanceof KeyProblem)) throw error;
    throw new BktuiError("bad-request", `--ssh ${id}: cannot use the key ${path}: ${error.message}`, {
      hint:
        error.kind === "encrypted"
          ? `unlock it in an agent with \`ssh-add FILE\` and use --ssh ${id}`
          : "name a private key (RSA, ECDSA or Ed25519), or an agent's socket",
    });
  }
}
