/** Docker's client for the endpoint of a node. */
import { type DockerEndpoint, findContext } from "../../docker/contexts.ts";
import type { Environment } from "../../docker/files.ts";
import { type Command, differences } from "../programs.ts";

/** The endpoint is one of docker's contexts, or a host; of a host nothing else counts than its name (buildx 0.37). */
export async function dockerCommand(endpoint: string, env: Environment): Promise<Command> {
  const own = differences(env);
  const isContext = (await findContext(endpoint, env)) !== undefined;
  if (isContext) return { program: "docker", args: ["--context", endpoint], env: own };
  const off = { DOCKER_TLS: "", DOCKER_TLS_VERIFY: "", DOCKER_CONTEXT: "", DOCKER_HOST: "" };
  return { program: "docker", args: ["--host", endpoint], env: { ...own, ...off } };
}

/** The same endpoint by its host. */
export async function dockerEndpointOf(endpoint: string, env: Environment): Promise<DockerEndpoint> {
  return (await findContext(endpoint, env)) ?? { host: endpoint, tls: undefined };
}
