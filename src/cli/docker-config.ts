/** `--config` of docker: a directory in the place of ~/.docker. */
import { stat } from "node:fs/promises";
import type { DebugOptions } from "./debug-options.ts";
import type { FrontEnds } from "./front-ends.ts";

/** `--config` is docker's directory of configuration, or a file of ours. */
export async function withDockerConfig(options: DebugOptions, frontEnds: FrontEnds): Promise<DebugOptions> {
  const { configFile } = options;
  if (configFile === undefined || !(await isDirectory(configFile))) return options;
  frontEnds.setDocker({ DOCKER_CONFIG: configFile });
  return { ...options, configFile: undefined };
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
