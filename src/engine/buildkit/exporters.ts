/** Which exporter makes the requested output on this engine. */
import { BktuiError } from "../../base/errors.ts";
import type { BuildRequest, EngineInfo } from "../engine.ts";

export interface Exporter {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * `-t` or `--load` on a dockerd put the image into its store through the "moby" exporter (checked on dockerd
 * 20.10 and 28.5, both stores). Undefined when no output was asked for.
 * @throws {BktuiError} "unsupported" for `--load` where there is no docker store.
 */
export function exporterFor(request: BuildRequest, engine: EngineInfo): Exporter | undefined {
  if (!request.load && request.tags.length === 0) return undefined;
  if (engine.kind === "dockerd") {
    return { type: "moby", attributes: request.tags.length > 0 ? { name: request.tags.join(",") } : {} };
  }
  if (!request.load) return undefined;
  throw new BktuiError(
    "unsupported",
    `--load needs a docker image store; ${engine.address} is a plain buildkitd`,
    {
      hint: "leave --load out, or choose a dockerd with --addr or DOCKER_HOST",
    },
  );
}
