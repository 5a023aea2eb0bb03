import { randomUUID } from "node:crypto";
import { bridge, buildRef, control } from "../../src/protocol/methods.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { Channel } from "../../src/transport/channel.ts";
import type { TestEngine } from "./test-engine.ts";

const known = new Map<string, Promise<ReadonlySet<string>>>();

/** Ids of what an engine's LLB and gateway can do, as it says itself; asked once. */
export function capabilitiesOf(engine: TestEngine): Promise<ReadonlySet<string>> {
  const ids = known.get(engine.dockerHost) ?? ask(engine);
  known.set(engine.dockerHost, ids);
  return ids;
}

async function ask({ dockerHost, kind }: TestEngine): Promise<ReadonlySet<string>> {
  const build = new AbortController();
  await using channel = await Channel.open(parseAddress(dockerHost, kind), { signal: build.signal });
  const ref = randomUUID();
  const ended = channel.unary(control.solve, { Ref: ref, Frontend: "", Cache: {} }, { signal: build.signal });
  try {
    const { FrontendAPICaps, LLBCaps } = await channel.unary(bridge.ping, {}, { metadata: buildRef(ref) });
    const capabilities = [...(FrontendAPICaps ?? []), ...(LLBCaps ?? [])];
    return new Set(capabilities.flatMap(({ ID, Enabled }) => (Enabled === true && ID ? [ID] : [])));
  } finally {
    build.abort();
    // It was only there to be asked about.
    await ended.catch(() => undefined);
  }
}
