import type { TestEngine } from "./test-engine.ts";

/** The environment by which bktui and docker find an engine; undefined = none is named. */
export function engineVariables(engine: TestEngine | undefined): Readonly<Record<string, string>> {
  if (engine === undefined) return {};
  return engine.kind === "dockerd"
    ? { DOCKER_HOST: engine.dockerHost }
    : { BUILDKIT_HOST: engine.dockerHost };
}
