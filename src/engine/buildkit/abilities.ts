/** What an engine can and cannot do for a debugger, in words, as it says itself. */
import type { Address } from "../../transport/address.ts";
import { Channel } from "../../transport/channel.ts";
import type { Capability } from "../engine.ts";
import { GatewayBuild } from "./gateway-build.ts";
import { portCapabilities } from "./port-capabilities.ts";

const WORDS: readonly (readonly [Capability, string])[] = [
  ["exec", "shells in stopped steps"],
  ["typed-errors", "keeps what a failed step left behind (FAILED)"],
  ["exec.extrahosts", "the step's hostname and extra hosts in shells"],
  ["exec.secretenv", "secrets as environment variables in shells"],
  ["exec.signals", "signals to processes in shells"],
];

/**
 * Opens an empty build on the engine, asks for its capabilities and ends it; runs nothing.
 * @throws {BktuiError} "engine-unreachable", "engine", "cancelled".
 */
export async function askAbilities(
  address: Address,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly { readonly what: string; readonly can: boolean }[]> {
  await using channel = await Channel.open(address, { signal });
  await using build = new GatewayBuild(channel, {
    session: "",
    entitlements: [],
    exporters: [],
    internal: true,
    onStatus: () => undefined,
  });
  const capabilities = portCapabilities(await build.ping({ signal }));
  return WORDS.map(([capability, what]) => ({ what, can: capabilities.has(capability) }));
}
