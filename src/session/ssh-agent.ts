/** Messages and connections of the SSH agent protocol. */
import { connect, type Socket } from "node:net";
import { BktuiError } from "../base/errors.ts";

/** Message types of the SSH agent protocol (draft-miller-ssh-agent), those that matter here. */
const messageType = { failure: 5, requestIdentities: 11, signRequest: 13 } as const;
const LENGTH_BYTES = 4;
/** OpenSSH's own limit for one agent message. */
const MAX_MESSAGE_BYTES = 256 * 1024;

/** What is answered to a request that is not let through. */
export const AGENT_FAILURE: Uint8Array = Uint8Array.of(0, 0, 0, 1, messageType.failure);

/** A build may list the keys and have things signed, but not add, remove, lock or extend anything. */
export function isHarmlessAgentRequest(message: Uint8Array): boolean {
  const type = message[LENGTH_BYTES];
  return type === messageType.requestIdentities || type === messageType.signRequest;
}

/** Cuts a byte stream into agent messages, length prefix included. */
export class AgentMessageReader {
  #buffer = Buffer.alloc(0);

  /** @throws {BktuiError} "engine" for a message over OpenSSH's limit. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    const messages: Uint8Array[] = [];
    while (this.#buffer.length >= LENGTH_BYTES) {
      const length = this.#buffer.readUInt32BE(0);
      if (length > MAX_MESSAGE_BYTES) {
        throw new BktuiError(
          "engine",
          `an ssh agent message of ${length} bytes is over the limit of ${MAX_MESSAGE_BYTES}`,
        );
      }
      const end = LENGTH_BYTES + length;
      if (this.#buffer.length < end) break;
      messages.push(this.#buffer.subarray(0, end));
      this.#buffer = this.#buffer.subarray(end);
    }
    return messages;
  }
}

/** A connection to a local SSH agent. Disposing closes it. */
export class AgentConnection implements Disposable {
  readonly #socket: Socket;
  readonly #reader = new AgentMessageReader();
  #waiting:
    | { readonly resolve: (reply: Uint8Array) => void; readonly reject: (error: unknown) => void }
    | undefined;

  /** @throws {BktuiError} "io" when nobody listens there. */
  static async open(path: string): Promise<AgentConnection> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", (error) => {
        reject(
          new BktuiError("io", `cannot reach the ssh agent at ${path}: ${error.message}`, { cause: error }),
        );
      });
    });
    return new AgentConnection(socket, path);
  }

  private constructor(socket: Socket, path: string) {
    this.#socket = socket;
    const gone = (cause?: unknown): void => {
      this.#waiting?.reject(
        new BktuiError("io", `the ssh agent at ${path} closed the connection`, { cause }),
      );
    };
    socket.on("error", gone);
    socket.on("close", () => gone());
    socket.on("data", (chunk) => this.#take(chunk));
  }

  /** Sends one request and resolves with its reply. One at a time, as the protocol has it. */
  async ask(request: Uint8Array): Promise<Uint8Array> {
    return await new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#socket.destroyed) reject(new BktuiError("io", "the connection to the ssh agent is closed"));
      else this.#socket.write(request);
    });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    try {
      for (const reply of this.#reader.push(chunk)) this.#waiting?.resolve(reply);
    } catch (error) {
      this.#waiting?.reject(error);
      this.#socket.destroy();
    }
  }
}
