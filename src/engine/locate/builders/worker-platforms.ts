/** What platforms an engine says it builds for. */
import { control } from "../../../protocol/methods.ts";
import type { Address } from "../../../transport/address.ts";
import { Channel } from "../../../transport/channel.ts";

const DEADLINE_MS = 10_000;

/**
 * Of all its workers, e.g. ["linux/amd64", "linux/386"].
 * @throws {BktuiError} "engine-unreachable", "engine", "cancelled".
 */
export async function workerPlatforms(
  address: Address,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  await using channel = await Channel.open(address, { signal });
  const { record } = await channel.unary(control.listWorkers, {}, { signal, deadlineMs: DEADLINE_MS });
  return (record ?? []).flatMap(({ platforms }) =>
    (platforms ?? []).map((platform) =>
      [platform.OS, platform.Architecture, platform.Variant].filter((part) => (part ?? "") !== "").join("/"),
    ),
  );
}
