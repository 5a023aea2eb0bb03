/** A real dlv, from the newest Debian package, and what its clients ask of it. */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { findPackageSource, unpackPackages } from "../../src/engine/private/packages/packages.ts";
import { packageCacheDirectory } from "../../src/engine/private/system/cache-directories.ts";

/** What this machine lacks for it; undefined = nothing. */
export async function whyNoDelve(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "a private dockerd under dlv needs root";
  const source = await findPackageSource().catch((error: Error) => error.message);
  if (typeof source === "string") return source;
  // That of older suites refuses a daemon without debug information, as Debian's are.
  return source.os.id === "debian" ? undefined : "there is no dlv of Debian sid";
}

/** Directory of a dlv; unpacked into the cache of packages, installed nowhere. */
export async function fetchDelve(): Promise<string> {
  const set = { name: "delve-sid", suite: "sid", wanted: [["delve"]], required: ["delve"] };
  const unpacked = await unpackPackages(await findPackageSource(), set, {
    cache: packageCacheDirectory(),
    signal: AbortSignal.timeout(120_000),
    onProgress: (line) => void process.stderr.write(`delve: ${line}\n`),
  });
  return unpacked.binDir;
}

/** A client of a headless dlv, over the JSON-RPC of its API 2. */
export class DelveClient implements Disposable {
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  static async connect(listen: string): Promise<DelveClient> {
    const { hostname: host, port } = new URL(`tcp://${listen}`);
    const socket = createConnection({ host, port: Number(port) });
    await once(socket, "connect");
    return new DelveClient(socket);
  }

  /** Stops every thread of the program, as a breakpoint does. */
  async halt(): Promise<void> {
    await this.#call("Command", { name: "halt" });
  }

  /** Lets it run; dlv answers when it stops the next time, which nobody waits for. */
  continue(): void {
    this.#send("Command", { name: "continue" });
  }

  async isRunning(): Promise<boolean> {
    return (await this.#call("State", { NonBlocking: true })).includes('"Running":true');
  }

  /** The last Go client leaves, and dlv with it; the program goes on. */
  async detach(): Promise<void> {
    await this.#call("Detach", { Kill: false });
  }

  /** The last Go client leaves and ends the program, as one does that does not say `quit -c`. */
  async kill(): Promise<void> {
    await this.#call("Detach", { Kill: true });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  async #call(method: string, parameters: object): Promise<string> {
    this.#send(method, parameters);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`dlv has gone at ${method}`);
    const answer = String(value);
    if (!/"error":null/.test(answer)) throw new Error(`dlv at ${method}: ${answer}`);
    return answer;
  }

  #send(method: string, parameters: object): void {
    this.#socket.write(`${JSON.stringify({ method: `RPCServer.${method}`, params: [parameters], id: 1 })}\n`);
  }
}
