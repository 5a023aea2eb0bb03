/** The dockerd that docker's client would speak to, as an address: where `--load` puts an image. */
import { type Address, parseAddress } from "../../../transport/address.ts";
import { contextEndpoint, type DockerEndpoint, dockerInForce } from "./contexts.ts";
import type { Environment } from "./files.ts";
import { takesTls } from "./host.ts";

/**
 * @param context a docker context's name, as in `--output type=docker,context=NAME`; default: the one in force
 * @throws {BktuiError} "not-found" for a context that does not exist, "io", "usage" or "unsupported" for its address.
 */
export async function dockerAddress(env: Environment, context?: string): Promise<Address> {
  const endpoint = context === undefined ? await dockerInForce(env) : await contextEndpoint(context, env);
  return addressOf(endpoint, env);
}

/** @throws {BktuiError} "usage", "unsupported". */
export function addressOf({ host, tls }: DockerEndpoint, env: Environment): Address {
  return parseAddress(host, "dockerd", { tls: takesTls(host) ? tls : undefined, env });
}
