/** Asks a dockerd for its version. */
import { throwIfCancelled } from "../base/errors.ts";
import type { Address } from "./address.ts";
import { dockerVersionIn } from "./http-kind.ts";
import { askHttp } from "./probe.ts";

/**
 * The docker engine's own version, e.g. "28.5.2", as the head of its answer to `GET /_ping` tells it (dockerd 20.10 and
 * 28.5): for `GET /version` it would start two programs to ask them for theirs, and every start would wait for that.
 * Undefined when it does not answer so: the version is for people's eyes, nothing depends on it.
 */
export async function dockerVersion(
  address: Address,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (address.kind !== "dockerd") return undefined;
  try {
    return dockerVersionIn(await askHttp(address.socket, { signal, expected: "dockerd" }));
  } catch {
    throwIfCancelled(signal);
    return undefined;
  }
}
