import type { moby } from "#proto";

/** Capability ids of BuildKit's two registries, as `Ping` gives them. The port's names are the engine adapter's. */
export interface EngineCapabilities {
  /** Of the gateway API, e.g. "gateway.exec.signals". */
  readonly gateway: ReadonlySet<string>;
  /** Of LLB ops, e.g. "exec.validexitcode". */
  readonly llb: ReadonlySet<string>;
}

/**
 * Ids that decide what bktui offers, with the first BuildKit that has them; checked against dockerd 20.10 (0.8),
 * dockerd 28.5 (0.25) and BuildKit 0.32.
 */
export const gatewayCapability = {
  /** 0.8 */
  exec: "gateway.exec",
  /** 0.10 */
  execSignals: "gateway.exec.signals",
  /** 0.10 */
  execExtraHosts: "gateway.exec.extrahosts",
  /** 0.12 */
  execSecretEnv: "gateway.exec.secretenv",
  /** 0.27 */
  execFilesystem: "gateway.exec.filesystem",
  /** 0.11 */
  evaluate: "gateway.evaluate",
} as const;

/** Capabilities that the engine has and has not switched off. */
export function capabilitiesOf(pong: moby.buildkit.v1.frontend.PongResponse.$Shape): EngineCapabilities {
  return { gateway: enabled(pong.FrontendAPICaps), llb: enabled(pong.LLBCaps) };
}

function enabled(
  caps: readonly moby.buildkit.v1.apicaps.APICap.$Shape[] | null | undefined,
): ReadonlySet<string> {
  return new Set((caps ?? []).flatMap((cap) => (cap.Enabled && cap.ID ? [cap.ID] : [])));
}
