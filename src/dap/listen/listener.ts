/** Waits for clients of the protocol at a socket, each with a session of its own. */
import { chmod } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { readPieces } from "../../base/pieces.ts";
import { ownUid, privacyOf } from "../../base/private-directory.ts";
import { quietly } from "../../base/quietly.ts";
import {
  ADAPTERS,
  checkName,
  madeUpName,
  ownFolder,
  removeEmptyFolder,
  removeSocketNow,
  socketIn,
  takeName,
} from "../../base/socket-folder.ts";
import { visibleLine } from "../../base/visible.ts";
import type { DapStreams } from "../host.ts";
import { type Ends, userOfPeer } from "./peer.ts";
import type { ListenPlace } from "./place.ts";

export interface ListenerOptions {
  readonly place: ListenPlace;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One word for a name that is made up: what is built. */
  readonly what: string;
  /** Serves one client until it is gone. */
  serve(streams: DapStreams, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Harmless. */
  onProblem(words: string): void;
}

/** Where it listens. */
export type ListenAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** More editors than ever look at one machine's builds. */
const MOST_CLIENTS = 16;
const BACKLOG = 64;

/** Disposing ends all sessions, each in order. */
export class DapListener implements AsyncDisposable {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #over = new AbortController();
  readonly #sessions = new Set<Promise<void>>();
  readonly #path: string | undefined;
  readonly #onExit: () => void;

  private constructor(path: string | undefined, options: ListenerOptions) {
    this.#path = path;
    this.#options = options;
    // Nothing is read before it is known whose it is.
    this.#server = createServer(
      { pauseOnConnect: true, noDelay: true },
      (socket) => void this.#connected(socket),
    );
    this.#server.maxConnections = BACKLOG;
    this.#onExit = () => {
      if (path !== undefined) removeSocketNow(path, { folder: options.place.kind === "name" });
    };
  }

  /** @throws {BktuiError} "usage" when the name is none or taken, "io" when there is no place that is this user's alone. */
  static async start(options: ListenerOptions): Promise<DapListener> {
    const listener = new DapListener(await pathOf(options), options);
    await listener.#listen();
    return listener;
  }

  get address(): ListenAddress {
    if (this.#path !== undefined) return { path: this.#path };
    const address = this.#server.address();
    if (!isAddressInfo(address)) throw new BktuiError("internal", "the listener has no address");
    return { host: address.address, port: address.port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#over.abort(new BktuiError("cancelled", "bktui was ended"));
    await Promise.all(this.#sessions);
    await closed;
    if (this.#path !== undefined) {
      removeSocketNow(this.#path, { folder: false });
      if (this.#options.place.kind === "name") await removeEmptyFolder(dirname(this.#path));
    }
    process.off("exit", this.#onExit);
  }

  async #listen(): Promise<void> {
    const { place } = this.#options;
    const shown = place.kind === "tcp" ? `${place.host}:${place.port}` : visibleLine(this.#path ?? "");
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) =>
        reject(
          new BktuiError("io", `cannot listen at ${shown}: ${error.message}`, {
            cause: error,
            hint: place.kind === "tcp" ? "port 0 takes a free one" : "choose another name",
          }),
        ),
      );
      if (place.kind === "tcp") this.#server.listen({ host: place.host, port: place.port }, resolve);
      else this.#server.listen(this.#path, resolve);
    });
    // The folder keeps others out; this does where a system looks at the socket too.
    if (this.#path !== undefined) await quietly(chmod(this.#path, 0o600));
    process.once("exit", this.#onExit);
    // What goes wrong with one who connects is no reason to end the others.
    this.#server.on("error", () => undefined);
  }

  async #connected(socket: Socket): Promise<void> {
    socket.on("error", () => undefined);
    if (this.#sessions.size >= MOST_CLIENTS || this.#over.signal.aborted) {
      socket.destroy();
      return;
    }
    const session = this.#serve(socket);
    this.#sessions.add(session);
    await session;
    this.#sessions.delete(session);
  }

  async #serve(socket: Socket): Promise<void> {
    try {
      if (await isOthers(socket)) {
        this.#options.onProblem("a program of another user was refused");
        socket.destroy();
        return;
      }
      await this.#options.serve(streamsOf(socket, this.#options.onProblem), { signal: this.#over.signal });
      await ended(socket);
    } catch (error) {
      this.#options.onProblem(visibleLine(toBktuiError(error).message));
    } finally {
      socket.destroy();
    }
  }
}

/** Undefined for TCP. */
async function pathOf({ place, env, what }: ListenerOptions): Promise<string | undefined> {
  if (place.kind === "tcp") return undefined;
  if (place.kind === "name") {
    const name = place.name === "" ? madeUpName(what) : checkName(place.name);
    const path = socketIn(await ownFolder(env, ADAPTERS), name);
    await takeName(path, ADAPTERS);
    return path;
  }
  const folder = visibleLine(dirname(place.path));
  const privacy = await privacyOf(dirname(place.path));
  if (privacy !== "private")
    throw new BktuiError("io", `${folder} is not a directory that only this user can enter`, {
      hint: `mkdir -m 700 a directory for it, or give a name alone: unix:NAME`,
    });
  await takeName(place.path, ADAPTERS);
  return place.path;
}

async function isOthers(socket: Socket): Promise<boolean> {
  const { remoteAddress, remotePort, localAddress, localPort, remoteFamily } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return false;
  if (localAddress === undefined || localPort === undefined) return false;
  const family: Ends["family"] = remoteFamily === "IPv6" ? "IPv6" : "IPv4";
  const user = await userOfPeer({ family, remoteAddress, remotePort, localAddress, localPort });
  return user !== undefined && user !== ownUid();
}

function streamsOf(socket: Socket, onProblem: (words: string) => void): DapStreams {
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  if (socket.destroyed) gone.abort();
  return {
    read: async (take, signal) => await readPieces(socket, take, signal),
    write: (data) => socket.destroyed || socket.writableEnded || socket.write(data),
    drained: () =>
      new Promise((resolve) => {
        if (socket.destroyed) resolve();
        socket.once("drain", resolve);
        socket.once("close", () => resolve());
      }),
    closed: gone.signal,
    onProblem,
  };
}

/** Until what was written has been taken, or the other side is gone. */
async function ended(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LAST_WORDS_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.once("close", done);
    socket.end(done);
  });
}

/** How long the last words may take to reach a client that does not read. */
const LAST_WORDS_MS = 500;

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
