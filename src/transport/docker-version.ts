import { get } from "node:http";
import { limits } from "../base/limits.ts";
import type { Address } from "./address.ts";

const TIMEOUT_MS = 3_000;

/**
 * The docker engine's own version, e.g. "28.5.2", as `GET /version` tells it (dockerd 20.10 and 28.5).
 * Undefined when it does not answer so: the version is for people's eyes, nothing depends on it.
 */
export function dockerVersion(
  address: Address,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (address.kind !== "dockerd") return Promise.resolve(undefined);
  const target =
    address.socket.kind === "unix"
      ? { socketPath: address.socket.path }
      : { host: address.socket.host, port: address.socket.port };
  return new Promise((resolve) => {
    const request = get(
      { ...target, path: "/version", agent: false, timeout: TIMEOUT_MS, signal },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          body += chunk;
          if (body.length > limits.httpAnswerBytes) request.destroy();
        });
        response.on("end", () => resolve(versionIn(body)));
        response.on("error", () => resolve(undefined));
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

function versionIn(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const version =
      typeof parsed === "object" && parsed !== null && "Version" in parsed ? parsed.Version : undefined;
    // Distributions append their own part ("28.5.2+dfsg3").
    return typeof version === "string" ? /^v?(\d[0-9A-Za-z.-]*)/.exec(version)?.[1] : undefined;
  } catch {
    return undefined;
  }
}
