/** The docker that has started bktui in place of its plugin: told to end, it tells the plugin by closing a socket. */
import { readFile } from "node:fs/promises";
import { connect } from "node:net";

/** Docker's name for the socket (docker/cli from 25.0 on). */
const VARIABLE = "DOCKER_CLI_PLUGIN_SOCKET";
const LOOK_MS = 500;

/** Fires when that docker wants its plugin to end, or is gone. */
export class DockerParent implements Disposable {
  readonly #over = new AbortController();
  #stop: () => void = () => undefined;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    const name = env[VARIABLE] ?? "";
    if (name.startsWith("@")) this.#watch(name);
    else if (name !== "") this.#connect(name);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  /** A socket without a file, as on Linux: Node 20 cannot connect to one whose name another program has made. */
  #watch(name: string): void {
    let wasThere = false;
    const look = async (): Promise<void> => {
      const isThere = (await readFile("/proc/net/unix", "utf8").catch(() => "")).includes(name);
      if (wasThere && !isThere) this.#over.abort();
      wasThere = isThere;
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    timer.unref();
    void look();
    this.#stop = () => clearInterval(timer);
  }

  #connect(path: string): void {
    const socket = connect(path);
    let isConnected = false;
    socket.on("connect", () => {
      isConnected = true;
    });
    // One that nobody listens at says nothing.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (isConnected) this.#over.abort();
    });
    socket.resume();
    socket.unref();
    this.#stop = () => {
      isConnected = false;
      socket.destroy();
    };
  }
}
