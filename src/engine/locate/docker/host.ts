/** A docker host as docker's client completes it before it uses it. Pure. */

/** Of docker's client, on Linux and macOS. */
export const DEFAULT_HOST = "unix:///var/run/docker.sock";
/** Where docker looks when TLS is asked for and no host is named. */
export const DEFAULT_TLS_HOST = "tcp://localhost:2376";

const DEFAULT_TCP_PORT = 2375;

/**
 * A host with scheme, name and port, as docker/cli completes DOCKER_HOST (read in November 2026): `far:2375` is tcp, a tcp
 * host without a port has 2375 also with TLS, `unix://` is the default socket. Whatever else stays as it is.
 */
export function fullHost(text: string): string {
  const host = text.trim();
  const [, scheme = "tcp", rest = ""] = /^(?:([^:/]*):\/\/)?(.*)$/s.exec(host) ?? [];
  if (scheme === "unix") return rest === "" ? DEFAULT_HOST : host;
  if (scheme !== "tcp") return host;
  const place = rest === "" || rest.startsWith(":") ? `localhost${rest}` : rest;
  if (!URL.canParse(`tcp://${place}`)) return `tcp://${place}`;
  const { hostname, port, pathname } = new URL(`tcp://${place}`);
  return `tcp://${hostname}:${port === "" ? DEFAULT_TCP_PORT : port}${pathname}`;
}

/** An address for messages: a password in it is not shown. */
export function shownHost(text: string): string {
  return text.replace(/(:\/\/[^/@\s:]*):[^/@\s]*@/, "$1:***@");
}

/** Sockets have no use for TLS: docker reads its files and leaves them. */
export function takesTls(host: string): boolean {
  return host.startsWith("tcp://");
}
