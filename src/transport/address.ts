/** Reads the address of an engine. */
import { BktuiError } from "../base/errors.ts";

/** "dockerd" speaks BuildKit behind an HTTP/1.1 upgrade; "buildkitd" speaks it directly. */
export type EngineKind = "dockerd" | "buildkitd";

export type SocketAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Where an engine listens and how it wants to be spoken to. */
export interface Address {
  readonly kind: EngineKind;
  readonly socket: SocketAddress;
  /** As a user writes it, e.g. "unix:///var/run/docker.sock". */
  readonly text: string;
}

const plainPorts: Record<EngineKind, number> = { dockerd: 2375, buildkitd: 1234 };
const TLS_PORT = 2376;

/**
 * Reads `unix:///path` and `tcp://host[:port]`.
 * Without `kind` the text decides: what has "buildkit" in it is a buildkitd, everything else a dockerd; `probeKind` knows better.
 * @throws {BktuiError} "unsupported" for other schemes and for TLS, "usage" for text that is no address.
 */
export function parseAddress(text: string, kind?: EngineKind): Address {
  const kindOrGuess = kind ?? (text.includes("buildkit") ? "buildkitd" : "dockerd");
  return { kind: kindOrGuess, socket: parseSocket(text, plainPorts[kindOrGuess]), text };
}

/** `host:port`, `[v6]:port` or the path, for messages. */
export function socketText(socket: SocketAddress): string {
  if (socket.kind === "unix") return socket.path;
  return socket.host.includes(":") ? `[${socket.host}]:${socket.port}` : `${socket.host}:${socket.port}`;
}

function parseSocket(text: string, defaultPort: number): SocketAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(text)?.[1];
  if (scheme === undefined) {
    throw new BktuiError("usage", `"${text}" is not an engine address`, { hint: WORKS });
  }
  const rest = text.slice(scheme.length + "://".length);
  if (scheme === "unix") {
    if (!rest.startsWith("/")) {
      throw new BktuiError("usage", `"${text}" names no absolute socket path`, { hint: WORKS });
    }
    return { kind: "unix", path: rest };
  }
  if (scheme === "tcp") return parseTcp(text, defaultPort);
  throw new BktuiError(
    "unsupported",
    `engine addresses of the kind ${scheme}:// are not supported in this version`,
    {
      hint: WORKS,
    },
  );
}

const WORKS = "Use unix:///path/to/engine.sock, or tcp://host:port for an engine without TLS.";

function parseTcp(text: string, defaultPort: number): SocketAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === "" || (url.pathname !== "" && url.pathname !== "/")) {
    throw new BktuiError("usage", `"${text}" is not an engine address`, { hint: WORKS });
  }
  const port = url.port === "" ? defaultPort : Number(url.port);
  if (port === TLS_PORT) {
    throw new BktuiError(
      "unsupported",
      `${text}: engines behind TLS (port ${TLS_PORT}) are not supported in this version`,
      {
        hint: WORKS,
      },
    );
  }
  return { kind: "tcp", host: url.hostname.replace(/^\[|\]$/g, ""), port };
}
