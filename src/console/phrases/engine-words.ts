/** An engine and its contact with bktui in words that all front ends share. */
import { visibleLine } from "../../base/visible.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { EngineInfo } from "../../engine/engine.ts";

/** "dockerd 28.5", "buildkitd v0.32", "record". */
export function engineName({ kind, version, isRecord }: EngineInfo): string {
  if (isRecord === true) return "record";
  const short = version?.match(/^v?\d+\.\d+/)?.[0];
  return short === undefined ? kind : `${kind} ${short}`;
}

/** E.g. "dockerd 28.5.2 (DOCKER_HOST: unix:///run/docker.sock)", harmless. */
export function engineInWords({ engine }: Pick<Debugger, "engine">): string {
  const { kind, version, origin, address, isRecord } = engine;
  if (isRecord === true) return `the record ${visibleLine(address)}, without an engine`;
  return `${kind} ${visibleLine(version ?? "of unknown version")} (${origin}: ${visibleLine(address)})`;
}
