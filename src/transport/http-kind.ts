/** Who is it that answers docker's `_ping`? */
import { BktuiError } from "../base/errors.ts";
import { visibleLine } from "../base/visible.ts";
import type { SocketAddress } from "./address.ts";
import { socketText } from "./address.ts";
import type { EngineKind } from "./engine-kind.ts";

/** The version that a dockerd's answer names, without its distribution's part: "28.5.2" of "28.5.2+dfsg3". */
export function dockerVersionIn(head: string): string | undefined {
  return /^server: *docker\/v?(\d[0-9A-Za-z.-]*)/im.exec(head)?.[1];
}

/**
 * The kind of the engine that has answered with this head of an HTTP answer.
 * @throws {BktuiError} "unsupported" for podman and for other servers.
 */
export function kindOfHttp(socket: SocketAddress, head: string): EngineKind {
  if (/^(libpod-api-version|server: *libpod)/im.test(head)) {
    throw new BktuiError("unsupported", `${socketText(socket)} is podman, which has no BuildKit inside`, {
      hint: PODMAN,
    });
  }
  if (/^(api-version|docker-experimental|server: *docker)/im.test(head)) return "dockerd";
  // Go's TLS server says so in plain HTTP, with the status 400.
  if (/HTTP request to an HTTPS server/i.test(head)) throw wantsTls(socket);
  const status = visibleLine(head.split("\r\n", 1)[0] ?? "");
  throw new BktuiError("unsupported", `${socketText(socket)} is some other HTTP server (${status})`);
}

export function wantsTls(socket: SocketAddress): BktuiError {
  return new BktuiError("engine-unreachable", `the engine at ${socketText(socket)} wants TLS`, {
    hint:
      "Name its certificates: --tlscacert CA --tlscert CERT --tlskey KEY, or --tlsdir DIRECTORY; " +
      "for docker DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH=DIRECTORY.",
  });
}

/** Podman 4 and 5 run BuildKit's own image as it is. */
const PODMAN =
  "A BuildKit in one of its containers does: podman run -d --name buildkitd --privileged docker.io/moby/buildkit:latest, " +
  "then bktui --addr podman-container://buildkitd.";
