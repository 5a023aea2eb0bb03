/** Reads the address of an engine. */
import { BktuiError } from "../base/errors.ts";
import { type CommandAddress, type DialEnvironment, dialCommand, isDialScheme } from "./dial/dial-command.ts";
import type { EngineKind } from "./engine-kind.ts";

export type { EngineKind };

/** What TLS to an engine is made with; the paths are absolute. Without `ca` the authorities of this system count. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the engine's certificate must have; default: the host of the address. */
  readonly serverName?: string | undefined;
  /** Any certificate will do, as `skipTLSVerify` of a docker context says. */
  readonly skipVerify?: boolean | undefined;
}

export type SocketAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls?: TlsFiles }
  | CommandAddress;

/** Where an engine listens and how it wants to be spoken to. */
export interface Address {
  readonly kind: EngineKind;
  readonly socket: SocketAddress;
  /** As a user writes it, e.g. "unix:///var/run/docker.sock". */
  readonly text: string;
}

export interface AddressOptions {
  /** TLS for tcp://; without it tcp is plain. */
  readonly tls?: TlsFiles | undefined;
  /** Says whether ssh has a window to ask in; default: it has none. */
  readonly env?: DialEnvironment | undefined;
  readonly platform?: NodeJS.Platform | undefined;
}

const PLAIN_PORTS: Record<EngineKind, number> = { dockerd: 2375, buildkitd: 1234 };
const TLS_PORTS: Record<EngineKind, number> = { dockerd: 2376, buildkitd: 1234 };

/**
 * Reads `unix:///path`, `tcp://host[:port]`, `npipe://…` on Windows, and what a program reaches: `ssh://`,
 * `docker-container://`, `podman-container://`, `nerdctl-container://`, `kube-pod://`.
 * Without `kind` the text decides: what has "buildkit" in it is a buildkitd, everything else a dockerd; `probeKind` knows
 * better, except of ssh://, where the kind says which program is run on the other host.
 * @throws {BktuiError} "unsupported" for other schemes and npipe:// elsewhere, "usage" for text that is no address.
 */
export function parseAddress(text: string, kind?: EngineKind, options: AddressOptions = {}): Address {
  const kindOrGuess = kind ?? (text.includes("buildkit") ? "buildkitd" : "dockerd");
  const socket = parseSocket(text, kindOrGuess, options);
  return { kind: socket.kind === "command" ? socket.speaks : kindOrGuess, socket, text };
}

/** `host:port`, `[v6]:port`, the path, or what a command reaches, for messages. */
export function socketText(socket: SocketAddress): string {
  if (socket.kind === "unix") return socket.path;
  if (socket.kind === "command") return socket.text;
  return socket.host.includes(":") ? `[${socket.host}]:${socket.port}` : `${socket.host}:${socket.port}`;
}

function parseSocket(text: string, kind: EngineKind, options: AddressOptions): SocketAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(text)?.[1];
  if (scheme === undefined) {
    throw new BktuiError("usage", `"${text}" is not an engine address`, { hint: WORKS });
  }
  if (scheme === "tcp") return parseTcp(text, kind, options.tls);
  if (options.tls !== undefined) {
    throw new BktuiError("usage", `${text}: TLS is for tcp:// addresses only`, {
      hint: "Leave the --tls… options out, or name tcp://host:port.",
    });
  }
  const rest = text.slice(scheme.length + "://".length);
  if (scheme === "unix") {
    if (!rest.startsWith("/")) {
      throw new BktuiError("usage", `"${text}" names no absolute socket path`, { hint: WORKS });
    }
    return { kind: "unix", path: rest };
  }
  if (scheme === "npipe") return parsePipe(text, rest, options.platform ?? process.platform);
  if (isDialScheme(scheme)) return dialCommand(scheme, { text, kind, env: options.env ?? {} });
  throw new BktuiError("unsupported", `there are no engine addresses of the kind ${scheme}://`, {
    hint: WORKS,
  });
}

const WORKS =
  "Use unix:///path/to/engine.sock, tcp://host:port, ssh://user@host, or docker-container://NAME, podman-container://NAME, " +
  "nerdctl-container://NAME or kube-pod://NAME for a buildkitd in a container.";

function parseTcp(text: string, kind: EngineKind, tls: TlsFiles | undefined): SocketAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === "" || (url.pathname !== "" && url.pathname !== "/")) {
    throw new BktuiError("usage", `"${text}" is not an engine address`, { hint: WORKS });
  }
  const port = url.port === "" ? (tls === undefined ? PLAIN_PORTS : TLS_PORTS)[kind] : Number(url.port);
  const place = { kind: "tcp" as const, host: url.hostname.replace(/^\[|\]$/g, ""), port };
  return tls === undefined ? place : { ...place, tls };
}

/** Windows' named pipes, as docker and BuildKit write them: npipe:////./pipe/docker_engine. */
function parsePipe(text: string, rest: string, platform: NodeJS.Platform): SocketAddress {
  if (platform !== "win32") {
    throw new BktuiError("unsupported", `${text}: named pipes (npipe://) exist on Windows only`, {
      hint: WORKS,
    });
  }
  return { kind: "unix", path: rest.replaceAll("/", "\\") };
}
