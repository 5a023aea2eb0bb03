/** `--add-host NAME:host-gateway`: the address by which steps reach the machine that the engine runs on. */
import { isIP } from "node:net";
import { BktuiError } from "../../base/errors.ts";
import { control } from "../../protocol/methods.ts";
import type { Channel } from "../../transport/channel.ts";
import type { BuildRequest } from "../build-request.ts";
import { HOST_GATEWAY } from "./frontend-options.ts";

/** Set by dockerd on its worker (checked on 28.5; 20.10 does not); a plain buildkitd has none. */
const LABEL = "org.mobyproject.buildkit.worker.moby.host-gateway-ip";

/**
 * The request with the engine's own answer in the place of `host-gateway`.
 * @throws {BktuiError} "unsupported" when the engine names no address.
 */
export async function withHostGateway(
  channel: Channel,
  request: BuildRequest,
  { signal }: { readonly signal: AbortSignal },
): Promise<BuildRequest> {
  const wanted = request.addHosts.find((text) => text.endsWith(`:${HOST_GATEWAY}`));
  if (wanted === undefined) return request;
  const { record } = await channel.unary(control.listWorkers, {}, { signal });
  const address = record?.map(({ Labels }) => Labels?.[LABEL] ?? "").find((label) => label !== "") ?? "";
  if (isIP(address) === 0)
    throw new BktuiError("unsupported", `--add-host ${wanted}: the engine names no address of its host`, {
      hint: "give the address itself; a dockerd knows one, a buildkitd does not",
    });
  const addHosts = request.addHosts.map((text) =>
    text.endsWith(`:${HOST_GATEWAY}`) ? text.slice(0, -HOST_GATEWAY.length) + address : text,
  );
  return { ...request, addHosts };
}
