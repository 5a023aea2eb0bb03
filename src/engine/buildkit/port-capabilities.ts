/** BuildKit's capability ids -> what the port speaks of. */
import type { moby } from "#proto";
import type { Capability } from "../engine.ts";

const BY_ID: ReadonlyMap<string, Capability> = new Map([
  ["gateway.exec", "exec"],
  ["gateway.exec.signals", "exec.signals"],
  ["gateway.exec.secretenv", "exec.secretenv"],
  ["gateway.exec.extrahosts", "exec.extrahosts"],
  ["gateway.exec.filesystem", "exec.filesystem"],
  ["gateway.evaluate", "evaluate"],
]);

/**
 * Typed errors have no id of their own. They came between 0.8 (dockerd 20.10: none) and 0.10 in the daemon's gRPC
 * server, together with the exec signals (dockerd 28.5 and buildkitd 0.32: both), so that id stands for them.
 */
export function portCapabilities(
  pong: moby.buildkit.v1.frontend.PongResponse.$Shape,
): ReadonlySet<Capability> {
  const capabilities = new Set<Capability>();
  for (const cap of pong.FrontendAPICaps ?? []) {
    const known = cap.Enabled === true ? BY_ID.get(cap.ID ?? "") : undefined;
    if (known !== undefined) capabilities.add(known);
  }
  if (capabilities.has("exec.signals")) capabilities.add("typed-errors");
  return capabilities;
}

/** As Go names them, e.g. "amd64", also those that are emulated; empty when the engine names none. */
export function architecturesOf(pong: moby.buildkit.v1.frontend.PongResponse.$Shape): readonly string[] {
  const platforms = (pong.Workers ?? []).flatMap((worker) => worker.platforms ?? []);
  return [...new Set(platforms.flatMap(({ Architecture }) => Architecture || []))];
}

/** Of definitions, e.g. "exec.validexitcode". */
export function hasLlbCapability(pong: moby.buildkit.v1.frontend.PongResponse.$Shape, id: string): boolean {
  return (pong.LLBCaps ?? []).some(({ ID, Enabled }) => ID === id && Enabled === true);
}
